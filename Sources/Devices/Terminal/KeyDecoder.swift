import CNcurses
import CellGraphics
import Glibc

/// Turns the input filter's tokens into events, with ncurses reading the keys' sequences.
enum KeyDecoder {
    static func events(_ token: InputFilter.Token) -> [TerminalEvent] {
        switch token {
        case .answer: return []
        case .mouse(let bytes): return MouseReport.event(bytes).map { [.mouse($0)] } ?? []
        case .paste(let bytes):
            // A line end at the end is not meant as one.
            var text = bytes[...]
            while let last = text.last, last == 10 || last == 13 { text = text.dropLast() }
            return [.paste(TerminalText.string(of: TerminalText.clusters(String(decoding: text, as: UTF8.self))))]
        case .sequence(let bytes):
            switch KeyReport.read(bytes) {
            case .pressed(let key): return [.key(key)]
            case .released(let key): return [.keyReleased(key)]
            case .nothing: return []
            case .notOne: return keys(token).map { .key($0) }
            }
        case .escape, .alt, .text: return keys(token).map { .key($0) }
        }
    }

    static func keys(_ token: InputFilter.Token) -> [Key] {
        switch token {
        case .answer, .mouse, .paste: []
        case .escape: [.escape]
        case .alt(let bytes): String(decoding: bytes, as: UTF8.self).unicodeScalars.first.map { [.alt($0)] } ?? []
        case .text(let bytes): text(bytes)
        case .sequence(let bytes): sequence(bytes)
        }
    }

    private static func text(_ bytes: [UInt8]) -> [Key] {
        var keys: [Key] = []
        for start in stride(from: 0, to: bytes.count, by: 4096) {
            for decoded in CursesLibrary.decode(Array(bytes[start..<min(bytes.count, start + 4096)])) {
                switch decoded {
                case .character(let value): if let key = character(value) { keys.append(key) }
                case .code(let code): if let key = named(code) { keys.append(key) }
                }
            }
        }
        return keys
    }

    /// What ncurses does not know as one key is nobody's key: its letters must not act.
    private static func sequence(_ bytes: [UInt8]) -> [Key] {
        if let key = oneKey(bytes) { return [key] }
        // Terminals that stay in, or out of, the cursor keys' application mode.
        guard bytes.count == 3 else { return [] }
        let other = bytes[1] == UInt8(ascii: "[") ? UInt8(ascii: "O") : UInt8(ascii: "[")
        return oneKey([0x1b, other, bytes[2]]).map { [$0] } ?? []
    }

    private static func oneKey(_ bytes: [UInt8]) -> Key? {
        guard case .code(let code)? = CursesLibrary.decode(bytes).first else { return nil }
        return named(code)
    }

    private static func character(_ value: UInt32) -> Key? {
        switch value {
        case 0x0d, 0x0a: .enter
        case 0x09: .tab
        case 0x08, 0x7f: .backspace
        case 0x1b: .escape
        case 0: .control("@")
        case 1...26: Unicode.Scalar(value + 0x60).map { .control($0) }
        case 28...31: Unicode.Scalar(value + 0x40).map { .control($0) }
        case 0x80...0x9f: nil
        default: Unicode.Scalar(value).map { .character($0) }
        }
    }

    private static func named(_ code: Int32) -> Key? {
        switch code {
        case KEY_UP: .up
        case KEY_DOWN: .down
        case KEY_LEFT: .left
        case KEY_RIGHT: .right
        case KEY_HOME: .home
        case KEY_END: .end
        case KEY_PPAGE: .pageUp
        case KEY_NPAGE: .pageDown
        case KEY_BACKSPACE: .backspace
        case KEY_DC: .delete
        case KEY_IC: .insert
        case KEY_ENTER: .enter
        case KEY_BTAB: .backTab
        case (KEY_F0 + 1)...(KEY_F0 + 63): .function(Int(code - KEY_F0))
        default: nil
        }
    }
}
