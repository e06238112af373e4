import CellGraphics
import Terminal

extension Words {
    /// Why a style that was asked for is not to be had on a terminal; nil: it is.
    public func trouble(with style: RenderMode, on size: TerminalSize) -> String? {
        let cell = CellPixels(columns: size.columns, rows: size.rows, pixelWidth: size.pixelWidth, pixelHeight: size.pixelHeight)
        guard style == .sixel, cell == nil else { return nil }
        return self(
            "This terminal does not say how large its cells are in pixels, which sixels need; half blocks are drawn instead.",
            "이 터미널은 셀의 픽셀 크기를 알려 주지 않아 sixel로 그릴 수 없습니다. 대신 반칸 블록으로 그립니다.")
    }
}
