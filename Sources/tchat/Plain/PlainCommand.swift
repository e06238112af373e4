import ChatUI

/// A typed line: a command behind a slash, else text for the others. Commands are the keys of a call, or words.
enum PlainCommand: Equatable {
    case nothing
    case say(String)
    case join(String)
    /// That one of the list.
    case number(Int)
    case action(ChatAction)
    /// Every number there is.
    case allStatistics
    case list, people, help, quit
    /// The words are the same; of whom, by number.
    case confirm(Int?)
    case unknown(String)

    init(_ line: String, keys: KeyMap) {
        let line = line.trimmingASCIIWhitespace()
        guard line.hasPrefix("/") else {
            self = line.isEmpty ? .nothing : .say(line)
            return
        }
        // Two slashes are one that is meant.
        if line.hasPrefix("//") {
            self = .say(String(line.dropFirst()))
            return
        }
        let word = line.dropFirst().prefix { $0 != " " && $0 != "\t" }
        let rest = String(line.dropFirst(1 + word.count)).trimmingASCIIWhitespace()
        self = Self.command(String(word), rest, keys) ?? .unknown("/" + word)
    }

    private static func command(_ word: String, _ rest: String, _ keys: KeyMap) -> PlainCommand? {
        switch word.lowercased() {
        case "join": return rest.isEmpty ? nil : .join(rest)
        case "say": return rest.isEmpty ? nil : .say(rest)
        case "list": return .list
        case "people": return .people
        case "quit": return .quit
        case "y", "yes": if word.count > 1 || keys["y"] == nil { return rest.isEmpty ? .confirm(nil) : Int(rest).map { .confirm($0) } }
        default: break
        }
        if let number = Int(word), number > 0 { return .number(number) }
        let scalars = word.unicodeScalars
        let key = scalars.count == 1 ? scalars.first.flatMap { keys[$0] } : nil
        switch key ?? ChatAction(rawValue: word.lowercased()) {
        case .help: return .help
        case .statistics where rest == "all": return .allStatistics
        case .chat: return rest.isEmpty ? nil : .say(rest)
        case let action?: return .action(action)
        case nil: return nil
        }
    }
}
