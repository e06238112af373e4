/// What a pen holds in the indexed modes.
enum PenColor {
    static let standard: UInt32 = 256
}

extension EncodingPass {
    /// Text, ASCII pictures, and everything in the indexed modes; gives the cells it took.
    mutating func drawOther(
        _ target: CellPointers, _ shown: MutableCellPointers, _ index: Int, _ row: Int, _ end: Int, _ clusters: ClusterTable,
        _ palette: UnsafePointer<UInt8>?, _ writer: inout EscapeWriter
    ) -> Int {
        let word = target.glyphs[index]
        if word == GlyphWord.hole, isClear(shown, index) { return 1 }
        var foreground = target.foregrounds[index]
        var background = target.backgrounds[index]
        let isSame = word == shown.glyphs[index]
        let isHalf = word == GlyphWord.halfBlock
        if word & GlyphWord.picture != 0, isSame, mode != .truecolor,
            color(foreground, palette) == color(shown.foregrounds[index], palette),
            color(background, palette) == color(shown.backgrounds[index], palette)
        {
            return 1  // moved, but not to another entry of the palette
        }
        let isWide = word & GlyphWord.wide != 0 && index &+ 1 < end && target.glyphs[index &+ 1] & GlyphWord.continuation != 0
        let isOrphan = word & (GlyphWord.continuation | GlyphWord.wide) != 0 && !isWide
        move(to: row, index &- row &* columns, &writer)
        var glyph = isOrphan ? GlyphWord.space : word & GlyphWord.valueMask
        let attributes = GlyphWord.attributes(word)
        if attributes != pen.attributes { setAttributes(attributes, &writer) }
        if isHalf, mode != .truecolor {
            drawIndexedHalf(foreground, background, palette, &writer)
        } else {
            let isBlank = glyph == GlyphWord.space && attributes & UInt32(CellAttributes([.reverse, .underline]).rawValue) == 0
            if word & GlyphWord.picture != 0, !isBlank, mode == .truecolor,
                elision.isNear(ColorDistance.spreadPen(foreground), foregroundLanes)
            {
                foreground = pen.foreground
            }
            setColors(isBlank ? nil : color(foreground, palette), color(background, palette), &writer)
            if glyph == GlyphWord.unknown & GlyphWord.valueMask { glyph = GlyphWord.space }
            draw(glyph, clusters, &writer)
            background = target.backgrounds[index]
        }
        shown.set(index, word, word == GlyphWord.hole ? GlyphWord.noPixels : foreground, background)
        cursorColumn &+= isWide ? 2 : 1
        if !Self.isWidthCertain(glyph), !isHalf { cursorRow = -1 }
        guard isWide else { return 1 }
        shown.set(index &+ 1, target.glyphs[index &+ 1], target.foregrounds[index &+ 1], target.backgrounds[index &+ 1])
        return 2
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
    private func color(_ packed: UInt32, _ palette: UnsafePointer<UInt8>?) -> UInt32 {
        if mode == .truecolor { return packed }
        guard packed != CellColor.defaultValue, let palette else { return PenColor.standard }
        return UInt32(palette[Palette.key(packed)])
    }

    private mutating func drawIndexedHalf(
        _ upper: UInt32, _ lower: UInt32, _ palette: UnsafePointer<UInt8>?, _ writer: inout EscapeWriter
    ) {
        let a = color(upper, palette)
        let b = color(lower, palette)
        if a == b {
            setColors(nil, a, &writer)
            writer.byte(UInt8(ascii: " "))
        } else if a == pen.background || b == pen.foreground {
            setColors(b, a, &writer)
            writer.word(0x8496e2, count: 3)
        } else {
            setColors(a, b, &writer)
            writer.word(0x8096e2, count: 3)
        }
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
    private mutating func setColors(_ foreground: UInt32?, _ background: UInt32, _ writer: inout EscapeWriter) {
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
            writer.number(color < 8 ? base + Int(color) : base + 52 + Int(color))
        }
        writer.byte(UInt8(ascii: "m"))
    }
}
