import CellGraphics
import Primitives
import Terminal
import Testing

@testable import ChatUI

/// Particles, and a call that speaks Korean.
@Suite struct KoreanTests {
    @Test(arguments: [
        ("수진", "수진은", "수진으로"), ("민지", "민지는", "민지로"), ("서울", "서울은", "서울로"), ("게스트 1", "게스트 1은", "게스트 1로"),
        ("게스트 2", "게스트 2는", "게스트 2로"), ("게스트 3", "게스트 3은", "게스트 3으로"), ("10", "10은", "10으로"), ("ana", "ana는", "ana로"),
        ("Jack", "Jack은", "Jack으로"), ("Mark", "Mark는", "Mark로"), ("Paul", "Paul은", "Paul로"), ("John", "John은", "John으로"),
        ("Alice", "Alice는", "Alice로"), ("Jane", "Jane은", "Jane으로"), ("Nicole", "Nicole은", "Nicole로"), ("Ming", "Ming은", "Ming으로"),
        ("TV", "TV는", "TV로"), ("XML", "XML은", "XML로"), ("수진 (집)", "수진 (집)은", "수진 (집)으로"), ("Дарья", "Дарья은(는)", "Дарья(으)로"),
        ("", "은(는)", "(으)로"), ("!!", "!!은(는)", "!!(으)로"), ("blog", "blog은(는)", "blog(으)로"), ("ㄹ", "ㄹ은", "ㄹ로"),
    ]) func particlesFollowTheLastSound(word: String, topic: String, toward: String) {
        #expect(KoreanParticle.topic.behind(word) == topic)
        #expect(KoreanParticle.toward.behind(word) == toward)
    }

    @Test func eachParticleHasItsForms() {
        #expect(KoreanParticle.allCases.map { $0.behind("집") } == ["집은", "집이", "집을", "집과", "집으로"])
        #expect(KoreanParticle.allCases.map { $0.behind("차") } == ["차는", "차가", "차를", "차와", "차로"])
    }

    private func texts(_ session: Session) -> [String] { session.model.call.lines.map(\.text) }

    @Test func whatHappensInACallIsToldInKorean() {
        var session = Session()
        session.model.words.language = .korean
        session.send(.joining(channel: "회의"))
        session.send(.joined(isFirst: false))
        session.arrive("a", "수진")
        #expect(texts(session) == ["수진 먼저 와 있음", "연결됨, 직접 연결"])
        session.send(.path("a", "relayed over TLS"))
        #expect(texts(session).last == "경로가 중계 TLS로 바뀜")
        session.send(.interrupted("a"))
        #expect(texts(session).last == "연결이 잠시 끊김")
        session.send(.resumed("a"))
        #expect(texts(session).last == "다시 연결됨")
        session.send(.verification("a", .failed("the other side committed twice")))
        #expect(texts(session).last == "안전하지 않음: 상대가 약속 값을 두 번 보냄")
        session.send(.signaling(.lost("The signaling server is gone; the call goes on, nobody new can join until it is back.")))
        #expect(texts(session).last == "시그널링 서버와 연결이 끊김, 통화는 계속됨")
        session.leave("a", reason: "The other side is gone.")
        #expect(texts(session).last == "수진 연결 끊김")
        session.arrive("b", "")
        session.leave("b", reason: "The other side left.")
        #expect(texts(session).last == "상대방 나감")
        session.arrive("c", "bo")
        session.leave("c", reason: "Thrown out by the keeper.")
        #expect(texts(session).last == "Thrown out by the keeper")
    }

    @Test func theLanguageOutlivesACall() {
        var session = Session()
        session.model.words.language = .korean
        for _ in 0..<2 {
            session.send(.joining(channel: "c"))
            session.send(.joined(isFirst: true))
            session.arrive("a", "")
            #expect(session.model.call.words.language == .korean && session.model.call.name(of: "a") == "상대방")
            session.type("q")
        }
        #expect(session.model.call.words == session.model.words)
    }

    private static let states = [
        "joining", "waiting", "left", "expecting", "awaited", "connecting", "connected", "interrupted", "frozen", "lost", "changed",
        "failed", "words",
        "impossible",
    ]

