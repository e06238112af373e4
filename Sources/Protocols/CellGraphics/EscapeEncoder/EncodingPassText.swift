extension EncodingPass {
    /// Text, ASCII pictures, and half blocks where there are no colours; gives the cells it took.
    mutating func drawOther(
        _ target: CellPointers, _ shown: MutableCellPointers, _ index: Int, _ row: Int, _ end: Int, _ clusters: ClusterTable,
        _ palette: PaletteView?, _ writer: inout EscapeWriter
    ) -> Int {
        let word = target.glyphs[index]
        if word == GlyphWord.hole, isClear(shown, index) { return 1 }
        let (foreground, background) = (target.foregrounds[index], target.backgrounds[index])
        let isPicture = word & GlyphWord.picture != 0
        if isPicture, mode != .truecolor, word == shown.glyphs[index], isServed(target, shown, index, palette) {
            shown.set(index, word, foreground, background)
            return 1
        }
        let isWide = word & GlyphWord.wide != 0 && index &+ 1 < end && target.glyphs[index &+ 1] & GlyphWord.continuation != 0
        let isOrphan = word & (GlyphWord.continuation | GlyphWord.wide) != 0 && !isWide
        move(to: row, index &- row &* columns, &writer)
        var glyph = isOrphan ? GlyphWord.space : word & GlyphWord.valueMask
        // Without colours halves and blocks are the background.
        if word == GlyphWord.halfBlock || word & GlyphWord.blocks != 0 || glyph == GlyphWord.unknown & GlyphWord.valueMask {
            glyph = GlyphWord.space
        }
        let attributes = GlyphWord.attributes(word)
        if attributes != pen.attributes { setAttributes(attributes, &writer) }
        let isBlank = glyph == GlyphWord.space && attributes & UInt32(CellAttributes([.reverse, .underline]).rawValue) == 0
        var pair = (color(foreground, palette), color(background, palette, isBackground: true))
        if isPicture, isBlank || isServedByPen(foreground, palette) { pair.0 = pen.foreground }
        setColors(isBlank ? nil : pair.0, pair.1, &writer)
        draw(glyph, clusters, &writer)
        if mode == .truecolor {
            shown.set(index, word, isBlank ? foreground : pair.0, background)
        } else {
            shown.set(index, word, foreground, background)
            shown.entries[index] = EntryPair.pack(pair.0, pair.1)
        }
        if word == GlyphWord.hole { shown.foregrounds[index] = GlyphWord.noPixels }
        cursorColumn &+= isWide ? 2 : 1
        if !Self.isWidthCertain(glyph) { cursorRow = -1 }
        guard isWide else { return 1 }
        shown.set(index &+ 1, target.glyphs[index &+ 1], target.foregrounds[index &+ 1], target.backgrounds[index &+ 1])
        return 2
    }

    /// In the indexed modes, whether a picture cell with the same glyph may stay as it is shown.
    private func isServed(_ target: CellPointers, _ shown: MutableCellPointers, _ index: Int, _ palette: PaletteView?) -> Bool {
        guard let palette else { return true }
        @inline(__always) func serves(_ entry: UInt32, _ packed: UInt32, _ color: PaletteView.Color) -> Bool {
            packed == CellColor.defaultValue ? entry == PenColor.standard : palette.serves(entry, for: color, margin: changeMargin)
        }
        let (foreground, background) = (target.foregrounds[index], target.backgrounds[index])
        let pair = shown.entries[index]
        let isBlank = target.glyphs[index] & GlyphWord.valueMask == GlyphWord.space
        return (isBlank || serves(EntryPair.first(pair), foreground, palette.color(foreground)))
            && serves(EntryPair.second(pair), background, palette.background(background))
    }

    /// Whether the pen's foreground is near enough to a picture cell's.
    private func isServedByPen(_ foreground: UInt32, _ palette: PaletteView?) -> Bool {
        guard foreground != CellColor.defaultValue else { return false }
        if mode == .truecolor { return elision.isNear(ColorDistance.spread(foreground), foregroundLanes) }
        guard let palette else { return false }
        return palette.serves(pen.foreground, for: palette.color(foreground), margin: elisionMargin)
    }

    /// Whether a place for pixels is blank already, or has pixels on it: then nothing is to be written.
    private func isClear(_ shown: MutableCellPointers, _ index: Int) -> Bool {
        let word = shown.glyphs[index]
        if word == GlyphWord.hole { return true }
        guard word == GlyphWord.space, shown.backgrounds[index] == CellColor.defaultValue else { return false }
        shown.set(index, GlyphWord.hole, GlyphWord.noPixels, CellColor.defaultValue)
        return true
    }

    /// Terminals disagree about the width of the rest, so that what follows one of them is addressed anew.
    private static func isWidthCertain(_ glyph: UInt32) -> Bool {
        glyph < 0x300 || (0x2500..<0x2600).contains(glyph) || (0x3001..<0xa000).contains(glyph) || (0xac00..<0xd7a4).contains(glyph)
    }

    /// The colour as the pen counts it in this mode.
    @inline(__always)
    private func color(_ packed: UInt32, _ palette: PaletteView?, isBackground: Bool = false) -> UInt32 {
        if mode == .truecolor { return packed }
        guard packed != CellColor.defaultValue, let palette else { return PenColor.standard }
        return isBackground ? palette.background(packed).nearest : palette.color(packed).nearest
    }

    private func draw(_ glyph: UInt32, _ clusters: ClusterTable, _ writer: inout EscapeWriter) {
        if glyph < GlyphWord.firstCluster {
            writer.utf8(glyph)
        } else {
            let number = Int(glyph &- GlyphWord.firstCluster)
            if clusters.utf8.indices.contains(number) { writer.bytes(clusters.utf8[number]) } else { writer.byte(UInt8(ascii: " ")) }
        }
    }

    private mutating func setAttributes(_ attributes: UInt32, _ writer: inout EscapeWriter) {
        clearAttributes(&writer)
        for (bit, code) in [(CellAttributes.bold, "1"), (.dim, "2"), (.underline, "4"), (.reverse, "7")] as [(CellAttributes, StaticString)]
        where attributes & UInt32(bit.rawValue) != 0 {
            writer.bytes("\u{1b}[")
            writer.bytes(code)
            writer.byte(UInt8(ascii: "m"))
        }
        pen.attributes = attributes
    }

    /// Nil: the foreground does not matter here.
    mutating func setColors(_ foreground: UInt32?, _ background: UInt32, _ writer: inout EscapeWriter) {
        guard mode != .none else { return }
        if let foreground, foreground != pen.foreground {
            writeColor(foreground, base: 30, &writer)
            pen.foreground = foreground
            if mode == .truecolor { foregroundLanes = ColorDistance.spreadPen(foreground) }
        }
        if background != pen.background {
            writeColor(background, base: 40, &writer)
            pen.background = background
            if mode == .truecolor { backgroundLanes = ColorDistance.spreadPen(background) }
        }
    }

    private func writeColor(_ color: UInt32, base: Int, _ writer: inout EscapeWriter) {
        writer.bytes("\u{1b}[")
        if isConsole, base == 30 { writeIntensity(of: color, &writer) }
        let isDefault = color == (mode == .truecolor ? CellColor.defaultValue : PenColor.standard)
        if isDefault {
            writer.number(base + 9)
        } else if mode == .truecolor {
            writer.number(base + 8)
            writer.bytes(";2")
            writer.semicolonRGB(color)
        } else if mode == .indexed256 {
            writer.number(base + 8)
            writer.bytes(";5")
            writer.decimal(color)
        } else {
            writer.number(color < 8 ? base + Int(color) : base + (isConsole ? -8 : 52) + Int(color))
        }
        writer.byte(UInt8(ascii: "m"))
    }

    /// Linux's console keeps a foreground's brightness when the colour changes, so that it goes with each colour. 90...97 would set it too, and 30...37
    /// not take it back.
    private func writeIntensity(of color: UInt32, _ writer: inout EscapeWriter) {
        if (8..<16).contains(color) || pen.attributes & UInt32(CellAttributes.bold.rawValue) != 0 {
            writer.bytes("1;")
        } else if pen.attributes & UInt32(CellAttributes.dim.rawValue) != 0 {
            writer.bytes("2;")
        } else {
            writer.bytes("22;")
        }
    }
}
