import CellGraphics
import MediaTypes
import Primitives

/// A place for a picture: draws a frame once, and clears what a former frame of another shape leaves.
struct PictureSlot {
    /// By which pixel graphics know it; no other slot's.
    let number: Int
    private var half = HalfBlockRenderer()
    private var quadrant = QuadrantRenderer()
    private var sextant = SextantRenderer()
    private var ascii = ASCIIRenderer()
    private var braille = BrailleRenderer()
    private var last: Drawn?

    init(number: Int) { self.number = number }

    private struct Drawn: Equatable {
        var time: Instant
        var width: Int
        var height: Int
        var area: CellRegion
        var style: RenderMode
        var fit: FitMode
        var aspect: Double
        var tone: PictureTone
        var cell: CellPixels?
        var detail: Int
    }

    /// The next frame is drawn even if it is the same one.
    mutating func forget() { last?.time = Instant(microseconds: .min) }

    /// True when something was drawn.
    mutating func draw(
        _ frame: borrowing I420Frame, into grid: inout CellGrid, area: CellRegion, style: RenderMode, fit: FitMode, aspect: Double,
        mirrored: Bool, tone: PictureTone = .neutral, colored: Bool, isExact: Bool = false, pixels: inout PixelLayer
    ) -> Bool {
        quadrant.noise = isExact ? 0 : QuadrantRenderer.usualNoise
        sextant.noise = isExact ? 0 : SextantRenderer.usualNoise
        let wanted = Drawn(
            time: frame.time, width: frame.width, height: frame.height, area: area, style: style, fit: fit, aspect: aspect, tone: tone,
            cell: pixels.cell, detail: pixels.detail)
        guard wanted != last else { return false }
        var former = last
        former?.time = wanted.time
        if former != wanted { grid.clear(area) }
        last = wanted
        switch style {
        case .sixel, .kitty:
            pixels.draw(
                frame, number: number, mode: style, into: &grid, area: area, fit: fit, cellAspect: aspect, mirrored: mirrored, tone: tone)
        case .half:
            half.draw(frame, into: &grid, area: area, fit: fit, cellAspect: aspect, mirrored: mirrored, tone: tone)
        case .quadrant:
            quadrant.draw(frame, into: &grid, area: area, fit: fit, cellAspect: aspect, mirrored: mirrored, tone: tone)
        case .sextant:
            sextant.draw(frame, into: &grid, area: area, fit: fit, cellAspect: aspect, mirrored: mirrored, tone: tone)
        case .ascii:
            ascii.draw(
                frame, into: &grid, area: area, fit: fit, cellAspect: aspect, mirrored: mirrored, tone: tone, colored: colored)
        case .braille:
            braille.draw(
                frame, into: &grid, area: area, fit: fit, cellAspect: aspect, mirrored: mirrored, tone: tone, colored: colored)
        }
        return true
    }
}
