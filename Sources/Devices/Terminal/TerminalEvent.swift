import Primitives

/// A key as the program means it, whatever bytes the terminal sent for it.
public enum Key: Hashable, Sendable {
    case character(Unicode.Scalar)
    case enter, escape, tab, backTab, backspace, delete, insert
    case up, down, left, right, home, end, pageUp, pageDown
    /// With Ctrl held; a small letter, or one of `@[\]^_`.
    case control(Unicode.Scalar)
    /// With Alt held. Never a shortcut.
    case alt(Unicode.Scalar)
    case function(Int)
}

public struct TerminalSize: Hashable, Sendable {
    public var columns: Int
    public var rows: Int
    /// The whole screen's, where the terminal tells; else 0.
    public var pixelWidth: Int
    public var pixelHeight: Int

    public init(columns: Int, rows: Int, pixelWidth: Int = 0, pixelHeight: Int = 0) {
        self.columns = columns
        self.rows = rows
        self.pixelWidth = pixelWidth
        self.pixelHeight = pixelHeight
    }

    /// A cell's width over its height; 0.5 where the terminal does not tell, or tells what cannot be.
    public var cellAspect: Double {
        guard columns > 0, rows > 0, pixelWidth > 0, pixelHeight > 0 else { return 0.5 }
        let aspect = Double(pixelWidth) / Double(columns) / (Double(pixelHeight) / Double(rows))
        return (0.25...1.25).contains(aspect) ? aspect : 0.5
    }
}

/// What the mouse did, and over which cell.
public struct MouseEvent: Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
        case press, release, wheelUp, wheelDown
    }

    /// From 0.
    public var column: Int
    /// From 0.
    public var row: Int
    public var kind: Kind

    public init(column: Int, row: Int, kind: Kind) {
        self.column = column
        self.row = row
        self.kind = kind
    }
}

public enum TerminalEvent: Equatable, Sendable {
    case key(Key)
    /// Only where `TerminalCapabilities.keyboardReports`, and not for every key: Enter, Tab and Backspace never come up.
    case keyReleased(Key)
    /// Of the left button, and the wheel.
    case mouse(MouseEvent)
    /// Text that was pasted: made safe, in one line, at most `InputFilter.longestPaste` bytes. Never key presses.
    case paste(String)
    /// The terminal has dealt with everything up to the oldest open question (`TerminalDevice.ask`).
    case answered
    /// The screen must be drawn whole.
    case resized(TerminalSize)
    /// The process was stopped and goes on; the screen must be drawn whole.
    case resumed(TerminalSize)
    /// One of the descriptors that the device was given has been signalled, and drained.
    case wake
    /// What was held back has been written: a new frame is welcome.
    case writable
    /// SIGTERM, SIGHUP, SIGINT or SIGQUIT asks for the end.
    case terminate(signal: Int32)
    /// The terminal is gone.
    case hangUp
}

/// Whole sentences for a person.
public struct TerminalError: Error, CustomStringConvertible, Sendable, Equatable {
    public let description: String

    public static let notATerminal = TerminalError(
        description: "This needs a terminal on standard input and output; use --headless to run without one.")
    public static let unknown = TerminalError(
        description: "TERM is not set, so that nothing can be drawn on this terminal; set it, or use --headless or --plain.")
    public static let dumb = TerminalError(
        description: "The terminal calls itself \"dumb\" (TERM), so nothing can be drawn on it; use --headless or --plain, or set TERM.")
    static func system(_ what: String, _ error: Int32) -> TerminalError {
        TerminalError(description: "The terminal could not be \(what) (error \(error)).")
    }
}
