import CallSession
import Glibc

/// Lines typed, or piped, into a headless call. A line that is too long, or no command, is told apart; the end of input means nothing.
struct CommandLines {
    enum Command: Equatable {
        case mute, unmute, cameraOff, cameraOn, hangUp, stats
        /// A line for the text chat, as it was typed.
        case say(String)
        /// Looks for a path anew (ICE restart).
        case restart
        /// A terminal of so many columns and rows is to be pretended.
        case screen(ScreenChoice)
        case unknown(String)
    }

    static let known = "mute, unmute, camera off, camera on, hangup, stats, say TEXT, restart, screen COLUMNSxROWS"
    private var lines = InputLines()

    /// Takes bytes as they come; gives the commands that are whole.
    mutating func take(_ bytes: some Collection<UInt8>) -> [Command] {
        lines.take(bytes).compactMap { line in
            switch line {
            case .whole(let text): Self.parse(text)
            case .tooLong(let start): .unknown(start + "…")
            }
        }
    }

    /// Nil for an empty line.
    static func parse(_ line: String) -> Command? {
        let trimmed = line.drop(while: \.isWhitespace)
        if trimmed.lowercased().hasPrefix("say "), let text = said(trimmed.dropFirst(4)) { return .say(text) }
        let words = line.lowercased().split(whereSeparator: \.isWhitespace).joined(separator: " ")
        switch words {
        case "": return nil
        case "mute": return .mute
        case "unmute": return .unmute
        case "camera off": return .cameraOff
        case "camera on": return .cameraOn
        case "hangup": return .hangUp
        case "stats": return .stats
        case "restart": return .restart
        default:
            if words.hasPrefix("screen "), let choice = ScreenChoice(String(words.dropFirst(7))) { return .screen(choice) }
            return .unknown(words)
        }
    }

    private static func said(_ text: Substring) -> String? {
        guard let last = text.lastIndex(where: { !$0.isWhitespace }) else { return nil }
        return String(text[...last])
    }
}
