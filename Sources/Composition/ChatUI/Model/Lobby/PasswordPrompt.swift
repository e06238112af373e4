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
