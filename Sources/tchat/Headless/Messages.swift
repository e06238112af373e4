import CellGraphics
import Glibc

/// A sentence on standard error.
func complain(_ text: String) {
    writeFully(Array(("tchat: " + printable(text) + "\n").utf8), to: STDERR_FILENO)
}

/// Text from outside made fit for a terminal or a log: no control characters, no escapes.
func printable(_ text: String) -> String { TerminalText.sanitize(text) }
