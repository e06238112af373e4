import CellGraphics
import MediaTypes
import Primitives
import Terminal

/// Puts a model and the pictures on the screen: panes drawn when their text changes, pictures when there is a new one,
/// and of all that only the bytes that make a difference.
public struct ChatScreen {
    public var encoder: EscapeEncoder
    /// What was asked for, or what the terminal can; the budget may leave fewer.
    public var colorMode: ColorMode {
        didSet { applyColors() }
    }
    private var colorCap = ColorMode.truecolor
    /// Rows that have been drawn anew since `refreshStart`.
    private var refreshedRows = 0
    private var refreshStart: Instant?
    private static let refreshPeriod = Interval.seconds(10)
    /// One frame draws at most an eighth of the rows anew.
    private static let refreshShare = 8
    private var grid = CellGrid(columns: 0, rows: 0)
    /// The text of all panes, where they are; overlays are stamped from here onto each new picture.
    private var text = CellGrid(columns: 0, rows: 0)
    private var content = ScreenContent()
    private var slots: [PaneSlot] = []
    /// Of the others, by id: each keeps its scaling tables from frame to frame.
    private var pictures: [String: PictureSlot] = [:]
    private var own = PictureSlot(number: 1)
    /// Pictures as pixels, where the style is one of those.
    public var pixels = PixelLayer()
    /// What the terminal says of its cells besides its size; for sizes without pixels.
    public var cellPixels: CellPixels?
    /// What `content` was made from.
    private var drawn: (model: ChatModel, hasOwnPicture: Bool, shape: PictureShape)?

    private var wasColored = true

    private struct PaneSlot {
        var content: PaneContent
        var pane: CursesPane
    }

    public init(colorMode: ColorMode, synchronizedOutput: Bool = true) {
        self.colorMode = colorMode
        encoder = EscapeEncoder(mode: colorMode)
        encoder.usesSynchronizedOutput = synchronizedOutput
    }

    /// To be called before each frame: keeps to what the terminal takes, and has every row drawn anew within ten seconds, in case another
    /// program wrote over it. On a line too thin for that it takes longer: a slice goes with a new frame, never with the rest of one.
    public mutating func tend(now: Instant, budget: borrowing ByteBudget) {
        let threshold = budget.threshold(for: colorMode)
        (encoder.changeThreshold, encoder.elisionThreshold) = (threshold, threshold)
        encoder.limit = budget.limit(now: now)
        // An exact picture may become slower, not coarser.
        let isExact = encoder.quality == .exact
        colorCap = isExact ? .truecolor : budget.colorCap
        pixels.detail = isExact ? PixelLayer.finest : PixelLayer.finest - min(PixelLayer.finest, (budget.level + 1) / 3)
        applyColors()
        guard let start = refreshStart, grid.rows > 0 else {
            refreshStart = now
            return
        }
        // Otherwise rows might be forgotten as fast as they go out; the frame would never be whole, and pictures wait for that.
        guard encoder.progress >= 1 else { return }
        let share = max(0, (now - start).seconds / Self.refreshPeriod.seconds)
        let due = min(grid.rows, Int((share * Double(grid.rows)).rounded(.down)), refreshedRows + max(1, grid.rows / Self.refreshShare))
        if due > refreshedRows {
            encoder.repaint(rows: refreshedRows..<due)
            pixels.repaint(rows: refreshedRows..<due)
        }
        refreshedRows = max(refreshedRows, due)
        if refreshedRows >= grid.rows { (refreshStart, refreshedRows) = (now, 0) }
    }

    private mutating func applyColors() {
        let order = ColorMode.allCases
        let mode = [colorMode, colorCap].max { (order.firstIndex(of: $0) ?? 0) < (order.firstIndex(of: $1) ?? 0) } ?? colorMode
        if encoder.mode != mode { encoder.mode = mode }
    }

    /// The share of the screen that the last frame brought up to date; 1: all of it.
    public var progress: Double { encoder.progress }

    /// The next frame draws the whole screen.
    public mutating func repaint() { encoder.repaint() }

