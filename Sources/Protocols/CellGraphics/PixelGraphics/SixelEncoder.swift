/// Pictures as DEC sixels: bands of six rows of pixels, a bit for each row, one colour after another.
/// Source: DEC STD 070, chapter "Sixel graphics"; VT330/VT340 Programmer Reference Manual, volume 2, chapter 14.
struct SixelEncoder: Sendable {
    /// Colours in between two of the palette's are mixed from pixels of both, always at the same places.
    var dithers = true
    private var band = SixelBand()

    /// Wider strings than that some terminals do not take: xterm's limit is 1000 unless it is told otherwise.
    static let widest = 960

    /// What is added to a sample's channels before their upper five bits are looked up: 2...5 in a 4x4 pattern, so that the mean stays. Over the
    /// whole eight it would make edges of steps invisible in flat gradients too, but costs 1 dB and a tenth more bytes.
    private static let pattern: [UInt8] = [2, 4, 2, 4, 5, 3, 5, 3, 2, 4, 2, 4, 5, 3, 5, 3]
    private static let flat = [UInt8](repeating: 4, count: 16)

    /// Sends a rectangle of cells, at the cursor. The cursor is somewhere else afterwards; nothing scrolls as long as the rectangle does not
    /// touch the screen's last row. Scrolling mode (DECSDM, 80) is left alone: terminals disagree about which way it works, and all of them
    /// begin with pictures at the cursor.
    mutating func encode(
        _ canvas: borrowing PixelCanvas, cells: CellRegion, palette: inout SixelPalette, into output: inout PixelOutput
    ) {
        let cell = canvas.geometry.cell
        let left = cells.column * cell.width
        let right = cells.endColumn * cell.width
        let top = cells.row * cell.height
        let bottom = cells.endRow * cell.height
        // 0: the aspect ratio is the raster's; 1: what is not drawn stays as it was.
        output.write(64) { writer in
            writer.bytes("\u{1b}P0;1;0q\"1;1;")
            writer.number(right - left)
            writer.byte(UInt8(ascii: ";"))
            writer.number(bottom - top)
        }
        band.begin(canvas, left: left, right: right)
        var y = top
        while y < bottom {
            let rows = min(6, bottom - y)
            for row in 0..<rows {
                band.look(
                    up: canvas, row: canvas.row(ofPixel: y + row), as: row, in: &palette, pattern: dithers ? Self.pattern : Self.flat)
            }
            band.gather(rows: rows)
            y += rows
            band.write(palette.colors, isLast: y >= bottom, into: &output)
        }
        output.write(8) { $0.bytes("\u{1b}\\") }
    }
}
