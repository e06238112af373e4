/// Whether two colours differ by at most a threshold in each channel, with all three compared in one word: a channel to each 16-bit lane.
///
/// In a lane, `a + 0x8000 + s - b` has its top bit set exactly when `a - b >= -s`; both directions together say `|a - b| <= s`.
struct ColorDistance {
    static let lanes: UInt64 = 0x8000_8000_8000
    /// Farther from every colour than any threshold: what no known colour is.
    static let nowhere: UInt64 = 0x4000_4000_4000
    private let bias: UInt64

    init(threshold: UInt8) { bias = Self.lanes + UInt64(threshold) * 0x0001_0001_0001 }

    @inline(__always)
    static func spread(_ rgb: UInt32) -> UInt64 {
        let value = UInt64(rgb)
        return value & 0xff | (value & 0xff00) << 8 | (value & 0xff_0000) << 16
    }

    /// The colour the pen has; default and unknown ones are nowhere.
    @inline(__always)
    static func spreadPen(_ packed: UInt32) -> UInt64 { packed > 0xff_ffff ? nowhere : spread(packed) }

    @inline(__always)
    func isNear(_ a: UInt64, _ b: UInt64) -> Bool {
        (a &+ bias &- b) & (b &+ bias &- a) & Self.lanes == Self.lanes
    }

    /// The mean of two packed colours, channel by channel, rounded down.
    @inline(__always)
    static func mean(_ a: UInt32, _ b: UInt32) -> UInt32 { (a & b) &+ ((a ^ b) & 0xfefefe) >> 1 }
}
