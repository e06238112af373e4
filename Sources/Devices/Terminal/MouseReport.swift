/// Mouse reports in SGR encoding (xterm's mode 1006): `CSI < button ; column ; row M`, `m` for a release.
enum MouseReport {
    /// Nil: not the left button nor the wheel, with a key held, or not well-formed.
    static func event(_ bytes: [UInt8]) -> MouseEvent? {
        let fields = String(decoding: bytes.dropFirst(3).dropLast(), as: UTF8.self).split(separator: ";", omittingEmptySubsequences: false)
        guard fields.count == 3, let button = Int(fields[0]), let column = Int(fields[1]), let row = Int(fields[2]),
            (1...10_000).contains(column), (1...10_000).contains(row)
        else { return nil }
        let isRelease = bytes.last == UInt8(ascii: "m")
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
