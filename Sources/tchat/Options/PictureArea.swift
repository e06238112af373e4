import CallSession
import CellGraphics
import ChatUI
import Terminal

/// What a terminal of a size can show of the other side's picture.
enum PictureArea {
    static func of(_ screen: ScreenChoice) -> CallScreen { of(TerminalSize(columns: screen.columns, rows: screen.rows)) }

    static func of(_ size: TerminalSize, style: RenderMode = .half) -> CallScreen {
        of(CallLayout.pictureArea(of: size), size: size, style: style)
    }

    /// A sample of cells is sent with this many pixels each way (`ScreenRule`), of which pixels on the screen have no use.
    private static let pixelsPerSample = 4

    /// What a cell shows in the style: half blocks one sample across, two down; pixels what is sent as many as the cell has.
    static func of(_ area: CellRegion, size: TerminalSize, style: RenderMode = .half) -> CallScreen {
        let samples = style.samples
        if style.isPixels {
            let cell = CellPixels(columns: size.columns, rows: size.rows, pixelWidth: size.pixelWidth, pixelHeight: size.pixelHeight)
            func part(_ cells: Int, of pixels: Int) -> Int { (cells * pixels + pixelsPerSample - 1) / pixelsPerSample }
            return CallScreen(
                columns: size.columns, rows: size.rows, width: part(area.columns, of: cell?.width ?? samples.columns),
                height: part(area.rows, of: cell?.height ?? samples.rows))
        }
        return CallScreen(
            columns: size.columns, rows: size.rows, width: area.columns * samples.columns, height: area.rows * samples.rows)
    }
}
