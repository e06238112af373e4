/// Keys as kitty's keyboard protocol reports them, and xterm's sequences with modifiers:
///
///     CSI code[:…] ; modifiers[:event] [; text] u
///     CSI number ; modifiers[:event] ~
///     CSI 1 ; modifiers[:event] A
///
/// Modifiers are one more than a sum of bits, events are 1 press, 2 repeat, 3 release
/// (https://sw.kovidgoyal.net/kitty/keyboard-protocol/).
enum KeyReport: Equatable {
    case pressed(Key)
    case released(Key)
    /// A key that means nothing here, as with Super held: its letters must not act.
    case nothing
    /// A plain sequence, which terminfo knows.
    case notOne

    private static let (shift, alt, control, locks) = (1, 2, 4, 64 + 128)

    static func read(_ bytes: [UInt8]) -> KeyReport {
        guard bytes.count >= 3, bytes[1] == UInt8(ascii: "["), let final = bytes.last else { return .notOne }
        let isCode = final == UInt8(ascii: "u")
        let fields = String(decoding: bytes.dropFirst(2).dropLast(), as: UTF8.self)
            .split(separator: ";", omittingEmptySubsequences: false)
            .map { $0.split(separator: ":", omittingEmptySubsequences: false).map { Int($0) } }
        guard isCode || fields.count > 1 else { return .notOne }
        let code = fields.first?.first.flatMap { $0 } ?? 1
        let second = fields.count > 1 ? fields[1] : []
        let modifiers = (second.first.flatMap { $0 } ?? 1) - 1
        let event = second.count > 1 ? second[1] ?? 1 : 1
        guard (0..<256).contains(modifiers), (1...3).contains(event) else { return .nothing }
        guard let plain = isCode ? coded(code) : final == UInt8(ascii: "~") ? numbered(code) : lettered(final) else { return .nothing }
        guard let key = with(modifiers & ~locks, plain) else { return .nothing }
        return event == 3 ? .released(key) : .pressed(key)
    }

    private static func with(_ modifiers: Int, _ key: Key) -> Key? {
        switch (key, modifiers) {
        case (_, 0): return key
        case (.tab, shift): return .backTab
        case (.enter, shift), (.backspace, shift): return key
        case (.character(let scalar), shift):
            // The layout's shifted character comes as text; this is for terminals that report it like this all the same.
            return scalar.properties.uppercaseMapping.unicodeScalars.first.map { .character($0) }
        case (.character(let scalar), control): return .control(scalar)
        case (.character(let scalar), alt), (.character(let scalar), alt + shift): return .alt(scalar)
        default: return nil
        }
    }

    private static func coded(_ code: Int) -> Key? {
        switch code {
        case 9: return .tab
        case 13, 57414: return .enter
        case 27: return .escape
        case 127, 8: return .backspace
        // The number pad.
        case 57399...57408: return Unicode.Scalar(UInt32(code - 57399 + 0x30)).map { .character($0) }
        case 57409...57413: return .character([".", "/", "*", "-", "+"][code - 57409])
        case 57415: return .character("=")
        case 57417...57426:
            return [.left, .right, .up, .down, .pageUp, .pageDown, .home, .end, .insert, .delete][code - 57417]
        case 0x20...0x7e, 0xa0..<0xd800: return Unicode.Scalar(UInt32(code)).map { .character($0) }
        default: return nil  // modifiers and media keys are in the private area
        }
    }

    private static func numbered(_ number: Int) -> Key? {
        switch number {
        case 1, 7: .home
        case 2: .insert
        case 3: .delete
        case 4, 8: .end
        case 5: .pageUp
        case 6: .pageDown
        default: nil
        }
    }

    private static func lettered(_ final: UInt8) -> Key? {
        switch final {
        case UInt8(ascii: "A"): .up
        case UInt8(ascii: "B"): .down
        case UInt8(ascii: "C"): .right
        case UInt8(ascii: "D"): .left
        case UInt8(ascii: "H"): .home
        case UInt8(ascii: "F"): .end
        default: nil
        }
    }
}
