import MediaTypes
import Primitives
import Terminal
import Testing

@testable import ChatUI

@Suite struct LobbyDeviceTests {
    private let cameras = [
        DeviceChoice(id: "/dev/video0", name: "HD Webcam"), DeviceChoice(id: "/dev/video2", name: "Capture card"),
        DeviceChoice(id: "test", name: ""), DeviceChoice(id: "none", name: ""),
    ]

    private func lobby(columns: Int = 100, rows: Int = 24) -> Session {
        var session = Session(columns: columns, rows: rows)
        session.send(.signaling(.connected("here")))
        session.send(.channels([LobbyChannel(name: "demo", members: 1)]))
        session.send(.device(.camera, id: "/dev/video0", name: "HD Webcam", detail: "640x480 30"))
        session.send(.device(.microphone, id: "default", name: "default", detail: ""))
        session.send(.device(.speaker, id: "none", name: nil, detail: ""))
        return session
    }

    private func lines(_ session: Session) -> [String] {
        var shown = Shown(session.model)
        shown.draw(session.model)
        return shown.terminal.text
    }

    @Test func tabGoesThroughTheRowsAndReadsTheirListsAnew() {
        var session = lobby()
        #expect(session.press(.tab) == [.listDevices(.camera)])
        #expect(session.press(.tab) == [.listDevices(.microphone)])
        #expect(session.press(.up) == [.listDevices(.camera)])
        #expect(session.press(.down, .down) == [.listDevices(.microphone), .listDevices(.speaker)])
        #expect(session.press(.tab).isEmpty && session.model.lobby.focus == .channels)
        #expect(session.press(.backTab) == [.listDevices(.speaker)])
        #expect(session.press(.escape).isEmpty && session.model.lobby.focus == .channels)
    }

