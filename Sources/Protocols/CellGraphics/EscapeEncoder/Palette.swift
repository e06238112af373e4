/// xterm's palette: 16 named colours, a 6x6x6 cube, 24 greys.
enum Palette {
    static let cubeLevels: [UInt32] = [0, 95, 135, 175, 215, 255]
    private static let named: [UInt32] = [
        0x000000, 0xcd0000, 0x00cd00, 0xcdcd00, 0x0000ee, 0xcd00cd, 0x00cdcd, 0xe5e5e5, 0x7f7f7f, 0xff0000, 0x00ff00, 0xffff00, 0x5c5cff,
        0xff00ff, 0x00ffff, 0xffffff,
    ]

    static func rgb(_ index: UInt8) -> UInt32 {
        switch index {
        case 0..<16: return named[Int(index)]
        case 16..<232:
            let i = Int(index) - 16
            return cubeLevels[i / 36] << 16 | cubeLevels[i / 6 % 6] << 8 | cubeLevels[i % 6]
        default: return UInt32(8 + 10 * (Int(index) - 232)) * 0x010101
        }
    }

    /// Weighted as the eye does, roughly: green most, blue least. Quick; `OKLab` is nearer to the truth.
    static func distance(_ a: UInt32, _ b: UInt32) -> Int32 {
        let r = Int32(a >> 16 & 255) &- Int32(b >> 16 & 255)
        let g = Int32(a >> 8 & 255) &- Int32(b >> 8 & 255)
        let bl = Int32(a & 255) &- Int32(b & 255)
        return 3 &* r &* r &+ 4 &* g &* g &+ 2 &* bl &* bl
    }

    /// Colours are looked up by the upper five bits of each channel: 0..<32768.
    @inline(__always)
    static func key(_ rgb: UInt32) -> Int {
        let red: UInt32 = rgb >> 9 & 0x7c00
        let green: UInt32 = rgb >> 6 & 0x3e0
        let blue: UInt32 = rgb >> 3 & 0x1f
        return Int(red | green | blue)
    }

    /// The colour that stands for all of a key.
    static func rgb(key: UInt32) -> UInt32 {
        func widen(_ five: UInt32) -> UInt32 { five << 3 | five >> 2 }
        let red: UInt32 = widen(key >> 10 & 31) << 16
        let green: UInt32 = widen(key >> 5 & 31) << 8
        return red | green | widen(key & 31)
    }
}
