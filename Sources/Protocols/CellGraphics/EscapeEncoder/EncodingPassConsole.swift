extension EncodingPass {
    /// A picture cell on Linux's console, where a foreground has sixteen colours and a background eight: the half that gains more by a bright one
    /// is the foreground, or both are, as a full block. What is shown stays while it serves.
    mutating func drawConsoleHalf(
        _ target: CellPointers, _ shown: MutableCellPointers, _ index: Int, _ row: Int, _ palette: PaletteView, _ writer: inout EscapeWriter
    ) {
        let column = index &- row &* columns
        let (upper, lower) = (target.foregrounds[index], target.backgrounds[index])
        let (top, bottom) = consolePair(
            dither.applied(to: upper, x: column, y: 2 &* row), dither.applied(to: lower, x: column, y: 2 &* row &+ 1), palette)
        let former = shown.entries[index]
        let isKept =
            shown.glyphs[index] == GlyphWord.halfBlock && palette.serves(EntryPair.first(former), for: top.color, margin: changeMargin)
            && palette.serves(EntryPair.second(former), for: bottom.color, margin: changeMargin)
        let pair = EntryPair.pack(top.entry, bottom.entry)
        guard !isKept, shown.glyphs[index] != GlyphWord.halfBlock || former != pair else {
            return shown.set(index, GlyphWord.halfBlock, upper, lower)
        }
        move(to: row, column, &writer)
        cursorColumn &+= 1
        if pen.attributes != 0 { clearAttributes(&writer) }
        if top.entry == bottom.entry, top.entry < 8 {
            setColors(nil, top.entry, &writer)
            writer.byte(UInt8(ascii: " "))
        } else if top.entry == bottom.entry {
            setColors(top.entry, pen.background, &writer)
            writer.utf8(BlockGlyph.full)
        } else if bottom.entry > 7 || top.entry < 8 && (top.entry == pen.background || bottom.entry == pen.foreground) {
            setColors(bottom.entry, top.entry, &writer)
            writer.word(0x8496e2, count: 3)
        } else {
            setColors(top.entry, bottom.entry, &writer)
            writer.word(0x8096e2, count: 3)
        }
        shown.set(index, GlyphWord.halfBlock, upper, lower)
        shown.entries[index] = pair
    }

    /// An entry, and the colour that it stands for, as the table of what there was to choose from knows it.
    private typealias Choice = (entry: UInt32, color: PaletteView.Color)

    /// The entries for two halves that a cell can show together.
    private func consolePair(_ upper: UInt32, _ lower: UInt32, _ palette: PaletteView) -> (top: Choice, bottom: Choice) {
        let (a, b) = (palette.color(upper), palette.color(lower))
        let (dullA, dullB) = (palette.background(upper), palette.background(lower))
        var best: (top: Choice, bottom: Choice) = ((a.nearest, a), (dullB.nearest, dullB))
        guard a.nearest > 7 || b.nearest > 7 else { return best }
        var least = palette.squaredDistance(a.nearest, to: a) &+ palette.squaredDistance(dullB.nearest, to: b)
        let swapped = palette.squaredDistance(dullA.nearest, to: a) &+ palette.squaredDistance(b.nearest, to: b)
        if swapped < least { (least, best) = (swapped, ((dullA.nearest, dullA), (b.nearest, b))) }
        let likeUpper = palette.squaredDistance(a.nearest, to: a) &+ palette.squaredDistance(a.nearest, to: b)
        if likeUpper < least { (least, best) = (likeUpper, ((a.nearest, a), (a.nearest, b))) }
        let likeLower = palette.squaredDistance(b.nearest, to: a) &+ palette.squaredDistance(b.nearest, to: b)
        if likeLower < least { best = ((b.nearest, a), (b.nearest, b)) }
        return best
    }
}