    private func session(_ state: String, _ language: Language, _ count: Int, _ columns: Int, _ rows: Int) -> Session {
        var session = Session(columns: columns, rows: rows)
        session.model.words.language = language
        session.send(.tick(hour: 20, minute: 1))
        session.send(.joining(channel: "주간 회의"))
        if state == "joining" { return session }
        session.send(.joined(isFirst: state == "waiting"))
        if state == "waiting" || state == "expecting" { return session }
        for id in Session.ids.prefix(count) {
            let name = id == "a" ? "" : id == "b" ? "아주 긴 이름을 가진 사람입니다" : Session.names[Session.ids.firstIndex(of: id) ?? 0]
            if state == "awaited" || state == "connecting" {
                session.send(.memberArrived(id, name: name))
            } else {
                session.arrive(id, name)
            }
            session.send(.media(id, microphone: id == "a", camera: id != "c"))
            switch state {
            case "connecting": session.send(.connecting(id))
            case "connected": session.send(.remotePicture(id, isPresent: false))
            case "interrupted", "frozen":
                session.send(.interrupted(id))
                if state == "interrupted" { session.send(.remotePicture(id, isPresent: false)) }
            case "lost": session.send(.disconnected(id))
            case "changed":
                session.send(.verification(id, .words(["aardvark", "hurricane", "snapshot", "universe"])))
                session.send(.acquaintance(id, .changed(since: "2026-11-02")))
            case "failed": session.send(.verification(id, .failed("the other side committed twice")))
            case "words":
                session.send(.verification(id, .words(["aardvark", "hurricane", "snapshot", "universe"])))
                session.send(.acquaintance(id, .known(since: "2026-11-02", isVerified: false)))
            case "impossible": session.send(.verification(id, .impossible("the other side is not tchat")))
            default: break
            }
        }
        if state == "left" { for id in Session.ids.prefix(count) { session.leave(id) } }
        session.send(.speaker("a"))
        session.now = session.now + .seconds(125)
        session.send(.tick(hour: 20, minute: 3))
        return session
    }

    @Test(arguments: [Language.english, .korean], states) func noTextLeavesItsPane(language: Language, state: String) {
        for (columns, rows) in [(40, 12), (47, 13), (56, 18), (72, 20), (80, 24), (99, 30), (100, 16), (100, 30), (120, 36), (200, 60)] {
            for count in [1, 3, 8] {
                for key in ["", "w", "i", "?"] {
                    var session = session(state, language, count, columns, rows)
                    // A warning has opened its pane already.
                    if !(key == "w" && session.model.overlay == .words) { session.type(key) }
                    let whole = CellRegion(column: 0, row: 0, columns: columns, rows: rows)
                    let place = "\(columns)x\(rows) \(state) \(count) \(key)"
                    for pane in ChatScreen.content(session.model, hasOwnPicture: true).panes {
                        #expect(
                            pane.region.intersection(whole) == pane.region, "\(place) \(pane.region)")
                        for run in pane.runs where !run.text.isEmpty {
                            let end = run.column + min(run.limit, TerminalText.width(run.text))
                            #expect(
                                run.row >= 0 && run.row < pane.region.rows && run.column >= 0 && end <= pane.region.columns,
                                "\(place): \(run.text) at \(run.column),\(run.row) of \(pane.region)")
                        }
                    }
                }
            }
        }
    }

    @Test(arguments: [(40, 12), (80, 24)]) func thePaneOfTheWordsTellsInKoreanHowToCompareThem(columns: Int, rows: Int) {
        var session = session("words", .korean, 1, columns, rows)
        session.type("w")
        var shown = Shown(session.model)
        shown.draw(session.model)
        for text in ["확인 단어", "aardvark", "universe", "영어", "y 같음", "Esc 닫기"] { #expect(shown.shows(text), "\(text)") }
    }
}

/// What other parts tell in English, in the places where a person looks first.
@Suite struct KoreanTroubleTests {
    private static let korean = Words(.korean)

    /// Latin letters are left of names, places and numbers alone.
    private func expectKorean(_ text: String, except kept: [String] = [], sourceLocation: SourceLocation = #_sourceLocation) {
        let rest = kept.reduce(text) { $0.replacing($1, with: "") }
        let isLatin = rest.unicodeScalars.contains { $0.isASCII && $0.properties.isAlphabetic }
        let isHangul = rest.unicodeScalars.contains { (0xac00...0xd7a3).contains($0.value) }
        #expect(isHangul && !isLatin, "\(text)", sourceLocation: sourceLocation)
    }

