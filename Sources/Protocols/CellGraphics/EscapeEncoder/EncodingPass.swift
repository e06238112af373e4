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
    let change: ColorDistance
    private let changeLimit: SIMD16<UInt8>
    let elision: ColorDistance
    /// Narrower: a block's colour stands for several samples, so that it is off from most of them already.
    let blockElision: ColorDistance
    /// The thresholds for entries of a palette, in 1023rds of OKLab. Four of them are about a level of grey, of
    /// which fewer are given away than in 24 bits, for the palette has taken most already.
    let changeMargin: Int32
    let elisionMargin: Int32
    let dither: OrderedDither
    /// Of 16 colours, backgrounds have the first eight; a foreground of the others is a bold one.
    let isConsole: Bool
    var pen: Pen
    /// The pen's colours spread for comparing.
    var foregroundLanes: UInt64
    var backgroundLanes: UInt64
    /// Where the cursor is; -1: not known.
    var cursorRow = -1
    var cursorColumn = -1

    init(
        mode: ColorMode, columns: Int, rows: Int, changeThreshold: UInt8, elisionThreshold: UInt8, dither: OrderedDither, isConsole: Bool,
        pen: Pen
    ) {
        self.mode = mode
        self.columns = columns
        self.rows = rows
        change = ColorDistance(threshold: changeThreshold)
        // Every fourth byte is the packed word's top one, which must be equal.
        var limit = SIMD16<UInt8>(repeating: changeThreshold)
        for lane in stride(from: 3, to: 16, by: 4) { limit[lane] = 0 }
        changeLimit = limit
        elision = ColorDistance(threshold: elisionThreshold)
        blockElision = ColorDistance(threshold: elisionThreshold / 2)
        changeMargin = 3 * Int32(changeThreshold)
        elisionMargin = 2 * Int32(elisionThreshold)
        self.dither = dither
        self.isConsole = isConsole
        self.pen = pen
        foregroundLanes = ColorDistance.spreadPen(pen.foreground)
        backgroundLanes = ColorDistance.spreadPen(pen.background)
    }

    /// What a run draws: one over a part leaves the other cells as they are.
    enum Part {
        case all, text, pictures
    }

    /// Over the cells from one index to another; gives the index at which it stopped for want of room, else the end.
    @inline(__always)
    mutating func run(
        _ part: Part, from first: Int, to last: Int, until limit: UnsafeMutablePointer<UInt8>, _ target: CellPointers,
        _ shown: MutableCellPointers, _ clusters: ClusterTable, _ palette: PaletteView?, _ writer: inout EscapeWriter
    ) -> Int {
        let seen = shown.reading
        var index = first
        while index < last {
            let row = index / columns
            let end = (row &+ 1) &* columns
            let stop = min(end, last)
            while true {
                index = target.firstDifference(to: seen, from: index, end: stop, limit: changeLimit, distance: change)
                guard index < stop else { break }
                let word = target.glyphs[index]
                if part != .all, (word & GlyphWord.picture != 0) != (part == .pictures) {
                    index &+= 1
                    continue
                }
                guard writer.pointer < limit else { return index }
                if word == GlyphWord.halfBlock, mode == .truecolor {
                    move(to: row, index &- row &* columns, &writer)
                    drawHalfBlock(target.foregrounds[index], target.backgrounds[index], shown, index, &writer)
                    cursorColumn &+= 1
                    index &+= 1
                } else if word == GlyphWord.halfBlock, let palette, isConsole {
                    drawConsoleHalf(target, shown, index, row, palette, &writer)
                    index &+= 1
                } else if word == GlyphWord.halfBlock, let palette {
                    drawIndexedHalf(target, shown, index, row, palette, &writer)
                    index &+= 1
                } else if word & GlyphWord.blocks != 0, mode != .none {
                    drawBlocks(target, shown, index, row, palette, &writer)
                    index &+= 1
                } else {
                    index &+= drawOther(target, shown, index, row, end, clusters, palette, &writer)
                }
                // After the last column a terminal may or may not have wrapped.
                if cursorColumn >= columns { cursorRow = -1 }
            }
        }
        return last
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

    mutating func clearAttributes(_ writer: inout EscapeWriter) {
        writer.bytes("\u{1b}[0m")
        pen = Pen(foreground: CellColor.defaultValue, background: CellColor.defaultValue, attributes: 0)
        if mode != .truecolor { (pen.foreground, pen.background) = (PenColor.standard, PenColor.standard) }
        (foregroundLanes, backgroundLanes) = (ColorDistance.nowhere, ColorDistance.nowhere)
    }

    /// By the shortest of forward, next line and address.
    @inline(__always)
    mutating func move(to row: Int, _ column: Int, _ writer: inout EscapeWriter) {
        if cursorRow == row && cursorColumn == column { return }
        if cursorRow == row, column > cursorColumn {
            writer.bytes("\u{1b}[")
            if column > cursorColumn &+ 1 { writer.number(column &- cursorColumn) }
            writer.byte(UInt8(ascii: "C"))
        } else if column == 0, cursorRow >= 0, row == cursorRow &+ 1 {
            // Not a line feed: a frame that finds its window smaller than it was drawn for must not scroll it.
            writer.bytes("\u{1b}[E")
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
