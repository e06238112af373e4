import CellGraphics
import MediaTypes
import Primitives
import Terminal
import TestSupport
import Testing

@testable import ChatUI

/// Texts made to break a screen beside harmless ones of the same width: whole cells are compared, letters, colours and attributes, and
/// only the letters of the texts themselves may differ.
@Suite(.serialized) struct HostileScreenTests {
    struct Place: CustomTestStringConvertible {
        var columns: Int
        var rows: Int
        var language: Language
        var testDescription: String { "\(columns)x\(rows) \(language.rawValue)" }
    }

    static let places =
        [(40, 12), (80, 24), (100, 30)].flatMap { size in
            Language.allCases.map { Place(columns: size.0, rows: size.1, language: $0) }
        } + [Place(columns: 160, rows: 48, language: .english)]

    /// Each ends with a plain letter, as Korean particles go by the last one; wide ones are short, as half of one never fits an edge.
    static let hostile = [
        "\u{1b}[2J\u{1b}[31m\u{1b}]0;x\u{7}\u{9b}5;5H\u{202e}ab\u{2066}\u{200f}c\u{2069}\u{200b}e\u{301}\u{20dd}\u{489}\r\n\tZ",
        "漢\u{200d}\u{202e}\u{1b}c글\u{feff}\u{301}\u{302}😀\u{fe0f}Z",
    ]
    private static let narrow = "Q"
    private static let wide = "口"

    /// As wide, with spaces at the same places.
    private static func harmless(_ text: String) -> String {
        TerminalText.clusters(text).map { $0.text == " " || $0.text == "Z" ? $0.text : $0.width == 2 ? wide : narrow }.joined()
    }

