/// What a pen holds in the indexed modes: an entry of the palette, or this.
enum PenColor {
    static let standard: UInt32 = 256
}

/// Two entries in one word, as what is shown remembers them: the foreground's, or upper half's, in the upper one.
enum EntryPair {
    /// Neither serves any colour.
    static let unknown: UInt32 = .max
    @inline(__always) static func pack(_ first: UInt32, _ second: UInt32) -> UInt32 { first << 16 | second & 0xffff }
    @inline(__always) static func first(_ pair: UInt32) -> UInt32 { pair >> 16 }
    @inline(__always) static func second(_ pair: UInt32) -> UInt32 { pair & 0xffff }
}

extension EncodingPass {
    /// A picture cell from the palette. An entry that is shown stays while it still serves, so that noise at the border between two costs
    /// nothing; where one has to be sent, whatever of the pen's colours, swapped halves and plain cells serves within the threshold is taken.
    mutating func drawIndexedHalf(
        _ target: CellPointers, _ shown: MutableCellPointers, _ index: Int, _ row: Int, _ palette: PaletteView, _ writer: inout EscapeWriter
    ) {
        let column = index &- row &* columns
        let (upper, lower) = (target.foregrounds[index], target.backgrounds[index])
        let a = palette.color(dither.applied(to: upper, x: column, y: 2 &* row))
        let b = palette.color(dither.applied(to: lower, x: column, y: 2 &* row &+ 1))
        if shown.glyphs[index] == GlyphWord.halfBlock {
            let pair = shown.entries[index]
            if palette.serves(EntryPair.first(pair), for: a, margin: changeMargin),
                palette.serves(EntryPair.second(pair), for: b, margin: changeMargin)
            {
                shown.set(index, GlyphWord.halfBlock, upper, lower)
                return
            }
        }
        move(to: row, column, &writer)
        cursorColumn &+= 1
        if pen.attributes != 0 { clearAttributes(&writer) }
        let margin = elisionMargin
        let upperIsForeground = palette.serves(pen.foreground, for: a, margin: margin)
        let upperIsBackground = palette.serves(pen.background, for: a, margin: margin)
        let lowerIsForeground = palette.serves(pen.foreground, for: b, margin: margin)
        let lowerIsBackground = palette.serves(pen.background, for: b, margin: margin)
        var (top, bottom) = (a.nearest, b.nearest)
        if upperIsBackground && lowerIsBackground {
            (top, bottom) = (pen.background, pen.background)
        } else if upperIsForeground && lowerIsBackground {
            (top, bottom) = (pen.foreground, pen.background)
        } else if upperIsBackground && lowerIsForeground {
            (top, bottom) = (pen.background, pen.foreground)
        } else if palette.serves(top, for: b, margin: margin) {
            bottom = top
        } else if palette.serves(bottom, for: a, margin: margin) {
            top = bottom
        } else if upperIsForeground {
            top = pen.foreground
        } else if lowerIsBackground {
            bottom = pen.background
        } else if lowerIsForeground {
            bottom = pen.foreground
        } else if upperIsBackground {
            top = pen.background
        }
        if top == bottom {
            setColors(nil, top, &writer)
            writer.byte(UInt8(ascii: " "))
        } else if (top == pen.background || bottom == pen.foreground) && top != pen.foreground && bottom != pen.background {
            setColors(bottom, top, &writer)
            writer.word(0x8496e2, count: 3)
        } else {
            setColors(top, bottom, &writer)
            writer.word(0x8096e2, count: 3)
        }
        shown.set(index, GlyphWord.halfBlock, upper, lower)
        shown.entries[index] = EntryPair.pack(top, bottom)
    }
}
