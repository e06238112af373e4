/// Turns grids into the bytes that make a terminal show them, given what it was shown before.
///
/// One buffer, grown only when the grid grows. What is shown equals the grid, except picture cells, which may be off by the thresholds.
public struct EscapeEncoder: Sendable {
    public var mode: ColorMode {
        didSet { if mode != oldValue { changeColors(from: oldValue) } }
    }
    /// The most bytes of a frame, give or take a cell. What does not fit goes into the next frames: text first, then the picture cells that
    /// have waited longest, each as the grid then is.
    public var limit = Int.max
    /// The share of the picture cells that the last frame brought up to date; 1: everything is.
    public private(set) var progress = 1.0
    /// How far a picture cell's colour may be from the grid's before it is sent again, 0...255 a channel.
    public var changeThreshold: UInt8
    /// How far a picture cell's colour may be from the grid's when it is sent, if that saves a colour change.
    public var elisionThreshold: UInt8
    /// Exact: as if both thresholds were 0, and nothing dithered.
    public var quality = PictureQuality.lossy
    /// In the indexed modes picture cells mix the palette's colours in a pattern fixed to the screen.
    public var dithers = false {
        didSet { if dithers != oldValue { repaint(rows: 0..<shown.rows) } }
    }
    /// The 16 colours are those of Linux's console: bright ones are bold, and foregrounds alone (the kernel's `csi_m`, drivers/tty/vt/vt.c).
    public var hasConsoleColors = false {
        didSet { if hasConsoleColors != oldValue { repaint() } }
    }
    /// Frames are wrapped in DEC private mode 2026, so that the terminal shows them at once.
    public var usesSynchronizedOutput = true

    var shown = GridDiff(columns: 0, rows: 0)
    private var buffer: [UInt8] = []
    private var count = 0
    private var needsRepaint = true
    /// The picture cell at which the next frame goes on after one that was cut.
    private var resumeIndex = 0
    var pen = Pen()

    /// The most a cell can cost: an address, every attribute, two colours, a cluster of three scalars.
    private static let bytesPerCell = 96
    /// So that every frame gets on.
    private static let leastLimit = 256

    /// Thresholds of 0 show every cell exactly.
    public init(mode: ColorMode = .truecolor, changeThreshold: UInt8 = 6, elisionThreshold: UInt8 = 6) {
        self.mode = mode
        self.changeThreshold = changeThreshold
        self.elisionThreshold = elisionThreshold
    }

    /// The next frame clears the screen and draws everything: after a resize, a stop, or another program's writing.
    public mutating func repaint() { needsRepaint = true }

    /// Among colours the cells may stay as they are; more of them are worth drawing everything anew, though not at once.
    private mutating func changeColors(from former: ColorMode) {
        pen = Pen()
        if mode == .none || former == .none { return repaint() }
        if former == .truecolor { shown.forgetEntries() }
        let order = ColorMode.allCases
        if let now = order.firstIndex(of: mode), let then = order.firstIndex(of: former), now < then { repaint(rows: 0..<shown.rows) }
    }

    /// The next frame draws these rows anew, whatever they are thought to show; for their pixels there is `PixelLayer.repaint(rows:)`.
    public mutating func repaint(rows: Range<Int>) {
        for row in rows { shown.forget(row: row) }
    }

    /// The bytes of the last frame.
    public var output: Span<UInt8> {
        @_lifetime(borrow self)
        get { buffer.span.extracting(first: count) }
    }

    /// Makes the frame's bytes, which `output` then gives; returns how many there are: none when nothing changed.
    @discardableResult
    public mutating func encode(_ grid: borrowing CellGrid) -> Int {
        var none = PixelLayer()
        return encode(grid, pixels: &none)
    }

