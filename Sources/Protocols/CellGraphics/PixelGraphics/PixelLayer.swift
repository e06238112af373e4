import MediaTypes

/// The pictures that a terminal shows as pixels: what of each is on the screen, and the bytes that bring it up to date.
///
/// In the grid a picture has holes, cells with its number. They decide where it is to be seen: what text takes from them, the picture
/// loses, and where it has none it is gone. Text never lies over pixels, so the one never has to be drawn again because of the other.
public struct PixelLayer: Sendable {
    /// The best; each step down takes bytes: fewer colours or samples, then half, then a quarter of them each way.
    public static let finest = 3
    /// 0...`finest`.
    public var detail = PixelLayer.finest {
        didSet { detail = max(0, min(Self.finest, detail)) }
    }
    /// A terminal's cell; nil: not known, and nothing is drawn as sixels.
    public var cell: CellPixels?

    private struct Picture {
        var number: Int
        var isKitty: Bool
        var canvas: PixelCanvas
        var pieces = PixelPieces()
        var palette = SixelPalette()
        var hasNewSamples = true
        /// The piece that is looked at first: where the last frame was cut.
        var next = 0
    }

    private var pictures: [Picture] = []
    private var sixels = SixelEncoder()
    private let kitty = KittyEncoder()
    private var mask: [Bool] = []
    private var freed: [UInt32] = []
    private(set) var output = PixelOutput()
    /// The picture that is looked at first.
    private var turn = 0
    /// xterm has been told to keep 256 colours.
    private var isPrepared = false
    /// The share of the pieces that the last frame brought up to date; 1: all.
    private(set) var progress = 1.0

    /// Pictures have the numbers from 1 to this.
    public static let mostPictures = 250
    /// Others' images are hardly there: "tC" and the picture's number.
    private static let firstImage: UInt32 = 0x7443_0000

    public init() {}

    /// Whether a mode can be shown: sixels need to know how large a cell is.
    public func canDraw(_ mode: RenderMode) -> Bool { mode == .kitty || (mode == .sixel && cell != nil) }

    /// Takes the frame, makes its cells in the grid holes, and gives those; what the fit leaves free is not touched.
    ///
    /// A sixel that touches the last row would scroll some terminals, so there that row stays free.
    @discardableResult
    public mutating func draw(
        _ frame: borrowing I420Frame, number: Int, mode: RenderMode, into grid: inout CellGrid, area: CellRegion, fit: FitMode = .contain,
        cellAspect: Double = 0.5, mirrored: Bool = false, tone: PictureTone = .neutral
    ) -> CellRegion {
        var area = area.intersection(grid.bounds)
        let isKitty = mode == .kitty
        if !isKitty {
            // A band may reach five pixels beyond its picture.
            let spare = max(1, (5 + (cell?.height ?? 1) - 1) / (cell?.height ?? 1))
            area.rows = max(0, min(area.endRow, grid.rows - spare) - area.row)
        }
        guard !area.isEmpty, canDraw(mode), (1...Self.mostPictures).contains(number) else {
            return CellRegion(column: area.column, row: area.row, columns: 0, rows: 0)
        }
        let cell = cell ?? .usual
        let geometry = PixelCanvas.Geometry(
            placement: PicturePlacement(width: frame.width, height: frame.height, in: area, fit: fit, cellAspect: cellAspect), cell: cell,
            coarseness: coarseness(isKitty: isKitty), fillsCells: isKitty)
        let index: Int
        if let known = pictures.firstIndex(where: { $0.number == number }) {
            index = known
            if pictures[index].canvas.geometry != geometry || pictures[index].isKitty != isKitty { replace(index, geometry, isKitty) }
        } else {
            index = pictures.count
            pictures.append(Picture(number: number, isKitty: isKitty, canvas: PixelCanvas(geometry)))
        }
        pictures[index].canvas.take(frame, mirrored: mirrored, tone: tone)
        pictures[index].hasNewSamples = true
        grid.markHole(geometry.placement.target, number: number)
        return geometry.placement.target
    }

    private func coarseness(isKitty: Bool) -> Int { detail == 0 ? 32 : detail == 1 ? 16 : detail == 2 && isKitty ? 12 : 8 }

