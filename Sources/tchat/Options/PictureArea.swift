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

    /// What a cell shows in the style: half blocks one sample across, two down; pixels as many as the cell has.
    static func of(_ area: CellRegion, size: TerminalSize, style: RenderMode = .half) -> CallScreen {
        var samples = style.samples
        if style.isPixels {
            let cell = CellPixels(columns: size.columns, rows: size.rows, pixelWidth: size.pixelWidth, pixelHeight: size.pixelHeight)
            if let cell { samples = (cell.width, cell.height) }
        }
        return CallScreen(
            columns: size.columns, rows: size.rows, width: area.columns * samples.columns, height: area.rows * samples.rows)
    }
}