    /// The same with pictures of pixels, which go into the grid's holes after the text.
    @discardableResult
    public mutating func encode(_ grid: borrowing CellGrid, pixels: inout PixelLayer) -> Int {
        // An encoder that has shown nothing has no buffer yet, not even for a grid of no cells.
        if shown.columns != grid.columns || shown.rows != grid.rows || buffer.isEmpty {
            shown = GridDiff(columns: grid.columns, rows: grid.rows)
            let room = grid.columns * grid.rows * Self.bytesPerCell + 256
            if buffer.count < room { buffer = Array(repeating: 0, count: room) }
            needsRepaint = true
        }
        count = 0
        let clears = needsRepaint
        needsRepaint = false
        if clears {
            shown.reset()
            pixels.forgetPreparation()
            pen = Pen()
        }
        var pass = EncodingPass(
            mode: mode, columns: grid.columns, rows: grid.rows, changeThreshold: quality == .exact ? 0 : changeThreshold,
            elisionThreshold: quality == .exact ? 0 : elisionThreshold, dither: OrderedDither(mode, isOn: dithers && quality != .exact),
            isConsole: hasConsoleColors && mode == .indexed16, pen: pen)
        var isChanged = false
        count = buffer.withUnsafeMutableBufferPointer { buffer in
            guard let start = buffer.baseAddress else { return 0 }
            return EscapeWriter.withDecimals { decimals in
                var writer = EscapeWriter(start, decimals: decimals)
                if usesSynchronizedOutput { writer.bytes("\u{1b}[?2026h") }
                if clears { writer.bytes("\u{1b}[0m\u{1b}[2J\u{1b}[H") }
                let prologue = writer.pointer
                let room = buffer.count - Self.bytesPerCell
                let limit = start + min(room, max(Self.leastLimit, self.limit))
                let isLimited = self.limit < room
                PaletteTable.withView(mode, isConsole: pass.isConsole) { palette in
                    grid.withPointers { target in
                        shown.withMutablePointers { shown in
                            let cells = grid.columns * grid.rows
                            guard isLimited else {
                                _ = pass.run(.all, from: 0, to: cells, until: limit, target, shown, grid.clusters, palette, &writer)
                                (resumeIndex, progress) = (0, 1)
                                return
                            }
                            (resumeIndex, progress) = pass.runLimited(
                                from: resumeIndex, cells, until: limit, target, shown, grid.clusters, palette, &writer)
                        }
                    }
                }
                isChanged = clears || writer.pointer != prologue
                return writer.pointer - start
            } ?? 0
        }
        pen = pass.pen
        pixels.write(grid, shown: &shown, threshold: quality == .exact ? 0 : changeThreshold, room: max(1, limit - count))
        progress = min(progress, pixels.progress)
        guard isChanged || pixels.output.count > 0 else {
            count = 0
            return 0
        }
        append(pixels.output.bytes, pixels.output.count)
        if usesSynchronizedOutput { append(Self.endOfFrame, Self.endOfFrame.count) }
        return count
    }

    private static let endOfFrame = Array("\u{1b}[?2026l".utf8)

    private mutating func append(_ bytes: [UInt8], _ length: Int) {
        let missing = count + length - buffer.count
        if missing > 0 { buffer += Array(repeating: 0, count: missing + missing / 2) }
        buffer.withUnsafeMutableBufferPointer { buffer in
            bytes.withUnsafeBufferPointer { bytes in
                guard length > 0, let target = buffer.baseAddress, let source = bytes.baseAddress else { return }
                (target + count).update(from: source, count: length)
            }
        }
        count += length
    }
}

extension CellGrid {
    fileprivate borrowing func withPointers(_ body: (CellPointers) -> Void) {
        glyphs.withUnsafeBufferPointer { g in
            foregrounds.withUnsafeBufferPointer { f in
                backgrounds.withUnsafeBufferPointer { b in
                    guard let g = g.baseAddress, let f = f.baseAddress, let b = b.baseAddress else { return }
                    body(CellPointers(glyphs: g, foregrounds: f, backgrounds: b))
                }
            }
        }
    }
}

/// `CellPointers` that may be written through.
struct MutableCellPointers {
    let glyphs: UnsafeMutablePointer<UInt32>
    let foregrounds: UnsafeMutablePointer<UInt32>
    let backgrounds: UnsafeMutablePointer<UInt32>
    /// In the indexed modes, what picture cells show: an `EntryPair` each.
    let entries: UnsafeMutablePointer<UInt32>

    var reading: CellPointers { CellPointers(glyphs: glyphs, foregrounds: foregrounds, backgrounds: backgrounds) }

    @inline(__always)
    func set(_ i: Int, _ glyph: UInt32, _ foreground: UInt32, _ background: UInt32) {
        glyphs[i] = glyph
        foregrounds[i] = foreground
        backgrounds[i] = background
    }
}

extension GridDiff {
    fileprivate mutating func withMutablePointers(_ body: (MutableCellPointers) -> Void) {
        glyphs.withUnsafeMutableBufferPointer { g in
            foregrounds.withUnsafeMutableBufferPointer { f in
                backgrounds.withUnsafeMutableBufferPointer { b in
                    entries.withUnsafeMutableBufferPointer { e in
                        guard let g = g.baseAddress, let f = f.baseAddress, let b = b.baseAddress, let e = e.baseAddress else { return }
                        body(MutableCellPointers(glyphs: g, foregrounds: f, backgrounds: b, entries: e))
                    }
                }
            }
        }
    }
}
