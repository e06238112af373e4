/// How many colours the terminal is given.
public enum ColorMode: String, Sendable, CaseIterable {
    case truecolor
    case indexed256 = "256"
    case indexed16 = "16"
    case none
}

/// xterm's palette: 16 named colours, a 6x6x6 cube, 24 greys.
enum Palette {
    private static let cubeLevels: [Int32] = [0, 95, 135, 175, 215, 255]
    private static let named: [UInt32] = [
        0x000000, 0xcd0000, 0x00cd00, 0xcdcd00, 0x0000ee, 0xcd00cd, 0x00cdcd, 0xe5e5e5, 0x7f7f7f, 0xff0000, 0x00ff00, 0xffff00, 0x5c5cff,
        0xff00ff, 0x00ffff, 0xffffff,
    ]

    static func rgb(_ index: UInt8) -> UInt32 {
        switch index {
        case 0..<16: return named[Int(index)]
        case 16..<232:
            let i = Int(index) - 16
            return UInt32(cubeLevels[i / 36]) << 16 | UInt32(cubeLevels[i / 6 % 6]) << 8 | UInt32(cubeLevels[i % 6])
        default: return UInt32(8 + 10 * (Int(index) - 232)) * 0x010101
        }
    }

    /// Weighted as the eye does, roughly: green most, blue least.
    static func distance(_ a: UInt32, _ b: UInt32) -> Int32 {
        let r = Int32(a >> 16 & 255) &- Int32(b >> 16 & 255)
        let g = Int32(a >> 8 & 255) &- Int32(b >> 8 & 255)
        let bl = Int32(a & 255) &- Int32(b & 255)
        return 3 &* r &* r &+ 4 &* g &* g &+ 2 &* bl &* bl
    }

    /// The nearest of the cube's and the greys' colours; the named ones are left out, since users change them.
    static func nearest256(_ rgb: UInt32) -> UInt8 {
        @inline(__always) func level(_ value: UInt32) -> UInt32 {
            value < 48 ? 0 : value < 115 ? 1 : (value &- 35) / 40
        }
        let (r, g, b) = (rgb >> 16 & 255, rgb >> 8 & 255, rgb & 255)
        let cube = UInt8(truncatingIfNeeded: 16 &+ 36 &* level(r) &+ 6 &* level(g) &+ level(b))
        let mean = (3 &* r &+ 4 &* g &+ 2 &* b) / 9
        let grey = UInt8(truncatingIfNeeded: 232 &+ min(23, (max(mean, 3) &- 3) / 10))
        return distance(Self.rgb(grey), rgb) < distance(Self.rgb(cube), rgb) ? grey : cube
    }

    static func nearest16(_ rgb: UInt32) -> UInt8 {
        var best: UInt8 = 0
        var least = Int32.max
        for (index, color) in named.enumerated() {
            let d = distance(color, rgb)
            if d < least { (least, best) = (d, UInt8(index)) }
        }
        return best
    }

    /// Nearest palette entries by the upper five bits of each channel: 32768 entries, made once.
    static let table256: [UInt8] = table(nearest256)
    static let table16: [UInt8] = table(nearest16)

    private static func table(_ nearest: (UInt32) -> UInt8) -> [UInt8] {
        (0..<32768).map { (key: UInt32) in
            func widen(_ five: UInt32) -> UInt32 { five << 3 | five >> 2 }
            let red: UInt32 = widen(key >> 10) << 16
            let green: UInt32 = widen(key >> 5 & 31) << 8
            return nearest(red | green | widen(key & 31))
        }
    }

    @inline(__always)
    static func key(_ rgb: UInt32) -> Int {
        let red: UInt32 = rgb >> 9 & 0x7c00
        let green: UInt32 = rgb >> 6 & 0x3e0
        let blue: UInt32 = rgb >> 3 & 0x1f
        return Int(red | green | blue)
    }
}