    @Test(arguments: [
        ("Nothing answers at http://192.0.2.1:6125.", "http://192.0.2.1:6125에서 응답이 없습니다."),
        ("http://h:1 cannot be reached: No route to host.", "http://h:1에 연결할 수 없습니다: 호스트로 가는 경로 없음."),
        ("http://h:1 cannot be reached.", "http://h:1에 연결할 수 없습니다."),
        ("The name a.example cannot be resolved.", "a.example 주소를 찾을 수 없습니다. 이름과 네트워크를 확인하세요."),
        (
            "The server at http://h:1 is there but does not serve at the moment (HTTP status 503).",
            "http://h:1 서버가 지금은 동작하지 않습니다(HTTP 상태 503)."
        ),
        (
            "Nothing answers at http://h:1. The call goes on, but nobody new can join.",
            "http://h:1에서 응답이 없습니다. 통화는 계속되지만 새로 참가할 수 없습니다."
        ),
        ("The signaling server ends with the program that it runs in.", "서버가 실행된 프로그램이 끝나 함께 종료됩니다."),
        ("Nobody is there to read text.", "메시지를 받을 사람이 없습니다."),
        (
            "The channel cannot be joined again. the channel is full. Take another channel, or wait until somebody leaves.",
            "채널에 다시 참가할 수 없습니다. 채널이 가득 찼습니다."
        ),
        (
            "Recent channels cannot be read, so none are shown: cannot open /home/a/.local/state/tchat: Permission denied.",
            "최근 채널을 읽을 수 없어 표시하지 않습니다: /home/a/.local/state/tchat 열기 실패, 권한 없음."
        ),
        ("The recording a.cast has ended: No space left on device.", "a.cast 녹화가 끝났습니다: 디스크 공간 부족."),
        (
            "The recording a.cast has ended: the disk does not take it as fast as the screen changes.",
            "a.cast 녹화가 끝났습니다: 디스크가 화면이 바뀌는 속도를 따라가지 못합니다."
        ),
        ("The picture ~/x: $1.png cannot be written: Permission denied.", "스냅샷을 저장하지 못했습니다: ~/x: $1.png, 권한 없음."),
        ("Something nobody knows.", "Something nobody knows."), ("", ""), ("*", "*"),
    ]) func knownSentencesAreTranslated(english: String, korean: String) {
        #expect(Self.korean.trouble(english) == korean)
        #expect(Words(.english).trouble(english) == english)
    }

    @Test func sentencesOfAnyShapeAreBorne() {
        for text in ["The recording  has ended: .", "cannot read : ", "The channel cannot be joined again. ", " cannot be reached: ."] {
            _ = Self.korean.trouble(text)
        }
        // One in the other, and much too long.
        let deep = String(repeating: "The channel cannot be joined again. ", count: 90) + "x"
        #expect(Self.korean.trouble(deep).hasSuffix("x"))
        let long = String(repeating: "y", count: 5000) + " cannot be reached."
        #expect(Self.korean.trouble(long) == long)
    }

    @Test func theServerIsToldOfInKoreanEverywhere() {
        var session = Session()
        session.model.words.language = .korean
        func screen() -> Shown {
            var shown = Shown(session.model)
            shown.draw(session.model)
            return shown
        }
        session.send(.signaling(.connected(SignalingPlace("127.0.0.1:6125", isInThisProgram: true))))
        #expect(screen().shows("시그널링: 이 프로그램 안, 127.0.0.1:6125"))
        session.send(.signaling(.lost("The connection to the signaling server is lost.")))
        let lost = screen()
        #expect(lost.terminal.text[0].contains("  시그널링 서버와 연결이 끊겼습니다."))
        #expect(lost.terminal.text[2].contains("시그널링 서버와 연결이 끊겼습니다."))
        session.send(.joining(channel: "방"))
        #expect(screen().shows("시그널링 서버와 연결이 끊겼습니다."))
        for state in [
            SignalingState.connecting(SignalingPlace("127.0.0.1:1", isInThisProgram: true)), .connected("127.0.0.1:1"),
            .lost("Nothing answers at 127.0.0.1:1."), .lost(""),
        ] {
            expectKorean(Self.korean.plainSignaling(state))
        }
    }

    @Test func troubleInACallIsToldInKorean() {
        var session = Session.inCall()
        session.model.words.language = .korean
        session.send(.failure("Nobody is there to read text."))
        #expect(session.model.call.lines.last?.text == "메시지를 받을 사람이 없습니다.")
        session.send(.signaling(.lost("Nothing answers at http://h:1. The call goes on, but nobody new can join.")))
        #expect(session.model.call.lines.last?.text == "http://h:1에서 응답이 없습니다. 통화는 계속되지만 새로 참가할 수 없습니다")
        expectKorean(Self.korean.snapshotFailed("The picture /a/1.png cannot be written: Read-only file system."), except: ["/a/1.png"])
        #expect(Words().snapshotFailed("The picture a cannot be written: x.") == "The picture a cannot be written: x.")
    }
}
