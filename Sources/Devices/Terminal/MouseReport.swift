/// Mouse reports in SGR encoding (xterm's mode 1006): `CSI < button ; column ; row M`, `m` for a release. Terminals without that mode
/// (rxvt, GNU screen before 4.7) send X10's: `CSI M` and three bytes, each a number and 32, with button 3 for a release.
enum MouseReport {
    /// Nil: not the left button nor the wheel, with a key held, or not well-formed.
    static func event(_ bytes: [UInt8]) -> MouseEvent? {
        if bytes.count == 6, bytes[2] == UInt8(ascii: "M") { return legacyEvent(bytes) }
        let fields = String(decoding: bytes.dropFirst(3).dropLast(), as: UTF8.self).split(separator: ";", omittingEmptySubsequences: false)
        guard fields.count == 3, let button = Int(fields[0]), let column = Int(fields[1]), let row = Int(fields[2]),
            (1...10_000).contains(column), (1...10_000).contains(row)
        else { return nil }
        return event(button, isRelease: bytes.last == UInt8(ascii: "m"), column: column, row: row)
    }

    private static func legacyEvent(_ bytes: [UInt8]) -> MouseEvent? {
        let numbers = bytes[3...].map { Int($0) - 32 }
        let (button, column, row) = (numbers[0], numbers[1], numbers[2])
        guard column > 0, row > 0 else { return nil }  // beyond what a byte can tell
        return event(button == 3 ? 0 : button, isRelease: button == 3, column: column, row: row)
    }

    private static func event(_ button: Int, isRelease: Bool, column: Int, row: Int) -> MouseEvent? {
        let kind: MouseEvent.Kind
        switch button {
        case 0: kind = isRelease ? .release : .press
        case 64 where !isRelease: kind = .wheelUp
        case 65 where !isRelease: kind = .wheelDown
        default: return nil
        }
        return MouseEvent(column: column - 1, row: row - 1, kind: kind)
    }
}
