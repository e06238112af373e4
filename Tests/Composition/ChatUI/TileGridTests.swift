import CellGraphics
import Terminal
import Testing

@testable import ChatUI

/// Where several pictures lie, on screens of every size.
@Suite struct TileGridTests {
    private func areas(_ body: (CellRegion) -> Void) {
        for columns in Array(stride(from: 40, through: 200, by: 9)) + [80, 100, 120] {
            for rows in stride(from: 12, through: 60, by: 4) {
                body(CallLayout.pictureArea(of: TerminalSize(columns: columns, rows: rows)))
            }
        }
    }

    private func check(_ grid: TileGrid, people: Int, in area: CellRegion, _ what: String) {
        let all = grid.tiles + [grid.own, grid.names].compactMap { $0 }
        for (index, region) in all.enumerated() {
            #expect(!region.isEmpty && area.intersection(region) == region, "\(what): \(region) in \(area)")
            for other in all[(index + 1)...] { #expect(region.intersection(other).isEmpty, "\(what): \(region), \(other)") }
        }
        #expect(grid.tiles.count <= people)
        #expect((grid.tiles.count < people) == (grid.names != nil), "\(what)")
        for tile in grid.tiles { #expect(tile.columns >= TileGrid.leastColumns && tile.rows >= TileGrid.leastRows, "\(what)") }
        #expect(grid.tiles.dropFirst().allSatisfy { $0.columns == grid.tiles.last?.columns && $0.rows == grid.tiles.last?.rows })
    }

    @Test(arguments: 1...8) func nothingOverlapsAndNothingIsOutside(people: Int) {
        areas { area in
            for corner in PictureCorner.allCases {
                let grid = TileGrid.all(people, corner: corner, in: area, aspect: 0.5)
                check(grid, people: people, in: area, "\(people) \(corner)")
                #expect((grid.own != nil) == (corner != .off && !grid.tiles.isEmpty))
                // In reading order.
                for (a, b) in zip(grid.tiles, grid.tiles.dropFirst()) { #expect((a.row, a.column) < (b.row, b.column)) }
            }
            let enlarged = TileGrid.enlarged(others: people - 1, in: area, aspect: 0.5)
            check(enlarged, people: people, in: area, "\(people) enlarged")
        }
    }

    @Test(arguments: [(80, 24), (100, 24), (120, 36), (200, 60)], [PictureCorner.bottomRight, .topLeft, .off])
    func eightPeopleHaveTilesOnUsualScreens(size: (columns: Int, rows: Int), corner: PictureCorner) {
        let area = CallLayout.pictureArea(of: TerminalSize(columns: size.columns, rows: size.rows))
        #expect(TileGrid.all(8, corner: corner, in: area, aspect: 0.5).tiles.count == 8)
    }

    @Test func ofEightPeopleSomeHaveTilesOnTheSmallestScreen() {
        let area = CallLayout.pictureArea(of: TerminalSize(columns: 40, rows: 12))
        let grid = TileGrid.all(8, corner: .off, in: area, aspect: 0.5)
        #expect(grid.tiles.count >= 4)
        #expect(grid.names?.row == area.endRow - 1)
    }

    /// No other number of columns would show larger pictures: tried by counting what 4:3 leaves of a tile.
    @Test(arguments: 1...8) func picturesAreAsLargeAsCanBe(people: Int) {
        areas { area in
            func cells(_ columns: Int, _ rows: Int) -> Double {
                // In squares, of which a cell has two, one above the other.
                let (width, height) = (Double(columns), Double((rows - 1) * 2))
                return min(width, height * 4 / 3) * min(height, width * 3 / 4)
            }
            let grid = TileGrid.all(people, corner: .off, in: area, aspect: 0.5)
            guard grid.names == nil, let tile = grid.tiles.first else { return }
            var best = 0.0
            for columns in 1...people {
                let rows = (people + columns - 1) / columns
                best = max(best, cells((area.columns + 1) / columns - 1, area.rows / rows))
            }
            // Whole rows and columns round a little off.
            let rounding = Double(2 * (tile.columns + 2 * tile.rows))
            #expect(cells(tile.columns, tile.rows) + rounding >= best, "\(people) in \(area): \(tile)")
        }
    }

    @Test func oneOwnPictureTakesWhatIsFreeBeforeItTakesFromOthers() {
        // Five leave a place free in two rows of three.
        let area = CellRegion(column: 0, row: 0, columns: 120, rows: 32)
        let with = TileGrid.all(5, corner: .bottomRight, in: area, aspect: 0.5)
        let without = TileGrid.all(5, corner: .off, in: area, aspect: 0.5)
        #expect(with.tiles.first?.columns == without.tiles.first?.columns)
        let own = with.own
        #expect(own.map { $0.endColumn } == with.tiles.map(\.endColumn).max())
        #expect(own.map { $0.endRow } == with.tiles.map(\.endRow).max())
        let mirrored = TileGrid.all(5, corner: .topLeft, in: area, aspect: 0.5)
        #expect(mirrored.own.map { $0.column } == mirrored.tiles.map(\.column).min())
        #expect(mirrored.own.map { $0.row } == mirrored.tiles.map(\.row).min())
    }

    /// Three pictures of a size rather than two of it and a small one beside them.
    @Test func oneOwnPictureIsAsLargeAsTheOthersWhereThatCostsThemNothing() throws {
        let area = CallLayout.pictureArea(of: TerminalSize(columns: 100, rows: 30))
        let grid = TileGrid.all(2, corner: .bottomRight, in: area, aspect: 0.5)
        let own = try #require(grid.own)
        #expect(grid.tiles.allSatisfy { $0.columns == own.columns && $0.rows == own.rows })
        let alone = TileGrid.all(2, corner: .off, in: area, aspect: 0.5)
        #expect(alone.tiles.map(\.rows) == grid.tiles.map(\.rows))
    }

    @Test func theEnlargedOneIsLarger() {
        for (columns, rows) in [(40, 12), (80, 24), (100, 24), (200, 60)] {
            var session = Session.inGroup(5, columns: columns, rows: rows)
            let before = CallLayout.pictureAreas(session.model)
            session.type("3")
            let after = CallLayout.pictureAreas(session.model)
            func cells(_ areas: [String: CellRegion], _ id: String) -> Int { areas[id].map { $0.columns * $0.rows } ?? 0 }
            #expect(cells(after, "c") > 2 * cells(before, "c"))
            #expect(cells(after, "a") < cells(before, "a"))
        }
    }
}
