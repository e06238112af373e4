import CellGraphics
import MediaTypes
import Primitives
import Terminal
import TestSupport
import Testing

@testable import ChatUI

private let sizes = [(40, 12), (56, 18), (80, 24), (100, 24), (120, 36), (200, 60)]

/// Calls of several, as a terminal shows them.
@Suite(.serialized) struct GroupScreenTests {
    /// A picture of one shade, different for each.
    private func flat(_ id: String, at milliseconds: Int = 1) -> I420Frame {
        let shade = UInt8(60 + 15 * (Session.ids.firstIndex(of: id) ?? 9))
        return I420Frame(width: 160, height: 120, y: shade, time: Instant.zero + .milliseconds(milliseconds))
    }

    private func text(_ shown: Shown, in region: CellRegion, row: Int) -> String {
        (region.column..<region.endColumn).map { shown.terminal[$0, row].text }.joined()
    }

    @Test(arguments: sizes, [2, 3, 5, 8])
    func everybodyHasATileOrIsNamed(size: (columns: Int, rows: Int), count: Int) throws {
        var session = Session.inGroup(count, columns: size.columns, rows: size.rows)
        session.send(.media("b", microphone: false, camera: true))
        session.send(.speaker("a"))
        for key in ["", "2", "0"] {
            session.type(key)
            var shown = Shown(session.model)
            shown.draw(session.model, own: flat("j")) { flat($0) }
            let (grid, people) = TileView.grid(session.model, in: CallLayout.pictureArea(of: session.model.size))
            for (person, tile) in zip(people, grid.tiles) {
                let bar = text(shown, in: tile, row: tile.endRow - 1)
                #expect(bar.contains("\(person.number) \(person.name.prefix(1))"), "\(bar)")
                #expect(bar.contains("mic off") || bar.contains("muted") == (person.id == "b"), "\(bar)")
                #expect((bar.contains("speaking") || bar.contains("▂▄▆")) == (person.id == "a"), "\(bar)")
                // The picture is in the middle of its tile.
                let picture = TileView.picture(of: tile)
                let middle = shown.terminal[picture.column + picture.columns / 2, picture.row + picture.rows / 2]
                var isPicture = false
                if case .rgb = middle.background { isPicture = true }
                #expect(isPicture, "\(person.name) in \(tile)")
            }
            let left = people.dropFirst(grid.tiles.count)
            if let names = grid.names {
                let line = text(shown, in: names, row: names.row)
                let named = left.prefix { line.contains("\($0.number) \($0.name)") }
                #expect(!named.isEmpty)
                #expect(named.count == left.count || line.contains("\(left.count - named.count) more"), "\(line)")
            } else {
                #expect(left.isEmpty)
            }
            #expect(shown.terminal.text[size.rows - 1].hasPrefix(" MIC ON"))
            #expect(shown.shows("you") == (size.columns >= 56))
        }
    }