    @Test func arrowsChooseRoundAndRound() {
        var session = lobby()
        session.press(.tab)
        #expect(session.press(.right).isEmpty, "the list has not come yet")
        session.send(.deviceChoices(.camera, cameras))
        #expect(session.press(.right) == [.choose(.camera, id: "/dev/video2")])
        #expect(lines(session).contains { $0.contains("Capture card: opening…") })
        // The next goes on from the one that is awaited.
        #expect(session.press(.enter) == [.choose(.camera, id: "test")])
        session.send(.device(.camera, id: "test", name: "test camera", detail: "640x480 30"))
        #expect(lines(session).contains { $0.contains("‹ test picture  640x480 30 ›  3/4") })
        #expect(
            session.press(.left, .left, .left) == [
                .choose(.camera, id: "/dev/video2"), .choose(.camera, id: "/dev/video0"), .choose(.camera, id: "none"),
            ])
        session.send(.device(.camera, id: "none", name: nil, detail: ""))
        #expect(!session.model.hasCamera)
    }

    @Test func aFailureLeavesTheFormerOneAndSaysWhy() {
        var session = lobby()
        session.press(.tab)
        session.send(.deviceChoices(.camera, cameras))
        session.press(.right)
        session.send(.deviceFailed(.camera, id: "/dev/video2", MediaDeviceError(.busy, "The camera is in use by another program.")))
        session.send(.device(.camera, id: "/dev/video0", name: "HD Webcam", detail: ""))
        #expect(session.model.hasCamera)
        #expect(lines(session).contains { $0.contains("HD Webcam") && $0.contains("1/4") })
        #expect(lines(session).contains { $0.contains("is in use") })
        session.model.words.language = .korean
        #expect(lines(session).joined().contains("다른 프로그램이 카메라를 쓰고 있습니다"))
        // Another choice is another matter.
        session.press(.right)
        #expect(!lines(session).contains { $0.contains("프로그램이") })
    }

    @Test func anUnpluggedDeviceIsASentenceInTheLobbyAndInACall() {
        var session = lobby()
        let gone = MediaDeviceError(.gone, "The camera /dev/video0 has been unplugged; plug it in again, or choose another.")
        session.send(.deviceFailed(.camera, id: "/dev/video0", gone))
        session.send(.device(.camera, id: "none", name: nil, detail: ""))
        #expect(session.model.lobby.notice == gone.description && !session.model.hasCamera)
        var call = Session.inCall()
        call.send(.deviceFailed(.microphone, id: "default", MediaDeviceError(.gone, "The microphone has been unplugged.")))
        call.send(.device(.microphone, id: "none", name: nil, detail: ""))
        #expect(
            call.model.call.lines.last?.text
                == "The microphone has been unplugged. Devices are chosen in the lobby. The call goes on, and you are not heard.")
        #expect(call.model.screen == .call && !call.model.hasMicrophone)
    }

    @Test func theToneIsOnTheSpeakersRowAndLettersGoBackToTheName() {
        var session = lobby()
        session.press(.backTab)
        #expect(session.press(.character(" ")) == [.playTone])
        session.type("q")
        #expect(session.model.lobby.focus == .channels && session.model.lobby.typed == "q")
    }

    @Test func spaceSwitchesWhatTheCallBeginsWith() {
        var session = lobby()
        session.press(.tab)
        #expect(lines(session).contains { $0.contains("Space off at first") })
        #expect(session.press(.character(" ")) == [.setCamera(on: false)])
        session.send(.camera(isOn: false))
        #expect(lines(session).contains { $0.contains("‹ off at first: HD Webcam") })
        #expect(lines(session).contains { $0.contains("Space on at first") })
        session.press(.tab)
        #expect(session.press(.character(" ")) == [.setMicrophone(on: false)])
        session.send(.microphone(isOn: false))
        #expect(lines(session).contains { $0.contains("off at first: system default") })
        // No change of device switches anything on.
        session.send(.device(.camera, id: "test", name: "test camera", detail: ""))
        #expect(lines(session).contains { $0.contains("off at first: test picture") })
        session.press(.escape)
        #expect(session.press(.enter) == [.join(channel: "demo", password: nil)])
        session.send(.joining(channel: "demo"))
        session.send(.joined(isFirst: true))
        #expect(lines(session).contains { $0.contains("MIC OFF") && $0.contains("CAM OFF") })
        #expect(session.press(.character("m"), .character("v")) == [.setMicrophone(on: true), .setCamera(on: true)])
    }

    @Test func whatIsNotThereCannotBeOffAtFirst() {
        var session = lobby()
        session.send(.device(.camera, id: "none", name: nil, detail: ""))
        session.press(.tab)
        #expect(session.press(.character(" ")).isEmpty)
        #expect(!lines(session).contains { $0.contains("at first") })
    }

    @Test func inACallItIsSaidWhereDevicesAreChosen() {
        for (language, text) in [(Language.english, "Devices are chosen in the lobby."), (.korean, "로비에서 다른 장치를 선택하세요.")] {
            var session = lobby()
            session.model.words.language = language
            let gone = MediaDeviceError(.gone, "The camera has been unplugged; plug it in again, or choose another.")
            session.send(.deviceFailed(.camera, id: "/dev/video0", gone))
            #expect(!session.model.lobby.notice.isEmpty && !session.model.lobby.notice.contains(text))
            session.send(.joining(channel: "demo"))
            session.send(.deviceFailed(.camera, id: "/dev/video0", gone))
            #expect(session.model.call.lines.last?.text.contains(text) == true)
        }
    }

    @Test func aSilentMicrophoneIsAskedAboutAfterFiveSeconds() {
        var session = lobby()
        func isAsked() -> Bool { lines(session).contains { $0.contains("silent?") } }
        for tenth in 0..<50 {
            session.now = .zero + .milliseconds(tenth * 100)
            session.send(.microphoneLevel(0))
        }
        #expect(!isAsked())
        session.now = .zero + .seconds(5)
        session.send(.microphoneLevel(0.001))
        #expect(isAsked())
        session.send(.microphoneLevel(0.4))
        #expect(!isAsked())
        // The peak stays for a moment.
        session.send(.microphoneLevel(0.9))
        session.send(.microphoneLevel(0.1))
        #expect(session.model.lobby.meter.peak == 7)
        session.now = session.now + .seconds(2)
        session.send(.microphoneLevel(0.1))
        #expect(session.model.lobby.meter.peak == 1)
    }

    @Test func aNarrowScreenShowsTheDevicesByTab() {
        var session = lobby(columns: 40, rows: 12)
        #expect(lines(session).contains { $0.contains("demo") } && !lines(session).contains { $0.contains("camera") })
        session.press(.tab)
        #expect(!lines(session).contains { $0.contains("demo") } && lines(session).contains { $0.contains("camera") })
    }

    @Test(arguments: [
        (PathTestResult.running, "testing…"), (.localOnly, "within this network only"),
        (.direct(milliseconds: 23), "direct likely (STUN answers, 23 ms)"), (.relay(milliseconds: 9), "relay answers (9 ms)"),
    ])
    func thePathIsSaidInWords(_ result: PathTestResult, _ text: String) {
        var session = lobby()
        session.send(.pathTest(result))
        #expect(lines(session).contains { $0.contains(text) })
    }
}