    /// What a channel's name may hold: no controls, nothing that turns directions.
    private static func channel(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.filter { scalar in
                    let kind = scalar.properties.generalCategory
                    return kind != .control && !(kind == .format && scalar.properties.isBidiControl) && scalar.value != 0xfeff
                }))
    }

    /// A screen in each state that shows what others have written.
    private func sessions(_ place: Place, name: String, channel: String, text: String) -> [(state: String, session: Session)] {
        var start = Session(columns: place.columns, rows: place.rows)
        start.model.words = Words(place.language)
        start.send(.tick(hour: 20, minute: 1))
        start.send(.signaling(.connected("here")))
        var states: [(state: String, session: Session)] = []
        func add(_ state: String, _ session: Session, _ change: (inout Session) -> Void) {
            var session = session
            change(&session)
            states.append((state, session))
        }
        add("lobby", start) {
            $0.send(.channels([LobbyChannel(name: channel, members: 2, names: [name, "bo"], capacity: 8, isLocked: true)]))
        }
        add("signaling lost", start) { $0.send(.signaling(.lost(text))) }
        add("refused", start) {
            $0.send(.joining(channel: channel))
            $0.send(.joinFailed(ChatRefusal(code: "full", sentence: text)))
        }
        add("password", start) {
            $0.send(.joining(channel: channel))
            $0.send(.joinFailed(ChatRefusal(code: "password-needed", sentence: text)))
        }
        var joining = start
        joining.send(.joining(channel: channel))
        add("joining", joining) { $0.send(.failure(text)) }
        joining.send(.joined(isFirst: true))
        add("waiting", joining) { _ in }
        add("awaited", joining) { $0.send(.memberArrived("a", name: name)) }
        var call = joining
        call.arrive("a", name)
        call.send(.chatOpen("a", true))
        for _ in 0..<3 { call.send(.chat(from: "a", text: text)) }
        add("call", call) { _ in }
        add("messages", call) {
            $0.send(.message(text))
            $0.send(.failure(text))
        }
        add("server stops", call) { $0.send(.serverStopping(text)) }
        add("off", call) { $0.send(.media("a", microphone: false, camera: false)) }
        add("interrupted", call) { $0.send(.interrupted("a")) }
        add("lost", call) { $0.send(.disconnected("a")) }
        add("draft", call) {
            // Of a paste the controls are left out, as of a channel's name.
            $0.type("t")
            $0.send(.pasted(channel))
        }
        add("reading back", call) { $0.press(.pageUp) }
        add("words", call) {
            $0.send(.verification("a", .words(["anchor", "bacon", "cedar"])))
            $0.send(.acquaintance("a", .changed(since: "2026-11-02")))
            $0.type("w")
        }
        add("not secure", call) {
            $0.send(.verification("a", .failed(text)))
            $0.type("w")
        }
        add("invite", call) {
            $0.send(.invite(Invitation(link: "http://example.org/room", reach: .everybody, hasToken: false)))
            $0.type("I")
        }
        add("statistics", call) {
            $0.type("i")
            $0.send(.details([ChatDetail("Codec", text), ChatDetail("RoundTrip", "12 ms")]))
        }
        add("help", call) { $0.type("?") }
        add("left", call) { $0.leave("a", reason: "\(name) left.") }
        add("left for a reason", call) { $0.leave("a", reason: text) }
        add("ended", call) { $0.send(.ended(text)) }
        add("group", call) {
            $0.arrive("b", name)
            $0.arrive("c", "bo")
            $0.send(.speaker("b"))
        }
        return states
    }

    @Test(arguments: places, hostile) func nothingButTheLettersDiffers(place: Place, text: String) {
        let harmless = sessions(
            place, name: Self.harmless(text), channel: Self.harmless(Self.channel(text)), text: Self.harmless(text))
        let hostile = sessions(place, name: text, channel: Self.channel(text), text: text)
        var hidden = 0
        for (harmless, hostile) in zip(harmless, hostile) {
            var (first, second) = (Shown(harmless.session.model), Shown(hostile.session.model))
            first.draw(harmless.session.model, remote: frame(1, at: 1), own: frame(2, at: 1))
            second.draw(hostile.session.model, remote: frame(1, at: 1), own: frame(2, at: 1))
            hidden += compare(first, second, "\(harmless.state) at \(place.testDescription)")
            let titles = (harmless.session.model.title, hostile.session.model.title)
            #expect(TerminalText.width(titles.0) == TerminalText.width(titles.1), "\(harmless.state)")
            #expect(TerminalText.sanitize(titles.1) == titles.1, "\(harmless.state)")
        }
        // The texts are seen at all.
        #expect(hidden > 50, "\(hidden)")
    }

    /// How many cells hold letters of the texts.
    private func compare(_ harmless: Shown, _ hostile: Shown, _ state: String) -> Int {
        var hidden = 0
        let (a, b) = (harmless.terminal, hostile.terminal)
        for row in 0..<a.rows {
            for column in 0..<a.columns {
                var (first, second) = (Self.seen(a[column, row]), Self.seen(b[column, row]))
                let isText = first.text == Self.narrow || first.text == Self.wide
                if isText || first.text.isEmpty && column > 0 && a[column - 1, row].text == Self.wide {
                    hidden += 1
                    // A half of a wide one stays a half.
                    if isText { (first.text, second.text) = ("", second.text.isEmpty ? "half" : "") }
                }
                if first == second, harmless.screen.cells[column, row].isPicture == hostile.screen.cells[column, row].isPicture { continue }
                Issue.record(
                    "\(state): cell \(column), \(row) is \(first), then \(second)\n\(a.text.joined(separator: "\n"))\n\n\(b.text.joined(separator: "\n"))"
                )
                return hidden
            }
        }
        return hidden
    }

    /// What a space would be written in is not to be seen.
    private static func seen(_ cell: VirtualTerminal.Cell) -> VirtualTerminal.Cell {
        var cell = cell
        if cell.text == " ", !cell.reverse, !cell.underline { (cell.foreground, cell.bold, cell.dim) = (.standard, false, false) }
        return cell
    }
}
