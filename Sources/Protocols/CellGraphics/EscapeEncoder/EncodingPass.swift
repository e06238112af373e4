/// The terminal's drawing state as of the last byte written.
struct Pen: Sendable {
    static let unknown: UInt32 = .max
    /// Packed, as a grid holds them; in the indexed modes the palette's index.
    var foreground = unknown
    var background = unknown
    var attributes = unknown
}

/// One run over the cells of a frame: finds what differs, moves the cursor there and draws it.
struct EncodingPass {
    let mode: ColorMode
    let columns: Int
    let rows: Int
    private let change: ColorDistance
    private let changeLimit: SIMD16<UInt8>
    private let elision: ColorDistance
    private(set) var pen: Pen
    /// The pen's colours spread for comparing.
    private var foregroundLanes: UInt64
    private var backgroundLanes: UInt64
    /// Where the cursor is; -1: not known.
    private var cursorRow = -1
    private var cursorColumn = -1

    init(mode: ColorMode, columns: Int, rows: Int, changeThreshold: UInt8, elisionThreshold: UInt8, pen: Pen) {
        self.mode = mode
        self.columns = columns
        self.rows = rows
        change = ColorDistance(threshold: changeThreshold)
        // Every fourth byte is the packed word's top one, which must be equal.
        var limit = SIMD16<UInt8>(repeating: changeThreshold)
        for lane in stride(from: 3, to: 16, by: 4) { limit[lane] = 0 }
        changeLimit = limit
        elision = ColorDistance(threshold: elisionThreshold)
        self.pen = pen
        foregroundLanes = ColorDistance.spreadPen(pen.foreground)
        backgroundLanes = ColorDistance.spreadPen(pen.background)
    }

    @inline(__always)
    mutating func run(
        _ target: CellPointers, _ shown: MutableCellPointers, _ clusters: ClusterTable, _ palette: UnsafePointer<UInt8>?,
        _ writer: inout EscapeWriter
    ) {
        let seen = shown.reading
        for row in 0..<rows {
            let end = (row &+ 1) &* columns
            var index = row &* columns
            while true {
                index = target.firstDifference(to: seen, from: index, end: end, limit: changeLimit, distance: change)
                guard index < end else { break }
                let word = target.glyphs[index]
                if word == GlyphWord.halfBlock, mode == .truecolor {
                    move(to: row, index &- row &* columns, &writer)
                    drawHalfBlock(target.foregrounds[index], target.backgrounds[index], shown, index, &writer)
                    cursorColumn &+= 1
                    index &+= 1
                } else {
                    index &+= drawOther(target, shown, index, row, end, clusters, palette, &writer)
                }
                // After the last column a terminal may or may not have wrapped.
                if cursorColumn >= columns { cursorRow = -1 }
            }
        }
    }

    /// A picture cell in 24-bit colour: whatever of the pen's colours, swapped halves and plain cells serves within the threshold.
    @inline(__always)
    private mutating func drawHalfBlock(
        _ upper: UInt32, _ lower: UInt32, _ shown: MutableCellPointers, _ index: Int, _ writer: inout EscapeWriter
    ) {
        if pen.attributes != 0 { clearAttributes(&writer) }
        let a = ColorDistance.spread(upper)
        let b = ColorDistance.spread(lower)
        let upperIsForeground = elision.isNear(a, foregroundLanes)
        let upperIsBackground = elision.isNear(a, backgroundLanes)
        let lowerIsForeground = elision.isNear(b, foregroundLanes)
        let lowerIsBackground = elision.isNear(b, backgroundLanes)
        var (top, bottom) = (upper, lower)
        if upperIsBackground && lowerIsBackground {
            writer.byte(UInt8(ascii: " "))
            (top, bottom) = (pen.background, pen.background)
        } else if upperIsForeground && lowerIsBackground {
            writer.word(0x8096e2, count: 3)
            (top, bottom) = (pen.foreground, pen.background)
        } else if upperIsBackground && lowerIsForeground {
            writer.word(0x8496e2, count: 3)
            (top, bottom) = (pen.background, pen.foreground)
        } else if upperIsForeground && lowerIsForeground {
            writer.word(0x8896e2, count: 3)
            (top, bottom) = (pen.foreground, pen.foreground)
        } else if elision.isNear(a, b) {
            let mean = ColorDistance.mean(upper, lower)
            setBackground(mean, &writer)
            writer.byte(UInt8(ascii: " "))
            (top, bottom) = (mean, mean)
        } else if upperIsForeground {
            setBackground(lower, &writer)
            writer.word(0x8096e2, count: 3)
            top = pen.foreground
        } else if lowerIsBackground {
            setForeground(upper, &writer)
            writer.word(0x8096e2, count: 3)
            bottom = pen.background
        } else if lowerIsForeground {
            setBackground(upper, &writer)
            writer.word(0x8496e2, count: 3)
            bottom = pen.foreground
        } else if upperIsBackground {
            setForeground(lower, &writer)
            writer.word(0x8496e2, count: 3)
            top = pen.background
        } else {
            writer.bytes("\u{1b}[38;2")
            writer.semicolonRGB(upper)
            writer.bytes(";48;2")
            writer.semicolonRGB(lower)
            writer.byte(UInt8(ascii: "m"))
            writer.word(0x8096e2, count: 3)
            (pen.foreground, pen.background) = (upper, lower)
            (foregroundLanes, backgroundLanes) = (a, b)
        }
        shown.set(index, GlyphWord.halfBlock, top, bottom)
    }

