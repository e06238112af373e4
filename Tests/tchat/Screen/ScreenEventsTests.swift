import CallSession
import ChatUI
import Identity
import MediaTypes
import PNGFile
import Primitives
import Signaling
import Terminal
import Testing

@testable import tchat

/// From what a call tells to what the screen shows.
@Suite struct ScreenEventsTests {
    private func show(_ events: CallEvent...) -> ChatModel {
        var model = ChatModel(size: TerminalSize(columns: 100, rows: 24))
        _ = model.update(.joining(channel: "standup"), now: .zero)
        for event in events { if let event = ChatEvent(event, place: "here") { _ = model.update(event, now: .zero) } }
        return model
    }

    @Test func aCallOfThree() {
        let model = show(
            .joined(channel: "standup", isFirst: false), .memberArrived("a", name: "ana"), .memberArrived("b", name: nil),
            .connecting("a"), .connecting("b"), .peerNamed("b", "bo"),
            .connected("a", path: "host-host 192.0.2.1:1 192.0.2.2:2", at: .zero),
            .connected("b", path: "relay-host 192.0.2.1:1 192.0.2.2:2", at: .zero), .firstFrame("a", width: 4, height: 3, at: .zero),
            .peerMedia("b", microphone: false, camera: true), .chat(from: "b", text: "hello"))
        #expect(model.call.people.map(\.name) == ["ana", "bo"])
        #expect(model.call.people.map(\.path) == ["direct", "relayed"])
        #expect(model.call.people.map(\.hasPicture) == [true, false])
        #expect(model.call.people.map(\.isMicrophoneOn) == [true, false])
        #expect(model.call.lines.last?.text == "bo: hello")
    }

    @Test func aPlainServerNamesNobody() {
        let model = show(
            .joined(channel: "x", isFirst: false), .memberArrived("", name: nil), .connecting(""),
            .connected("", path: "host-host", at: .zero),
            .firstFrame("", width: 4, height: 3, at: .zero), .peerLeft("", reason: "The other side left."),
            .memberLeft("", reason: "The other side left."))
        #expect(model.call.people.isEmpty)
        #expect(model.call.phase == .waiting(left: "the other side"))
    }

    @Test func aRefusalSaysWhatToDo() {
        let model = show(.joinFailed(JoinFailure(code: "full", message: "standup is full"), channel: "standup"))
        #expect(model.screen == .lobby)
        #expect(model.lobby.notice.hasPrefix("standup is full. "))
        let asking = show(.joinFailed(JoinFailure(code: "wrong-password", message: "that is not the password"), channel: "standup"))
        #expect(asking.lobby.prompt?.channel == "standup")
    }

    /// A refusal that was under way when the person went elsewhere.
    @Test func whatIsToldOfAnotherChannelComesLate() {
        let model = show(
            .joinFailed(JoinFailure(code: "full", message: "board is full"), channel: "board"), .joined(channel: "board", isFirst: true))
        #expect(model.screen == .call && model.call.channel == "standup" && model.call.phase == .joining)
    }

    @Test func theListShowsLocks() {
        let model = show(
            .channels([ChannelInfo(name: "board", members: 2, names: ["ana"], capacity: 8, needsPassword: true)]))
        #expect(model.lobby.channels == [LobbyChannel(name: "board", members: 2, names: ["ana"], capacity: 8, isLocked: true)])
    }

    /// As those say it who say it: a sentence that is put otherwise one day is to be noticed here.
    @Test func whatReallyGoesWrongIsToldInKorean() throws {
        func korean(_ sentence: String) -> String {
            var model = ChatModel(size: TerminalSize(columns: 100, rows: 24))
            model.words.language = .korean
            _ = model.update(.failure(sentence), now: .zero)
            return model.lobby.notice
        }
        let folder = TemporaryFolder()
        let damaged = folder.write(Array("nonsense".utf8), as: "recent")
        let notice = RecentChannels(folder: StateFolder(path: String(damaged.dropLast("/recent".count)))).read().notice
        #expect(korean(try #require(notice)) == "최근 채널을 읽을 수 없어 표시하지 않습니다: \(damaged) 파일이 손상됨.")
        let frame = I420Frame(width: 2, height: 2, time: .zero)
        do throws(PNGFile.Failure) {
            _ = try PNGFile.write(frame, in: folder.file("none"), as: ["x.png"])
            Issue.record("a snapshot in no folder")
        } catch {
            #expect(korean(error.description) == "스냅샷을 저장하지 못했습니다: \(folder.file("none/x.png")), 그런 파일이나 폴더 없음.")
        }
        do {
            _ = try ScreenRecording(path: "/dev/full", size: TerminalSize(columns: 80, rows: 24), term: "xterm", now: .zero)
            Issue.record("a recording on a full disk")
        } catch {
            #expect(korean("\(error)") == "/dev/full에 녹화할 수 없습니다: 디스크 공간 부족.")
        }
        #expect(korean("\(ServerPlace.farewell)") == "서버가 실행된 프로그램이 끝나 함께 종료됩니다.")
    }
}
