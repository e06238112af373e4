import CallSession
import ChatUI
import Terminal

/// What a terminal of a size can show of the other side's picture.
enum PictureArea {
    static func of(_ screen: ScreenChoice) -> CallScreen { of(TerminalSize(columns: screen.columns, rows: screen.rows)) }

    static func of(_ size: TerminalSize) -> CallScreen {
        let area = CallLayout.pictureArea(of: size)
        // Half blocks: one sample across, two down.
        return CallScreen(columns: size.columns, rows: size.rows, width: area.columns, height: area.rows * 2)
    }
}