    @Test func whereThereIsNoPictureIsSaidWhy() {
        var session = Session.inGroup(2, columns: 120, rows: 36)
        session.send(.memberArrived("c", name: "bo"))
        session.send(.memberArrived("d", name: "Chidi"))
        session.send(.connecting("d"))
        session.send(.media("a", microphone: true, camera: false))
        session.send(.interrupted("b"))
        session.send(.remotePicture("b", isPresent: false))
        session.now = session.now + .seconds(3)
        session.send(.tick(hour: 1, minute: 2))
        var shown = Shown(session.model)
        shown.draw(session.model, own: nil) { flat($0) }
        for words in ["camera off", "nothing comes 3 s", "no connection yet 3 s", "connecting 3 s"] { #expect(shown.shows(words)) }
        session.send(.disconnected("b"))
        session.send(.connected("d", path: "direct"))
        shown.draw(session.model, own: nil) { flat($0) }
        #expect(shown.shows("connection lost") && shown.shows("no picture yet"))
    }

    @Test(arguments: sizes, [2, 3, 5]) func aClickOnATileEnlargesItAndBringsAllBack(size: (columns: Int, rows: Int), count: Int) throws {
        var session = Session.inGroup(count, columns: size.columns, rows: size.rows)
        session.send(.media("b", microphone: true, camera: false))
        session.send(.interrupted("a"))
        func tile(_ id: String) throws -> CellRegion {
            let (grid, people) = TileView.grid(session.model, in: CallLayout.pictureArea(of: session.model.size))
            return try #require(zip(people, grid.tiles).first { $0.0.id == id }?.1)
        }
        func click(_ id: String) throws {
            let tile = try tile(id)
            #expect(session.send(.clicked(column: tile.column + tile.columns / 2, row: tile.row + tile.rows / 2)).isEmpty)
        }
        for id in ["a", "b"] {
            try click(id)
            #expect(session.model.call.enlarged == id)
            try click(id)
            #expect(session.model.call.enlarged == nil)
            // The name is part of it.
            let place = try tile(id)
            session.send(.clicked(column: place.column, row: place.endRow - 1))
            #expect(session.model.call.enlarged == id)
            session.type("0")
        }
        // From one to another, where the others keep their tiles.
        try click("a")
        if size.columns >= 80 {
            try click("b")
            #expect(session.model.call.enlarged == "b")
        }
        session.type("0")
        // A pane that lies over it keeps it from being clicked.
        session.type("?")
        let pane = HelpView.pane(session.model, in: CallLayout.pictureArea(of: session.model.size)).region
        session.send(.clicked(column: pane.column + pane.columns / 2, row: pane.row + pane.rows / 2))
        #expect(session.model.call.enlarged == nil && session.model.overlay == .help)
    }

    /// Frozen pictures say so.
    @Test func aSilentOneIsMarkedInTheirPicture() {
        var session = Session.inGroup(3)
        session.send(.interrupted("b"))
        session.now = session.now + .seconds(5)
        session.send(.tick(hour: 1, minute: 2))
        var shown = Shown(session.model)
        for n in 1..<4 { shown.draw(session.model, own: nil) { flat($0, at: n) } }
        #expect(shown.shows(" nothing for 5 s "))
    }

    @Test func aChangedKeyStandsInTheTileAndInTheStatusLine() {
        var session = Session.inGroup(3, columns: 120, rows: 36)
        session.send(.acquaintance("b", .changed(since: "2026-11-02")))
        session.press(.escape)
        var shown = Shown(session.model)
        shown.draw(session.model, own: nil) { flat($0) }
        #expect(shown.terminal.text.dropLast().contains { $0.contains("2 ana") && $0.contains("KEY CHANGED: w") })
        #expect(shown.terminal.text[35].contains("2 KEY CHANGED: w"))
    }

    @Test(arguments: [(40, 12), (80, 24), (100, 24), (120, 36)])
    func theWordsPaneListsEverybody(columns: Int, rows: Int) {
        var session = Session.inGroup(8, columns: columns, rows: rows)
        session.send(.verification("a", .words(["otter", "crisp", "vine", "lamp"])))
        session.send(.verification("b", .words(["mango", "tulip", "cedar", "robin"])))
        session.send(.verification("c", .impossible("the other side is a browser")))
        session.send(.acquaintance("a", .firstSeen))
        session.send(.acquaintance("b", .known(since: "2026-11-02", isVerified: true)))
        session.type("w")
        var shown = Shown(session.model)
        shown.draw(session.model, own: nil) { flat($0) }
        func row(_ name: String) -> String {
            let inside = shown.terminal.text.compactMap { line -> String? in
                guard let start = line.firstIndex(of: "│"), let end = line.lastIndex(of: "│"), start < end else { return nil }
                return String(line[start...end])
            }
            return inside.first { $0.contains(name) } ?? ""
        }
        #expect(row("> 1 수진").contains("first seen"))
        #expect(row("2 ana").contains("verified"))
        if rows >= 24 {
            #expect(row("1 수진").contains("otter-crisp-vine-lamp") && row("2 ana").contains("mango-tulip-cedar-robin"))
            #expect(row("3 bo").contains("not verifiable"))
        }
        #expect(shown.shows("hang up.") && shown.shows("the same  ") && shown.shows("Esc close"))
        #expect(shown.shows("otter  crisp  vine  lamp"))
        session.press(.down)
        shown.draw(session.model, own: nil) { flat($0) }
        #expect(shown.shows("> 2 ana") && shown.shows("mango  tulip  cedar  robin"))
    }

    @Test(arguments: [(40, 12), (56, 16), (80, 24)])
    func aChangedKeyIsReadableWhole(columns: Int, rows: Int) {
        var session = Session.inGroup(8, columns: columns, rows: rows)
        session.send(.verification("c", .words(["otter", "crisp", "vine", "lamp"])))
        session.send(.acquaintance("c", .changed(since: "2026-11-02")))
        var shown = Shown(session.model)
        shown.draw(session.model, own: nil) { flat($0) }
        for words in ["> 3 bo", "THE KEY HAS CHANGED", "otter  crisp  vine  lamp", "hang", "Esc close"] { #expect(shown.shows(words)) }
    }

    @Test func thePeoplePaneListsEverybodyWithNotes() {
        var session = Session.inGroup(8, columns: 120, rows: 30)
        session.send(.media("c", microphone: false, camera: false))
        session.send(.connecting("d"))
        session.send(.speaker("e"))
        var shown = Shown(session.model)
        shown.draw(session.model, own: nil) { flat($0) }
        let side = shown.terminal.text.map { String($0.suffix(30)) }
        for (number, name) in Session.names.prefix(8).enumerated() { #expect(side.contains { $0.contains("\(number + 1) \(name)") }) }
        #expect(side.contains { $0.contains("3 bo  mic off, camera off") })
        #expect(side.contains { $0.contains("4 Chidi  connecting") })
        #expect(side.contains { $0.contains("5 Дарья  speaking") })
    }

    @Test func helpNamesTheDigits() {
        var session = Session.inGroup(3)
        session.type("?")
        var shown = Shown(session.model)
        shown.draw(session.model, own: flat("j")) { flat($0) }
        #expect(shown.shows("one picture large") && shown.shows("all pictures"))
        var two = Session.inCall()
        two.type("?")
        shown = Shown(two.model)
        shown.draw(two.model, own: flat("j")) { flat($0) }
        let isNamed = shown.shows("one picture large")
        #expect(!isNamed)
    }

    /// A new picture of one is drawn alone: the others' cells, and one's own, cost nothing.
    @Test func onlyWhatChangedIsDrawn() {
        let session = Session.inGroup(8, columns: 200, rows: 60)
        var shown = Shown(session.model)
        shown.draw(session.model, own: flat("j")) { flat($0) }
        #expect(shown.screen.draw(session.model, picture: { flat($0) }, own: flat("j")) == 0)
        func other(_ id: String) -> I420Frame {
            id == "b" ? I420Frame(width: 160, height: 120, y: 220, time: Instant.zero + .milliseconds(9)) : flat(id)
        }
        let one = shown.screen.draw(session.model, picture: other, own: flat("j"))
        #expect(one > 0)
        shown.screen.repaint()
        let all = shown.screen.draw(session.model, picture: other, own: flat("j"))
        #expect(one * 4 < all)
    }

    /// After whatever came before, the screen is the one that would be drawn afresh.
    @Test(arguments: [1, 2, 3] as [UInt64])
    func nothingRemainsOfFormerScreens(seed: UInt64) {
        var random = RandomSource.seeded(seed)
        var session = Session.inGroup(3, columns: 100, rows: 30)
        var shown = Shown(session.model)
        for n in 1..<80 {
            let id = Session.ids.randomElement(using: &random) ?? "a"
            let isThere = session.model.call.person(id) != nil
            switch Int.random(in: 0..<12, using: &random) {
            case 0, 1: if isThere { session.leave(id) } else { session.arrive(id, id) }
            case 2: session.send(.remotePicture(id, isPresent: Bool.random(using: &random)))
            case 3: session.send(.media(id, microphone: Bool.random(using: &random), camera: Bool.random(using: &random)))
            case 4: session.send(.speaker(isThere ? id : nil))
            case 5: session.type(String(Int.random(in: 0...9, using: &random)))
            case 6: session.type(["p", "w", "i", "?"].randomElement(using: &random) ?? "p")
            case 7: session.send(.interrupted(id))
            case 8: session.send(.resumed(id))
            case 9:
                session.now = session.now + .seconds(1)
                session.send(.tick(hour: 1, minute: n % 60))
            case 10:
                let sizes = [(40, 12), (80, 24), (100, 30), (132, 43)]
                let (columns, rows) = sizes.randomElement(using: &random) ?? (80, 24)
                session.send(.resized(TerminalSize(columns: columns, rows: rows)))
            default: session.press(.escape)
            }
            let own = Bool.random(using: &random) ? frame(n, at: n) : frame(7, at: 7)
            func picture(_ id: String) -> I420Frame? { flat(id, at: id == "b" ? n : 1) }
            shown.draw(session.model, own: own, picture: picture)
            var fresh = Shown(session.model)
            fresh.draw(session.model, own: own, picture: picture)
            let (a, b) = (shown.screen.cells, fresh.screen.cells)
            var different = 0
            for row in 0..<a.rows { for column in 0..<a.columns where a[column, row] != b[column, row] { different += 1 } }
            #expect(different == 0, "step \(n): \(a.text)")
        }
    }
}
