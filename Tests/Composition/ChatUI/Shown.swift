import CellGraphics
import MediaTypes
import Primitives
import Terminal
import TestSupport
import Testing

@testable import ChatUI

/// A screen, and a terminal that shows what it writes.
struct Shown {
    var screen = ChatScreen(colorMode: .truecolor)
    var terminal: VirtualTerminal
    /// Another program has written on the terminal as well.
    var isWrittenOver = false

    init(_ model: ChatModel) { terminal = VirtualTerminal(columns: model.size.columns, rows: model.size.rows) }

    /// Everybody is seen as the same picture.
    mutating func draw(_ model: ChatModel, remote: I420Frame? = nil, own: I420Frame? = nil) {
        draw(model, own: own) { _ in remote }
    }

    mutating func draw(_ model: ChatModel, own: I420Frame?, picture: (String) -> I420Frame?) {
        if terminal.columns != model.size.columns || terminal.rows != model.size.rows {
            terminal = VirtualTerminal(columns: model.size.columns, rows: model.size.rows)
        }
        let count = screen.draw(model, picture: picture, own: own)
        #expect(count == screen.output.count)
        terminal.feed(screen.output.withUnsafeBufferPointer { Array($0) })
        #expect(terminal.unknown.isEmpty)
        #expect(!terminal.hasScrolled)
        #expect(showsItsText || isWrittenOver)
    }

    /// What is no picture stands on the terminal as it is meant to.
    private var showsItsText: Bool {
        for row in 0..<terminal.rows {
            for column in 0..<terminal.columns {
                let cell = screen.cells[column, row]
                if !cell.isPicture, cell.text != terminal[column, row].text { return false }
            }
        }
        return true
    }

    func shows(_ text: String) -> Bool { terminal.text.contains { $0.contains(text) } }

    /// Where a text begins.
    func place(_ text: String) -> (column: Int, row: Int)? {
        for row in 0..<terminal.rows {
            for column in 0..<terminal.columns {
                let rest = (column..<terminal.columns).map { terminal[$0, row].text }.joined()
                if rest.hasPrefix(text) { return (column, row) }
            }
        }
        return nil
    }

    var pictureCells: Int {
        terminal.cells.count { cell in
            if case .rgb = cell.background { " ▀▄█".contains(cell.text) && !cell.bold } else { cell.text == "█" }
        }
    }
}

func frame(_ number: Int, at milliseconds: Int) -> I420Frame {
    syntheticFrame(width: 160, height: 120, number: number, time: Instant.zero + .milliseconds(milliseconds))
}
