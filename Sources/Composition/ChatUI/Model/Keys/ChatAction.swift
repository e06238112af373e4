/// What a key can be bound to in a call, by the name that `config.toml` calls it.
public enum ChatAction: String, Sendable, CaseIterable {
    case microphone, camera, chat, words, invite, statistics, snapshot, help
    case ownPicture = "own-picture"
    case render, colors, brighter, darker, fit
    case moreContrast = "more-contrast"
    case lessContrast = "less-contrast"
    case showAll = "show-all"
    case pushToTalk = "push-to-talk"
    case leave
}
