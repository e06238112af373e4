/// The block elements that cut a cell in two colours: which parts of the cell each inks.
///
/// Parts are counted row by row from the upper left: a bit each, lowest first, 2x2 for quadrants and 2x3 for sextants.
enum BlockGlyph {
    static let full: UInt32 = 0x2588
    private static let leftHalf: UInt32 = 0x258c
    private static let rightHalf: UInt32 = 0x2590
    /// U+1FB00: the first of 60 sextants, in the order of their parts, without those that have a code elsewhere.
    private static let firstSextant: UInt32 = 0x1fb00
    private static let lastSextant: UInt32 = 0x1fb3b

    /// - Parameter parts: 0..<16.
    @inline(__always)
    static func quadrant(_ parts: UInt32) -> UInt32 {
        switch parts & 15 {
        case 0: GlyphWord.space
        case 1: 0x2598
        case 2: 0x259d
        case 3: GlyphWord.upperHalf
        case 4: 0x2596
        case 5: leftHalf
        case 6: 0x259e
        case 7: 0x259b
        case 8: 0x2597
        case 9: 0x259a
        case 10: rightHalf
        case 11: 0x259c
        case 12: 0x2584
        case 13: 0x2599
        case 14: 0x259f
        default: full
        }
    }

    /// - Parameter parts: 0..<64.
    @inline(__always)
    static func sextant(_ parts: UInt32) -> UInt32 {
        switch parts & 63 {
        case 0: GlyphWord.space
        case 21: leftHalf
        case 42: rightHalf
        case 63: full
        case let parts: firstSextant &+ parts &- 1 &- (parts > 21 ? 1 : 0) &- (parts > 42 ? 1 : 0)
        }
    }

    /// What a glyph inks in 2x6 parts, which both kinds divide into; nil: it is none of these.
    @inline(__always)
    static func twelfths(_ glyph: UInt32) -> UInt32? {
        if glyph >= firstSextant && glyph <= lastSextant {
            let parts = sextantParts(glyph)
            let upper: UInt32 = parts & 3
            let middle: UInt32 = (parts >> 2 & 3) << 4
            let lower: UInt32 = (parts >> 4) << 8
            return (upper | middle | lower) &* 0b101
        }
        guard let parts = quadrantParts(glyph) else { return nil }
        let upper: UInt32 = parts & 3
        let lower: UInt32 = (parts >> 2) << 6
        return (upper | lower) &* 0b1_0101
    }

    /// The glyph that inks what this one does not; a full block for what is none of these.
    @inline(__always)
    static func complement(_ glyph: UInt32) -> UInt32 {
        if glyph >= firstSextant && glyph <= lastSextant { return sextant(63 &- sextantParts(glyph)) }
        return quadrant(15 &- (quadrantParts(glyph) ?? 0))
    }

    @inline(__always)
    private static func sextantParts(_ glyph: UInt32) -> UInt32 {
        let number = glyph &- firstSextant
        return number &+ 1 &+ (number >= 20 ? 1 : 0) &+ (number >= 40 ? 1 : 0)
    }

    @inline(__always)
    private static func quadrantParts(_ glyph: UInt32) -> UInt32? {
        switch glyph {
        case GlyphWord.space: 0
        case GlyphWord.upperHalf: 3
        case 0x2584: 12
        case full: 15
        case leftHalf: 5
        case rightHalf: 10
        case 0x2596: 4
        case 0x2597: 8
        case 0x2598: 1
        case 0x2599: 13
        case 0x259a: 9
        case 0x259b: 7
        case 0x259c: 11
        case 0x259d: 2
        case 0x259e: 6
        case 0x259f: 14
        default: nil
        }
    }
}