    /// Other samples on the same cells replace those on the screen piece by piece. In another place, size or protocol nothing of what is on
    /// the screen serves any longer, but the colours.
    private mutating func replace(_ index: Int, _ geometry: PixelCanvas.Geometry, _ isKitty: Bool) {
        let former = pictures[index]
        pictures[index] = Picture(number: former.number, isKitty: isKitty, canvas: PixelCanvas(geometry), palette: former.palette)
        guard former.isKitty == isKitty, former.canvas.region == geometry.placement.target, former.canvas.geometry.cell == geometry.cell
        else { return free(former) }
        pictures[index].pieces = former.pieces
        pictures[index].pieces.forget()
    }

    /// Sends these rows of the screen again, each piece with its first row, in place of what is there: another program may have written over it.
    public mutating func repaint(rows: Range<Int>) {
        for index in pictures.indices {
            let top = pictures[index].canvas.region.row
            pictures[index].pieces.forget { rows.contains(top + $0.row) }
        }
    }

    private mutating func free(_ picture: Picture) {
        guard picture.isKitty else { return }
        freed += picture.pieces.all.filter(\.hasImage).map { Self.image(picture.number, $0.image) }
    }

    private static func image(_ number: Int, _ piece: Int) -> UInt32 { firstImage | UInt32(number) << 8 | UInt32(piece) }

    /// What xterm was told does not count any more: another program may have reset it.
    mutating func forgetPreparation() { isPrepared = false }

    /// Before the first sixel. xterm keeps a VT340's 16 colours by itself; other terminals answer or pass over it.
    private mutating func prepare() {
        guard !isPrepared else { return }
        isPrepared = true
        output.write(16) { $0.bytes("\u{1b}[?1;3;256S") }
    }

    /// Makes the bytes for what is to be seen and is not, after the text of the frame has been written.
    /// - Parameters:
    ///   - shown: says for each hole whose pixels are on it, and is told.
    ///   - threshold: how far samples may be from what is shown, on average over a cell.
    ///   - room: no more pieces are begun when there are as many bytes; the next frame goes on with the others.
    mutating func write(_ grid: borrowing CellGrid, shown: inout GridDiff, threshold: UInt8, room: Int = .max) {
        output.clear()
        progress = 1
        guard !pictures.isEmpty || !freed.isEmpty else { return }
        sixels.dithers = detail == Self.finest
        var isGone = false
        for index in pictures.indices {
            guard findHoles(of: pictures[index], in: grid) else {
                free(pictures[index])
                pictures[index].number = 0
                isGone = true
                continue
            }
            let canvas = pictures[index].canvas
            let freedNow = pictures[index].pieces.cut(
                mask, columns: canvas.region.columns, rows: canvas.region.rows, cell: canvas.geometry.cell,
                areKept: !pictures[index].isKitty)
            if pictures[index].isKitty { freed += freedNow.map { Self.image(pictures[index].number, $0) } }
        }
        if isGone { pictures.removeAll { $0.number == 0 } }
        for image in freed { kitty.delete(id: image, into: &output) }
        freed.removeAll(keepingCapacity: true)
        // Taken out, so that each is changed where it lies.
        var all: [Picture] = []
        swap(&all, &pictures)
        var (seen, total) = (0, 0)
        for picture in all { total += picture.pieces.all.count }
        for offset in all.indices {
            let index = (turn + offset) % all.count
            let count = write(&all[index], &shown, threshold, room)
            seen += count
            guard count < all[index].pieces.all.count else { continue }
            (turn, progress) = (index, Double(seen) / Double(total))
            break
        }
        swap(&all, &pictures)
    }

    /// Into `mask`; false: there are none.
    private mutating func findHoles(of picture: Picture, in grid: borrowing CellGrid) -> Bool {
        mask.removeAll(keepingCapacity: true)
        let region = picture.canvas.region
        guard region.endColumn <= grid.columns, region.endRow <= grid.rows else { return false }
        var isAny = false
        for row in region.row..<region.endRow {
            for cell in row * grid.columns + region.column..<row * grid.columns + region.endColumn {
                let isHole = grid.glyphs[cell] == GlyphWord.hole && grid.foregrounds[cell] == UInt32(picture.number)
                mask.append(isHole)
                if isHole { isAny = true }
            }
        }
        return isAny
    }

