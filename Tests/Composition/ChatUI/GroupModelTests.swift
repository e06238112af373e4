import CellGraphics
import Primitives
import Terminal
import Testing

@testable import ChatUI

/// Several people: who comes and goes, whose picture is large, whose words are looked at.
@Suite struct GroupModelTests {
    private func texts(_ session: Session) -> [String] { session.model.call.lines.map(\.text) }

    @Test func peopleComeAndGo() {
        var session = Session.inGroup(2)
        #expect(session.model.call.phase == .together && session.model.call.isGroup)
        #expect(texts(session).contains("수진 is here"))
        session.now = session.now + .seconds(60)
        session.arrive("x", "xeno")
        #expect(texts(session).last == "xeno joined")
        session.send(.path("x", "relayed"))
        #expect(texts(session).last == "the path to xeno is relayed now")
        session.leave("a")
        #expect(texts(session).last == "수진 left")
        #expect(session.model.call.people.map(\.id) == ["b", "x"])
        session.leave("b", reason: "The other side is gone.")
        #expect(texts(session).last == "ana is gone")
        #expect(session.model.call.phase == .together && !session.model.call.isGroup)
        session.leave("x", reason: "xeno left.")
        #expect(texts(session).last == "xeno left")
        #expect(session.model.call.phase == .waiting(left: "xeno"))
    }

    @Test func whatIsKnownOfAKeyEndsWithItsConnection() {
        var session = Session.inGroup(2)
        session.send(.acquaintance("a", .known(since: "2026-11-02", isVerified: true)))
        session.send(.media("a", microphone: false, camera: false))
        session.send(.disconnected("a"))
        session.send(.connected("a", path: "direct"))
        session.send(.verification("a", .impossible("the other side is not tchat")))
        let person = session.model.call.person("a")
        #expect(person?.isVerified == false && person?.isCameraOn == true && person?.isMicrophoneOn == true)
    }

    @Test func digitsStayWithTheirPeople() {
        var session = Session.inGroup(4)
        #expect(session.model.call.people.map(\.number) == [1, 2, 3, 4])
        session.leave("b")
        #expect(session.model.call.people.map(\.number) == [1, 3, 4])
        session.arrive("x", "xeno")
        #expect(session.model.call.people.map(\.id) == ["a", "x", "c", "d"])
        #expect(session.model.call.person("x")?.number == 2)
    }

    @Test func digitsEnlargeAndZeroBringsAllBack() {
        var session = Session.inGroup(3)
        session.type("2")
        #expect(session.model.call.enlarged == "b" && session.model.call.foremost?.id == "b")
        session.type("3")
        #expect(session.model.call.enlarged == "c")
        session.type("9")
        #expect(session.model.call.enlarged == "c")
        session.type("3")
        #expect(session.model.call.enlarged == nil)
        session.type("10")
        #expect(session.model.call.enlarged == nil)
        session.press(.right, .right)
        #expect(session.model.call.enlarged == "b")
        session.press(.right, .right)
        #expect(session.model.call.enlarged == nil)
        session.press(.left)
        #expect(session.model.call.enlarged == "c")
        session.press(.escape)
        #expect(session.model.call.enlarged == nil && session.model.screen == .call)
    }

    @Test func theEnlargedOneMayLeave() {
        var session = Session.inGroup(4)
        session.type("2")
        session.leave("b")
        #expect(session.model.call.enlarged == nil)
        session.type("1")
        session.leave("c")
        #expect(session.model.call.enlarged == "a")
        // With one other there is nothing to choose.
        session.leave("d")
        #expect(session.model.call.enlarged == nil)
        session.type("1")
        #expect(session.model.call.enlarged == nil)
    }

    @Test func eachHasTheirOwnState() {
        var session = Session.inGroup(3)
        session.send(.media("a", microphone: false, camera: true))
        session.send(.interrupted("b"))
        session.now = session.now + .seconds(4)
        session.send(.tick(hour: 20, minute: 1))
        #expect(session.model.call.people.map { $0.isMicrophoneOn && $0.isCameraOn } == [false, true, true])
        #expect(session.model.call.people.map(\.seconds) == [0, 4, 0])
        #expect(texts(session).last == "connection to ana interrupted")
        session.send(.disconnected("c"))
        #expect(session.model.call.person("c")?.connection == .lost)
        #expect(session.model.call.person("c")?.hasPicture == false)
        session.send(.connecting("c"))
        session.send(.connected("c", path: "relayed"))
        #expect(session.model.call.person("c")?.path == "relayed")
    }

