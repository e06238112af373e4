import CellGraphics
import Primitives
import QRCode
import Terminal
import TestSupport
import Testing

@testable import ChatUI

@Suite struct InviteTests {
    private let link = "https://tchat.example.org/standup"

    private func shown(_ link: String, columns: Int, rows: Int, reach: Invitation.Reach = .everybody, hasToken: Bool = false) -> Shown {
        var session = Session.inCall(columns: columns, rows: rows)
        session.send(.invite(Invitation(link: link, reach: reach, hasToken: hasToken)))
        session.type("I")
        #expect(session.model.overlay == .invite)
        var shown = Shown(session.model)
        shown.draw(session.model, remote: frame(1, at: 1), own: frame(1, at: 1))
        return shown
    }

    /// The light of each half cell of what is drawn as a code, as a camera would see it; nil: nothing is.
    private func halves(_ terminal: VirtualTerminal) -> [[Bool]]? {
        let white = VirtualTerminal.Color.rgb(255, 255, 255)
        var lines: [[Bool]] = []
        for row in 0..<terminal.rows {
            let cells = (0..<terminal.columns).map { terminal[$0, row] }
            let ours = cells.filter { $0.foreground == white && $0.background == .rgb(0, 0, 0) && " ▀▄█".contains($0.text) }
            guard !ours.isEmpty else { continue }
            lines.append(ours.map { "▀█".contains($0.text) })
            lines.append(ours.map { "▄█".contains($0.text) })
        }
        return lines.isEmpty ? nil : lines
    }

    @Test(arguments: [(80, 24, 4), (100, 30, 4), (160, 48, 4), (60, 24, 2), (400, 120, 4)])
    func whatIsDrawnIsTheCode(columns: Int, rows: Int, zone: Int) throws {
        let shown = self.shown(link, columns: columns, rows: rows)
        let halves = try #require(self.halves(shown.terminal))
        let code = try QRCode(link)
        let size = code.size + 2 * zone
        #expect(halves.count == (size + 1) / 2 * 2)
        for y in 0..<size {
            try #require(halves[y].count == size)
            for x in 0..<size { #expect(halves[y][x] == !code[x - zone, y - zone]) }
        }
    }

    @Test func withoutRoomThereIsTheLinkAlone() {
        let shown = self.shown(link, columns: 40, rows: 12)
        #expect(halves(shown.terminal) == nil)
        #expect(shown.shows(link))
        #expect(shown.shows("The QR code needs a larger screen."))
    }

    @Test func aLongLinkIsShownWhole() {
        let long = link + "#token=" + String((0..<200).map { Character(Unicode.Scalar(UInt8(97 + $0 % 26))) })
        for (columns, rows) in [(40, 12), (80, 24), (160, 48)] {
            let shown = self.shown(long, columns: columns, rows: rows, hasToken: true)
            let pieces = shown.terminal.text.joined().filter { !" │─┌┐└┘▀▄█".contains($0) }
            #expect(columns == 160 || pieces.contains(long), "\(columns)x\(rows)")
        }
        #expect(shown(long, columns: 160, rows: 48, hasToken: true).shows("The link holds your token"))
    }

    /// Marked with a mouse, rows of the whole screen give the link and nothing else.
    @Test(arguments: [(40, 12), (56, 20), (80, 24), (100, 30), (160, 48), (200, 60)], [Language.english, .korean])
    func aLinkOfSeveralRowsHasNothingBesideIt(size: (columns: Int, rows: Int), language: Language) throws {
        let long = link + "#token=" + String((0..<200).map { Character(Unicode.Scalar(UInt8(97 + $0 % 26))) })
        var session = Session.inCall(columns: size.columns, rows: size.rows)
        session.model.words.language = language
        session.send(.invite(Invitation(link: long, reach: .everybody, hasToken: true)))
        session.type("I")
        var shown = Shown(session.model)
        shown.draw(session.model, remote: frame(1, at: 1), own: frame(1, at: 1))
        let place = try #require(shown.place("https://"))
        #expect(place.column == 0)
        let rows = (long.count + size.columns - 1) / size.columns
        let text = shown.terminal.text[place.row..<place.row + rows].map { $0.prefix(size.columns) }.joined()
        #expect(text.hasPrefix(long) && text.dropFirst(long.count).allSatisfy { $0 == " " })
        #expect(shown.shows(session.model.words.inviteCopy))
        #expect(shown.terminal.text.last?.contains(language == .english ? "MIC ON" : "마이크") == true)
    }

    @Test func aLinkOfOneRowIsWholeBesideItsCode() {
        for (columns, rows) in [(40, 12), (60, 24), (80, 24), (100, 30), (160, 48)] {
            #expect(shown(link, columns: columns, rows: rows).shows(link), "\(columns)x\(rows)")
        }
    }

    /// Too wide for a row beside its code, it has one of its own under it.
    @Test func aCodeStaysWhereItsLinkGoesUnderIt() throws {
        let long = "https://tchat.example.org/a-somewhat-longer-channel-name-of-a-team"
        let shown = self.shown(long, columns: 80, rows: 24)
        let halves = try #require(self.halves(shown.terminal))
        #expect(halves.count == (try QRCode(long).size + QRCode.quietZone + 1) / 2 * 2)
        #expect(shown.place(long)?.column == 0)
        #expect(shown.shows("Enter copies it") && shown.shows("Esc close"))
    }

    @Test func enterCopiesTheLink() {
        var session = Session.inCall()
        session.send(.chatOpen("a", true))
        session.type("I")
        // There is none yet.
        #expect(session.press(.enter).isEmpty)
        session.press(.escape)
        session.send(.invite(Invitation(link: link, reach: .everybody, hasToken: false)))
        #expect(session.press(.enter) == [.copy(link)])
        #expect(session.model.call.draft == nil)
        session.send(.copied(true))
        #expect(session.model.notice?.text == "link copied")
        session.send(.copied(false))
        #expect(session.model.notice?.text == "not copied: mark it instead")
        session.press(.escape, .enter)
        #expect(session.model.call.draft != nil)
    }

    @Test func aChannelThatNoLinkLeadsToIsSaid() {
        let shown = self.shown("", columns: 80, rows: 24, reach: .byNameAlone)
        #expect(shown.shows("No link leads to a channel of this name"))
        #expect(halves(shown.terminal) == nil && !shown.shows("Enter copies"))
    }

    @Test func whomItWorksForIsSaid() {
        #expect(shown("http://127.0.0.1:6125/a", columns: 80, rows: 24, reach: .thisMachine).shows("this machine alone"))
        #expect(shown("http://10.0.0.1:6125/a", columns: 80, rows: 24, reach: .noBrowser).shows("https pages"))
    }

    @Test func thereIsNoLinkBeforeTheJoin() {
        var session = Session()
        session.send(.joining(channel: "a"))
        session.type("I")
        var shown = Shown(session.model)
        shown.draw(session.model)
        #expect(shown.shows("There is a link as soon as"))
    }
}