    /// Draws what has changed since the last time, and gives the number of bytes in `output`: 0 when nothing has.
    ///
    /// A picture is drawn when its `time` or size differs from the last one's. While a frame that was cut goes on, pictures stay as they are,
    /// so that what is seen belongs together.
    /// - Parameters:
    ///   - picture: another one's newest, by id; asked for those alone that have a place on the screen. Nil: none yet.
    ///   - ownFrame: nil: there is none to show.
    public mutating func draw(_ model: ChatModel, picture: (String) -> I420Frame?, own ownFrame: I420Frame?) -> Int {
        let size = model.size
        var isAllNew = false
        // What colours tell, attributes tell where there are none.
        let isColored = encoder.mode != .none
        if isOfAnotherSize(size) || wasColored != isColored {
            wasColored = isColored
            beginAnew(size)
            isAllNew = true
        }
        var goesOn = encoder.progress < 1 && !isAllNew
        // A new picture alone leaves the text as it is.
        let shape = shape(model, picture)
        if isAllNew || drawn?.model != model || drawn?.hasOwnPicture != (ownFrame != nil) || drawn?.shape != shape {
            drawn = (model, ownFrame != nil, shape)
            let wanted = Self.content(model, hasOwnPicture: ownFrame != nil, shape: shape)
            if wanted != content || isAllNew, !lay(wanted) { goesOn = false }
            if grid.isOutOfClusters || text.isOutOfClusters {
                // So many different letters with marks have been seen. The numbers shown are the old grid's.
                beginAnew(size)
                encoder.repaint(rows: 0..<grid.rows)
                _ = lay(wanted)
                goesOn = false
            }
        }
        guard !goesOn else { return encoder.encode(grid, pixels: &pixels) }
        let style = style(model.style, size)
        var isStampDue = false
        for place in content.pictures {
            // Until its first frame a place stays empty.
            guard let frame = picture(place.id) else { continue }
            makeSlot(for: place.id)
            let isNew = pictures[place.id, default: PictureSlot(number: 0)].draw(
                frame, into: &grid, area: place.region, style: style, fit: model.fit, aspect: size.cellAspect, mirrored: false,
                tone: model.tone, colored: isColored, isExact: encoder.quality == .exact, pixels: &pixels)
            guard isNew else { continue }
            isStampDue = true
            if let area = content.own, !area.intersection(place.region).isEmpty { own.forget() }
        }
        if let area = content.own, let ownFrame {
            let fit: FitMode = model.screen == .lobby || content.isOwnTile ? .contain : .cover
            if own.draw(
                ownFrame, into: &grid, area: area, style: style, fit: fit, aspect: size.cellAspect, mirrored: model.mirrorsOwnPicture,
                tone: model.tone, colored: isColored, isExact: encoder.quality == .exact, pixels: &pixels)
            {
                isStampDue = true
            }
        }
        if isStampDue { stampOverlays() }
        return encoder.encode(grid, pixels: &pixels)
    }

    private func isOfAnotherSize(_ size: TerminalSize) -> Bool { grid.bounds != CellGrid.bounds(columns: size.columns, rows: size.rows) }

    private mutating func beginAnew(_ size: TerminalSize) {
        grid = CellGrid(columns: size.columns, rows: size.rows)
        text = grid
        slots = []
    }

    /// Draws a picture alone, over the whole screen; gives the number of bytes in `output`.
    public mutating func drawPicture(
        _ frame: borrowing I420Frame, size: TerminalSize, style: RenderMode, fit: FitMode, mirrored: Bool, tone: PictureTone = .neutral
    ) -> Int {
        if isOfAnotherSize(size) { grid = CellGrid(columns: size.columns, rows: size.rows) }
        drawn = nil
        own.forget()
        _ = own.draw(
            frame, into: &grid, area: grid.bounds, style: self.style(style, size), fit: fit, aspect: size.cellAspect,
            mirrored: mirrored, tone: tone, colored: encoder.mode != .none, isExact: encoder.quality == .exact, pixels: &pixels)
        return encoder.encode(grid, pixels: &pixels)
    }

    /// What a wanted style is on this terminal.
    private mutating func style(_ wanted: RenderMode, _ size: TerminalSize) -> RenderMode {
        // Without colours blocks and pixels would show nothing.
        guard encoder.mode != .none else { return wanted == .braille ? .braille : .ascii }
        pixels.cell =
            CellPixels(columns: size.columns, rows: size.rows, pixelWidth: size.pixelWidth, pixelHeight: size.pixelHeight) ?? cellPixels
        return wanted.isPixels && !pixels.canDraw(wanted) ? .half : wanted
    }

    /// A number is free for each, as long as there are fewer than pictures may be; 1 is one's own.
    private mutating func makeSlot(for id: String) {
        guard pictures[id] == nil else { return }
        let taken = Set(pictures.values.map(\.number))
        pictures[id] = PictureSlot(number: (2...PixelLayer.mostPictures).first { !taken.contains($0) } ?? 0)
    }

