import CallSession
import CellGraphics
import ChatUI
import Terminal

/// What a terminal of a size can show of the other side's picture.
enum PictureArea {
    static func of(_ screen: ScreenChoice) -> CallScreen { of(TerminalSize(columns: screen.columns, rows: screen.rows)) }

    static func of(_ size: TerminalSize) -> CallScreen { of(CallLayout.pictureArea(of: size), size: size) }

    /// Half blocks: one sample across, two down.
    static func of(_ area: CellRegion, size: TerminalSize) -> CallScreen {
        CallScreen(columns: size.columns, rows: size.rows, width: area.columns, height: area.rows * 2)
    }
}
