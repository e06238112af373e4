import CellGraphics
import Terminal

/// A text that is for one place alone: printing, logging or dumping what holds it shows nothing of it.
public struct HiddenText: Equatable, Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var text: String

    public init(_ text: String = "") { self.text = text }

    public var description: String { "(hidden)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// The line that asks for a channel's password. What is typed is counted, never shown.
public struct PasswordPrompt: Equatable, Sendable {
    /// In characters.
    static let longest = 256

    public internal(set) var channel: String
    /// Why it asks again; empty the first time.
    public internal(set) var notice = ""
    var typed = HiddenText()

    /// One dot a character.
    var mask: String { String(repeating: "•", count: typed.text.unicodeScalars.count) }

    enum Outcome { case typing, cancelled, done(HiddenText) }

    mutating func press(_ key: Key) -> Outcome {
        switch key {
        case .character(let scalar):
            guard typed.text.unicodeScalars.count < Self.longest, scalar.properties.generalCategory != .control else { break }
            typed.text.unicodeScalars.append(scalar)
            notice = ""
        case .backspace: if !typed.text.isEmpty { typed.text.unicodeScalars.removeLast() }
        case .control("u"): typed.text = ""
        case .escape: return .cancelled
        case .enter: if !typed.text.isEmpty { return .done(typed) }
        default: break
        }
        return .typing
    }
}

/// A password that the program was started with: for the channel that was named with it, and to be tried where one is asked for. It never
/// locks another channel that this side opens.
struct GivenPassword: Equatable, Sendable {
    var password: HiddenText
    /// Nil: none was named.
    var channel: String?
    /// Channels that have another one; they ask.
    var refusing: Set<String> = []
    /// The last join went out with it.
    var isTried = false
}

extension LobbyModel {
    /// What to join a channel with that nobody has typed a password for; nil: nothing.
    mutating func offer(to channel: String) -> HiddenText? {
        guard let given else { return nil }
        let isWanted = given.channel == channel || channels.contains { $0.name == channel && $0.isLocked }
        let isOffered = isWanted && !given.refusing.contains(channel)
        self.given?.isTried = isOffered
        return isOffered ? given.password : nil
    }

    /// True: the password that was refused was the given one, which is not tried there again.
    mutating func withdrawOffer(to channel: String) -> Bool {
        guard let given, given.isTried else { return false }
        self.given?.isTried = false
        self.given?.refusing.insert(channel)
        return given.channel != channel
    }
}

extension ChatModel {
    /// - Parameters:
    ///   - password: that the program was started with; nil: none.
    ///   - channel: that it was started with.
    public mutating func give(password: String?, for channel: String?) {
        lobby.given = password.map { GivenPassword(password: HiddenText($0), channel: channel) }
    }

    /// For a join that no key of the lobby asked for.
    public mutating func passwordToOffer(to channel: String) -> HiddenText? { lobby.offer(to: channel) }
}
