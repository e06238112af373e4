import CellGraphics
import Primitives

extension TerminalDevice {
    /// In characters; a terminal may take less.
    private static let longestCopy = 8192
    /// Beyond that a terminal that has stopped is given nothing more.
    private static let mostHeldBack = 65536

    /// Asks the terminal to put a line of text, made safe, into the clipboard (OSC 52). Whether it does is its own choice, and not told.
    ///
    /// False: it cannot be asked, or is too far behind.
    @discardableResult
    public func copy(_ text: String) -> Bool {
        guard hasTitle, isOpen, !hasHungUp, heldBack < Self.mostHeldBack else { return false }
        let line = TerminalText.sanitize(text, maximumColumns: Self.longestCopy)
        // After what is held back of a frame, never within it.
        write(Array("\u{1b}]52;c;".utf8) + Base64.encode(Array(line.utf8)) + Array("\u{1b}\\".utf8))
        return true
    }
}