    @inline(__always)
    private mutating func setForeground(_ rgb: UInt32, _ writer: inout EscapeWriter) {
        writer.bytes("\u{1b}[38;2")
        writer.semicolonRGB(rgb)
        writer.byte(UInt8(ascii: "m"))
        pen.foreground = rgb
        foregroundLanes = ColorDistance.spread(rgb)
    }

    @inline(__always)
    private mutating func setBackground(_ rgb: UInt32, _ writer: inout EscapeWriter) {
        writer.bytes("\u{1b}[48;2")
        writer.semicolonRGB(rgb)
        writer.byte(UInt8(ascii: "m"))
        pen.background = rgb
        backgroundLanes = ColorDistance.spread(rgb)
    }

    private mutating func clearAttributes(_ writer: inout EscapeWriter) {
        writer.bytes("\u{1b}[0m")
        pen = Pen(foreground: CellColor.defaultValue, background: CellColor.defaultValue, attributes: 0)
        if mode != .truecolor { (pen.foreground, pen.background) = (PenColor.standard, PenColor.standard) }
        (foregroundLanes, backgroundLanes) = (ColorDistance.nowhere, ColorDistance.nowhere)
    }

    /// By the shortest of forward, new line and address.
    @inline(__always)
    private mutating func move(to row: Int, _ column: Int, _ writer: inout EscapeWriter) {
        if cursorRow == row && cursorColumn == column { return }
        if cursorRow == row, column > cursorColumn {
            writer.bytes("\u{1b}[")
            if column > cursorColumn &+ 1 { writer.number(column &- cursorColumn) }
            writer.byte(UInt8(ascii: "C"))
        } else if column == 0, cursorRow >= 0, row == cursorRow &+ 1 {
            writer.bytes("\r\n")
        } else {
            writer.bytes("\u{1b}[")
            if row > 0 || column > 0 { writer.number(row &+ 1) }
            if column > 0 {
                writer.byte(UInt8(ascii: ";"))
                writer.number(column &+ 1)
            }
            writer.byte(UInt8(ascii: "H"))
        }
        (cursorRow, cursorColumn) = (row, column)
    }
}

/// What a pen holds in the indexed modes.
enum PenColor {
    static let standard: UInt32 = 256
}

extension EncodingPass {
    /// Text, ASCII pictures, and everything in the indexed modes; gives the cells it took.
    private mutating func drawOther(
        _ target: CellPointers, _ shown: MutableCellPointers, _ index: Int, _ row: Int, _ end: Int, _ clusters: ClusterTable,
        _ palette: UnsafePointer<UInt8>?, _ writer: inout EscapeWriter
    ) -> Int {
        let word = target.glyphs[index]
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
        shown.set(index, word, foreground, background)
        cursorColumn &+= isWide ? 2 : 1
        if !Self.isWidthCertain(glyph), !isHalf { cursorRow = -1 }
        guard isWide else { return 1 }
        shown.set(index &+ 1, target.glyphs[index &+ 1], target.foregrounds[index &+ 1], target.backgrounds[index &+ 1])
        return 2
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