    @Test func whoIsNotThereIsNotMadeUp() {
        var session = Session.inGroup(2)
        let before = session.model.call.people
        let events: [ChatEvent] = [
            .named("z", "z"), .remotePicture("z", isPresent: true), .media("z", microphone: false, camera: false), .chatOpen("z", true),
            .verification("z", .failed("x")), .acquaintance("z", .changed(since: "x")), .interrupted("z"), .disconnected("z"),
            .memberLeft("z", reason: ""), .path("z", "p"),
        ]
        for event in events { session.send(event) }
        #expect(session.model.call.people == before)
        #expect(session.model.overlay == nil)
    }

    @Test func aCrowdIsBounded() {
        var session = Session()
        session.send(.joining(channel: "x"))
        session.send(.joined(isFirst: true))
        for n in 0..<1000 { session.arrive("\(n)", "") }
        #expect(session.model.call.people.count == CallModel.mostPeople)
    }

    @Test func linesNameTheirSender() {
        var session = Session.inGroup(3)
        session.send(.chat(from: "b", text: "hello"))
        session.send(.named("c", ""))
        session.send(.chat(from: "c", text: "hi"))
        session.send(.chat(from: nil, text: "there"))
        #expect(texts(session).suffix(3) == ["ana: hello", "guest 3: hi", "you: there"])
    }

    @Test func theDraftOutlivesItsReaders() {
        var session = Session.inGroup(3)
        session.send(.chatOpen("a", true))
        session.send(.chatOpen("b", true))
        session.type("t")
        session.leave("a")
        session.send(.chatOpen("b", false))
        #expect(session.model.call.draft != nil)
        session.press(.escape)
        session.type("t")
        #expect(session.model.call.draft == nil)
    }

    @Test func wordsAreConfirmedOfTheChosenOne() {
        var session = Session.inGroup(3)
        for id in ["a", "b", "c"] { session.send(.verification(id, .words(["\(id)1", "\(id)2"]))) }
        session.type("w")
        #expect(session.model.call.selectedPerson?.id == "a")
        session.press(.down)
        #expect(session.press(.enter) == [.confirmWords(of: "b")])
        #expect(session.model.overlay == .words)
        session.press(.down, .down)
        #expect(session.type("y") == [.confirmWords(of: "c")])
        session.send(.verification("c", .impossible("the other side is a browser")))
        #expect(session.press(.enter).isEmpty)
        session.press(.escape)
        session.type("2w")
        #expect(session.model.call.selectedPerson?.id == "b")
    }

    @Test func aChangedKeyShowsWhoseItIs() {
        var session = Session.inGroup(3)
        session.send(.acquaintance("c", .changed(since: "2026-11-02")))
        #expect(session.model.overlay == .words && session.model.call.selectedPerson?.id == "c")
        #expect(texts(session).last == "bo had another key until now, known since 2026-11-02")
    }

    @Test func theServersEndIsToldAndTheCallGoesOn() {
        var session = Session.inGroup(3)
        let before = texts(session).count
        session.send(.serverStopping("back in a minute."))
        session.send(.signaling(.lost("The connection was closed.")))
        session.send(.signaling(.lost("No answer.")))
        session.send(.signaling(.connected("here")))
        session.send(.signaling(.lost("The signaling server is gone; the call goes on.")))
        #expect(
            texts(session).dropFirst(before) == [
                "The signaling server is stopping: back in a minute; the call goes on", "the signaling server is back",
                "The signaling server is gone; the call goes on",
            ])
        #expect(session.model.call.people.count == 3)
        var lobby = Session()
        lobby.send(.serverStopping(""))
        #expect(lobby.model.lobby.notice == "The signaling server is stopping.")
    }
}