    /// The bytes of the last frame.
    public var output: Span<UInt8> {
        @_lifetime(borrow self)
        get { encoder.output }
    }

    /// The cells as they are meant to be seen, for tests.
    var cells: CellGrid { grid }

    /// Of the picture that one's own lies over.
    private func shape(_ model: ChatModel, _ picture: (String) -> I420Frame?) -> PictureShape {
        guard model.screen == .call, let person = model.call.foremost, person.isSeen, let frame = picture(person.id) else {
            return PictureShape()
        }
        return PictureShape(width: frame.width, height: frame.height)
    }

    static func content(_ model: ChatModel, hasOwnPicture: Bool, shape: PictureShape = PictureShape()) -> ScreenContent {
        if model.isTooSmall { return SmallView.content(model) }
        switch model.screen {
        case .lobby: return LobbyView.content(model, hasOwnPicture: hasOwnPicture)
        case .call: return CallView.content(model, hasOwnPicture: hasOwnPicture, shape: shape)
        }
    }

    /// Brings text up to date. Panes that only changed their text are drawn in place; a changed arrangement starts from an empty screen.
    /// False: pictures are to be drawn again.
    private mutating func lay(_ wanted: ScreenContent) -> Bool {
        let isSameArrangement =
            wanted.pictures == content.pictures && wanted.own == content.own
            && wanted.panes.map(\.region) == slots.map(\.content.region)
        let former = content
        content = wanted
        if !isSameArrangement {
            text = CellGrid(columns: grid.columns, rows: grid.rows)
            grid.clear()
            slots = wanted.panes.map { pane in
                PaneSlot(content: pane, pane: CursesPane(columns: pane.region.columns, rows: pane.region.rows))
            }
            // Who has no place any more needs no tables either.
            let shown = Set(wanted.pictures.map(\.id))
            pictures = pictures.filter { shown.contains($0.key) }
            for id in shown {
                makeSlot(for: id)
                pictures[id]?.forget()
            }
            own.forget()
        }
        var redrawn: [CellRegion] = []
        var isWrittenOver = false
        for (index, pane) in wanted.panes.enumerated() {
            let isSame = isSameArrangement && former.panes.indices.contains(index) && former.panes[index] == pane
            // What lies over a pane that was drawn anew has to be put over it again.
            if isSame, !redrawn.contains(where: { !$0.intersection(pane.region).isEmpty }) { continue }
            redrawn.append(pane.region)
            slots[index].content = pane
            if !isSame { draw(pane, on: slots[index].pane) }
            slots[index].pane.copy(into: &text, column: pane.region.column, row: pane.region.row)
            guard !pane.isOverlay else { continue }
            grid.copy(pane.region, from: text)
            if let area = content.own, !area.intersection(pane.region).isEmpty {
                own.forget()
                isWrittenOver = true
            }
        }
        stampOverlays()
        return isSameArrangement && !isWrittenOver
    }

    private func draw(_ content: PaneContent, on pane: CursesPane) {
        pane.erase()
        let hasColors = encoder.mode != .none
        for run in content.runs {
            pane.put(
                run.text, column: run.column, row: run.row, limit: run.limit, foreground: run.style.foreground,
                background: run.style.background, attributes: run.style.attributes(hasColors: hasColors))
        }
    }

    /// Text over pictures; what lies in its hole is left to the picture there.
    private mutating func stampOverlays() {
        for slot in slots where slot.content.isOverlay {
            guard let hole = slot.content.hole else {
                grid.copy(slot.content.region, from: text)
                continue
            }
            for edge in slot.content.region.edges(around: hole) { grid.copy(edge, from: text) }
        }
    }
}

extension CellRegion {
    /// What is left of a region without a part inside it, as up to four pieces.
    fileprivate func edges(around inside: CellRegion) -> [CellRegion] {
        [
            CellRegion(column: column, row: row, columns: columns, rows: inside.row - row),
            CellRegion(column: column, row: inside.endRow, columns: columns, rows: endRow - inside.endRow),
            CellRegion(column: column, row: inside.row, columns: inside.column - column, rows: inside.rows),
            CellRegion(column: inside.endColumn, row: inside.row, columns: endColumn - inside.endColumn, rows: inside.rows),
        ].filter { !$0.isEmpty }
    }
}
