import CellGraphics
import Testing

@testable import Terminal

@Suite(.serialized) struct CursesPaneTests {
    @Test func whatIsWrittenComesBack() {
        let pane = CursesPane(columns: 20, rows: 3)
        let red = CellColor(rgb: 0xff3030)
        #expect(pane.put("MIC OFF", column: 1, row: 0, foreground: .default, background: red, attributes: .bold) == 8)
        pane.put("수진 e\u{301}!", column: 2, row: 1, foreground: red)
        pane.put("\u{1b}[2Jhostile and far too long", column: 0, row: 2, limit: 10)
        var grid = CellGrid(columns: 30, rows: 5)
        pane.copy(into: &grid, column: 4, row: 1)
        #expect(grid.text[1].hasPrefix("     MIC OFF "))
        #expect(grid[5, 1].background == red)
        #expect(grid[5, 1].attributes == .bold)
        #expect(grid.text[2].hasPrefix("      수진 e\u{301}!"))
        #expect(grid[6, 2].text == "수")
        #expect(grid[7, 2].text.isEmpty)
        #expect(grid[8, 2].text == "진")
        #expect(grid[6, 2].foreground == red)
        #expect(grid.text[3].hasPrefix("    \u{fffd}[2Jhosti…"))
        #expect(grid[4 + 10, 3] == Cell())
    }

    @Test func wideTextAtTheEdge() {
        let pane = CursesPane(columns: 5, rows: 1)
        pane.put("가나다", column: 0, row: 0)
        var grid = CellGrid(columns: 5, rows: 1)
        pane.copy(into: &grid, column: 0, row: 0)
        #expect(grid.text == ["가나…"])
        pane.erase()
        pane.copy(into: &grid, column: 0, row: 0)
        #expect(grid.text == ["     "])
    }
}
