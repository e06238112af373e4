extension EncodingPass {
    /// A picture cell in quadrants or sextants. It stays as it is where every part of it is near enough to what is shown there, whatever
    /// glyph shows that; else it is drawn with as few colour changes as its glyph, the glyph's complement or a plain cell allow.
    mutating func drawBlocks(
        _ target: CellPointers, _ shown: MutableCellPointers, _ index: Int, _ row: Int, _ palette: PaletteView?,
        _ writer: inout EscapeWriter
    ) {
        let word = target.glyphs[index]
        let glyph = word & GlyphWord.valueMask
        let (ink, paper) = (glyph == GlyphWord.space ? target.backgrounds[index] : target.foregrounds[index], target.backgrounds[index])
        if let palette {
            drawIndexedBlocks(word, glyph, ink, paper, shown, index, row, palette, &writer)
            return
        }
        let inkLanes = ColorDistance.spreadPen(ink)
        let paperLanes = ColorDistance.spreadPen(paper)
        let (shownInk, shownPaper) = (
            ColorDistance.spreadPen(shown.foregrounds[index]), ColorDistance.spreadPen(shown.backgrounds[index])
        )
        let isKept = Self.agrees(glyph, shown.glyphs[index]) { isInk, isShownInk in
            change.isNear(isInk ? inkLanes : paperLanes, isShownInk ? shownInk : shownPaper)
        }
        if isKept { return }
        move(to: row, index &- row &* columns, &writer)
        cursorColumn &+= 1
        if pen.attributes != 0 { clearAttributes(&writer) }
        let inkIsForeground = blockElision.isNear(inkLanes, foregroundLanes)
        let inkIsBackground = blockElision.isNear(inkLanes, backgroundLanes)
        let paperIsForeground = blockElision.isNear(paperLanes, foregroundLanes)
        let paperIsBackground = blockElision.isNear(paperLanes, backgroundLanes)
        var colors = (ink: ink, paper: paper)
        if inkIsBackground && paperIsBackground {
            writer.byte(UInt8(ascii: " "))
            colors = (pen.background, pen.background)
        } else if inkIsForeground && paperIsBackground {
            writer.utf8(glyph)
            colors = (pen.foreground, pen.background)
        } else if inkIsBackground && paperIsForeground {
            writer.utf8(BlockGlyph.complement(glyph))
            colors = (pen.background, pen.foreground)
        } else if inkIsForeground && paperIsForeground {
            writer.utf8(BlockGlyph.full)
            colors = (pen.foreground, pen.foreground)
        } else if blockElision.isNear(inkLanes, paperLanes) {
            let mean = ColorDistance.mean(ink, paper)
            setColors(nil, mean, &writer)
            writer.byte(UInt8(ascii: " "))
            colors = (mean, mean)
        } else if inkIsForeground || paperIsBackground {
            colors = (inkIsForeground ? pen.foreground : ink, paperIsBackground ? pen.background : paper)
            setColors(colors.ink, colors.paper, &writer)
            writer.utf8(glyph)
        } else if paperIsForeground || inkIsBackground {
            colors = (inkIsBackground ? pen.background : ink, paperIsForeground ? pen.foreground : paper)
            setColors(colors.paper, colors.ink, &writer)
            writer.utf8(BlockGlyph.complement(glyph))
        } else {
            writer.bytes("\u{1b}[38;2")
            writer.semicolonRGB(ink)
            writer.bytes(";48;2")
            writer.semicolonRGB(paper)
            writer.byte(UInt8(ascii: "m"))
            writer.utf8(glyph)
            (pen.foreground, pen.background) = (ink, paper)
            (foregroundLanes, backgroundLanes) = (inkLanes, paperLanes)
        }
        shown.set(index, word, colors.ink, colors.paper)
    }

    /// Whether every part of a cell may be shown as it is; `isNear` says so of the parts that are ink or paper in the glyph, and in the
    /// one shown.
    @inline(__always)
    private static func agrees(_ glyph: UInt32, _ shownWord: UInt32, _ isNear: (Bool, Bool) -> Bool) -> Bool {
        guard shownWord & GlyphWord.blocks != 0 || shownWord == GlyphWord.halfBlock, shownWord != GlyphWord.unknown,
            let shown = BlockGlyph.twelfths(shownWord & GlyphWord.valueMask), let parts = BlockGlyph.twelfths(glyph)
        else { return false }
        return (parts & shown == 0 || isNear(true, true)) && (parts & ~shown == 0 || isNear(true, false))
            && (~parts & shown == 0 || isNear(false, true)) && (parts | shown == 0xfff || isNear(false, false))
    }

    private mutating func drawIndexedBlocks(
        _ word: UInt32, _ glyph: UInt32, _ ink: UInt32, _ paper: UInt32, _ shown: MutableCellPointers, _ index: Int, _ row: Int,
        _ palette: PaletteView, _ writer: inout EscapeWriter
    ) {
        let column = index &- row &* columns
        let isPlain = glyph == GlyphWord.space
        // Either may become the background.
        let b = palette.background(dither.applied(to: paper, x: column, y: 2 &* row &+ 1))
        let a = isPlain ? b : palette.background(dither.applied(to: ink, x: column, y: 2 &* row))
        let pair = shown.entries[index]
        let isKept = Self.agrees(glyph, shown.glyphs[index]) { isInk, isShownInk in
            palette.serves(isShownInk ? EntryPair.first(pair) : EntryPair.second(pair), for: isInk ? a : b, margin: changeMargin)
        }
        if isKept {
            // The entries go with the glyph that they were sent for.
            if shown.glyphs[index] == word { shown.set(index, word, ink, paper) }
            return
        }
        move(to: row, column, &writer)
        cursorColumn &+= 1
        if pen.attributes != 0 { clearAttributes(&writer) }
        @inline(__always) func serves(_ entry: UInt32, _ color: PaletteView.Color) -> Bool {
            palette.serves(entry, for: color, margin: elisionMargin)
        }
        var colors = (ink: a.nearest, paper: b.nearest)
        var isSwapped = false
        if serves(pen.background, a) && serves(pen.background, b) {
            colors = (pen.background, pen.background)
        } else if serves(colors.paper, a) {
            colors.ink = colors.paper
        } else if serves(colors.ink, b) {
            colors.paper = colors.ink
        } else {
            let straight = (serves(pen.foreground, a), serves(pen.background, b))
            let swapped = (serves(pen.background, a), serves(pen.foreground, b))
            isSwapped = (swapped.0 ? 1 : 0) + (swapped.1 ? 1 : 0) > (straight.0 ? 1 : 0) + (straight.1 ? 1 : 0)
            if isSwapped {
                colors = (swapped.0 ? pen.background : colors.ink, swapped.1 ? pen.foreground : colors.paper)
            } else {
                colors = (straight.0 ? pen.foreground : colors.ink, straight.1 ? pen.background : colors.paper)
            }
        }
        if colors.ink == colors.paper {
            setColors(nil, colors.paper, &writer)
            writer.byte(UInt8(ascii: " "))
        } else {
            setColors(isSwapped ? colors.paper : colors.ink, isSwapped ? colors.ink : colors.paper, &writer)
            writer.utf8(isSwapped ? BlockGlyph.complement(glyph) : glyph)
        }
        shown.set(index, word, ink, paper)
        shown.entries[index] = EntryPair.pack(colors.ink, colors.paper)
    }
}
