import CellGraphics
import MediaTypes
import Terminal
import TestSupport
import Testing

@testable import ChatUI

private let widths = Array(stride(from: 40, through: 400, by: 19)) + [55, 56, 79, 80, 99, 100, 101, 400]
private let heights = [12, 13, 14, 15, 16, 17, 19, 20, 21, 24, 36, 48, 60, 77, 120]

@Suite(.serialized) struct CallLayoutTests {
    /// Calls in many states.
    private func sessions() -> [Session] {
        var alone = Session()
        alone.send(.joining(channel: "standup"))
        alone.send(.joined(isFirst: true))
        var two = Session.inCall()
        two.send(.chatOpen("a", true))
        for number in 0..<30 { two.send(.chat(from: "a", text: "line \(number) " + String(repeating: "한글 words ", count: 9))) }
        var writing = two
        writing.type("tsomething 한글")
        var reading = two
        reading.press(.pageUp)
        var asking = two
        asking.type("?")
        var many = Session.inGroup(9)
        many.send(.chatOpen("a", true))
        var large = many
        large.type("3")
        return [alone, two, writing, reading, asking, many, large]
    }

    @Test(arguments: [PictureShape(), PictureShape(width: 16, height: 9), PictureShape(width: 9, height: 16)])
    func panesKeepToThemselves(shape: PictureShape) {
        for var session in sessions() {
            for columns in widths {
                for rows in heights {
                    session.send(.resized(TerminalSize(columns: columns, rows: rows)))
                    let content = ChatScreen.content(session.model, hasOwnPicture: true, shape: shape)
                    let screen = CellRegion(column: 0, row: 0, columns: columns, rows: rows)
                    let regions = content.panes.map(\.region) + content.pictures.map(\.region) + [content.own].compactMap { $0 }
                    for region in regions { #expect(!region.isEmpty && region.intersection(screen) == region, "\(columns)x\(rows)") }
                    let flat = content.panes.filter { !$0.isOverlay }.map(\.region) + content.pictures.map(\.region)
                    for (index, region) in flat.enumerated() {
                        for other in flat[(index + 1)...] {
                            #expect(region.intersection(other).isEmpty, "\(columns)x\(rows): \(region) \(other)")
                        }
                    }
                    let state = content.panes.filter { $0.region.row == rows - 1 && !$0.isOverlay }
                    #expect(state.count == 1 && state.first?.runs.prefix(2).map { String($0.text.prefix(4)) } == [" MIC", " CAM"])
                    let covering = content.panes.filter { $0.isOverlay && $0.region.row + $0.region.rows > rows - 1 }
                    #expect(covering.isEmpty)
                    guard let box = content.panes.firstIndex(where: \.yields) else { continue }
                    let own = content.panes[box].region
                    for pane in content.panes[(box + 1)...] { #expect(pane.region.intersection(own).isEmpty) }
                    let area = content.pictures.first?.region ?? CallLayout.pictureArea(of: session.model.size)
                    let drawn = PicturePlacement(width: shape.width, height: shape.height, in: area, fit: .contain).target
                    let margin = CellRegion(
                        column: drawn.column + 1, row: drawn.row + 1, columns: drawn.columns - 2, rows: drawn.rows - 2)
                    #expect(own.intersection(margin) == own, "\(columns)x\(rows)")
                }
            }
        }
    }

    /// The picture's own shape counts, not the area's.
    @Test func onesOwnPictureLiesWithinTheOther() throws {
        let session = Session.inCall(columns: 120, rows: 50)
        var shown = Shown(session.model)
        shown.draw(session.model, remote: syntheticFrame(width: 320, height: 180, number: 1, time: .zero), own: frame(1, at: 1))
        let box = try #require(shown.place("└──"))
        #expect(shown.screen.cells[box.column, box.row + 1].isPicture)
        #expect(!shown.screen.cells[box.column, box.row + 2].isPicture)
    }

    @Test(arguments: ["?", "w", "i"])
    func onesOwnPictureGivesWayToAPane(key: String) throws {
        var session = Session.inCall(columns: 80, rows: 24)
        session.type(key)
        let content = ChatScreen.content(session.model, hasOwnPicture: true)
        let pane = try #require(content.panes.last { $0.isOverlay })
        if let own = content.own { #expect(own.intersection(pane.region).isEmpty) }
        session.type(key)
        #expect(ChatScreen.content(session.model, hasOwnPicture: true).own != nil)
    }

    private static let hostile = [
        "\u{1b}[2J\u{1b}]0;x\u{7}\u{9b}5;5H", "\u{202e}abc\u{2066}\u{2069}", "a\u{200b}\u{200d}\u{feff}b",
        "e" + String(repeating: "\u{301}", count: 5000), "\r\n\t\u{b}\u{c}\u{85}\u{2028}", String(repeating: "W\u{1b}[31m", count: 200_000),
        String(repeating: "漢", count: 300_000), "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}\u{fe0f}", "",
    ]

    @Test(arguments: [(40, 12), (80, 24), (100, 16), (140, 40)], hostile)
    func hostileTextChangesNothingElsewhere(size: (columns: Int, rows: Int), text: String) {
        var cells: [CellGrid] = []
        var panes: [CellRegion] = []
        for text in ["name", text] {
            var session = Session.inCall(columns: size.columns, rows: size.rows)
            session.send(.named("a", text))
            session.send(.chatOpen("a", true))
            for _ in 0..<20 { session.send(.chat(from: "a", text: text)) }
            for event in [ChatEvent.message(text), .failure(text)] { session.send(event) }
            session.type("t")
            session.send(.pasted(text))
            var shown = Shown(session.model)
            shown.draw(session.model, remote: frame(1, at: 1), own: frame(2, at: 1))
            cells.append(shown.screen.cells)
            let (_, side, strip) = CallLayout.parts(of: session.model.size)
            panes = [side, strip, CallLayout.log(session.model, isReadBack: strip == nil).region].compactMap { $0 }
            panes.append(CellRegion(column: 0, row: size.rows - 2, columns: size.columns, rows: side == nil ? 1 : 0))
        }
        for row in 0..<size.rows {
            for column in 0..<size.columns where cells[0][column, row].text != cells[1][column, row].text {
                let isInside = panes.contains { !$0.intersection(CellRegion(column: column, row: row, columns: 1, rows: 1)).isEmpty }
                #expect(isInside, "\(column), \(row)")
            }
        }
    }
}
