import Glibc

/// Lines typed, or piped, into a headless call. A line that is too long, or no command, is told apart; the end of input means nothing.
struct CommandLines {
    enum Command: Equatable {
        case mute, unmute, cameraOff, cameraOn, hangUp, stats
        case unknown(String)
    }

    static let known = "mute, unmute, camera off, camera on, hangup, stats"
    private static let longest = 256

    private var partial: [UInt8] = []
    private var skipsToNewline = false

    /// Takes bytes as they come; gives the commands that are whole.
    mutating func take(_ bytes: some Collection<UInt8>) -> [Command] {
        var commands: [Command] = []
        for byte in bytes {
            if byte != UInt8(ascii: "\n") {
                if partial.count < Self.longest { partial.append(byte) } else { skipsToNewline = true }
                continue
            }
            let text = String(decoding: partial, as: UTF8.self)
            if skipsToNewline {
                commands.append(.unknown(String(text.prefix(20)) + "…"))
            } else if let command = Self.parse(text) {
                commands.append(command)
            }
            partial.removeAll(keepingCapacity: true)
            skipsToNewline = false
        }
        return commands
    }

    /// Nil for an empty line.
    static func parse(_ line: String) -> Command? {
        let words = line.lowercased().split(whereSeparator: \.isWhitespace).joined(separator: " ")
        switch words {
        case "": return nil
        case "mute": return .mute
        case "unmute": return .unmute
        case "camera off": return .cameraOff
        case "camera on": return .cameraOn
        case "hangup": return .hangUp
        case "stats": return .stats
        default: return .unknown(words)
        }
    }
}