    /// Gives how many pieces are as they should be, or were looked at before there was no more room.
    private mutating func write(_ picture: inout Picture, _ shown: inout GridDiff, _ threshold: UInt8, _ room: Int) -> Int {
        let limit = Self.meanThreshold(threshold)
        // Never held in a variable of its own, which would be a copy at the first `markSent`.
        let count = picture.pieces.all.count
        var isAdapted = false
        var seen = 0
        while seen < count {
            let index = (picture.next + seen) % count
            guard isDue(picture.pieces.all[index], of: picture, shown, limit) else {
                seen += 1
                continue
            }
            guard output.count < room else {
                picture.next = index
                return seen
            }
            var cells = picture.pieces.all[index].cells
            var end = index + 1
            if !picture.isKitty {
                if !isAdapted { picture.palette.adapt(to: picture.canvas.samples, limit: detail == Self.finest ? 256 : 64) }
                isAdapted = true
                // What lies side by side goes into one string, which saves the colours' definitions.
                let widest = widest(cells, of: picture, room)
                while end < count, seen + end - index < count {
                    let next = picture.pieces.all[end].cells
                    guard next.row == cells.row, next.rows == cells.rows, next.column == cells.endColumn,
                        cells.columns + next.columns <= widest, isDue(picture.pieces.all[end], of: picture, shown, limit)
                    else { break }
                    cells.columns += next.columns
                    end += 1
                }
            }
            send(cells, of: &picture, image: picture.pieces.all[index].image)
            for sent in index..<end { picture.pieces.markSent(sent) }
            shown.markPixels(cells, at: picture.canvas.region, number: picture.number)
            seen += end - index
        }
        picture.hasNewSamples = false
        return seen
    }

    /// Half of a threshold that single colours are compared by, since these are means; and not more than leaves the edges of pieces unseen.
    private static func meanThreshold(_ threshold: UInt8) -> UInt8 { threshold == 0 ? 0 : max(1, min(8, threshold / 2)) }

    /// In cells; about as many as there is room for, at a byte a pixel.
    private func widest(_ cells: CellRegion, of picture: borrowing Picture, _ room: Int) -> Int {
        let cell = picture.canvas.geometry.cell
        let pixels = min(SixelEncoder.widest, (room - output.count) / max(1, cells.rows * cell.height))
        return pixels / cell.width
    }

    private mutating func send(_ cells: CellRegion, of picture: inout Picture, image: Int) {
        let region = picture.canvas.region
        if !picture.isKitty { prepare() }
        output.address(column: region.column + cells.column, row: region.row + cells.row)
        if picture.isKitty {
            kitty.encode(picture.canvas, cells: cells, id: Self.image(picture.number, image), into: &output)
        } else {
            sixels.encode(picture.canvas, cells: cells, palette: &picture.palette, into: &output)
        }
        picture.canvas.markShown(cells)
    }

    private func isDue(_ piece: PixelPiece, of picture: borrowing Picture, _ shown: borrowing GridDiff, _ threshold: UInt8) -> Bool {
        switch shown.state(of: piece.cells, at: picture.canvas.region, number: picture.number) {
        case .text: false
        case .other: true
        case .pixels: !piece.isSent || picture.hasNewSamples && picture.canvas.differs(in: piece.cells, threshold: threshold)
        }
    }
}

extension CellGrid {
    /// A region inside the grid is a picture's.
    mutating func markHole(_ region: CellRegion, number: Int) {
        for row in region.row..<region.endRow {
            separate(column: region.column, row: row)
            separate(column: region.endColumn, row: row)
            for index in row * columns + region.column..<row * columns + region.endColumn {
                glyphs[index] = GlyphWord.hole
                foregrounds[index] = UInt32(number)
                backgrounds[index] = CellColor.defaultValue
            }
        }
    }
}

extension GridDiff {
    enum PieceState {
        /// Something is still written there that has to go first: a frame with little room did not come to it.
        case text
        /// Blank, or partly another picture's.
        case other
        case pixels
    }

    /// What is on the cells of a picture's piece, counted from the corner of its region.
    func state(of cells: CellRegion, at region: CellRegion, number: Int) -> PieceState {
        var state = PieceState.pixels
        for row in region.row + cells.row..<region.row + cells.endRow {
            let start = row * columns + region.column + cells.column
            for index in start..<start + cells.columns {
                if glyphs[index] != GlyphWord.hole { return .text }
                if foregrounds[index] != UInt32(number) { state = .other }
            }
        }
        return state
    }

    mutating func markPixels(_ cells: CellRegion, at region: CellRegion, number: Int) {
        for row in region.row + cells.row..<region.row + cells.endRow {
            let start = row * columns + region.column + cells.column
            for index in start..<start + cells.columns { foregrounds[index] = UInt32(number) }
        }
    }
}
