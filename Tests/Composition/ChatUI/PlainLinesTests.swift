import Primitives
import Terminal
import Testing

@testable import ChatUI

@Suite struct PlainLinesTests {
    /// A model whose changes are read as lines.
    private struct Reader {
        var session = Session()
        var plain: PlainLines

        init(_ language: Language = .english) {
            session.model.words.language = language
            plain = PlainLines(session.model)
            session.send(.tick(hour: 9, minute: 5))
            _ = plain.update(session.model)
        }

        mutating func send(_ event: ChatEvent) -> [String] {
            session.send(event)
            return plain.update(session.model)
        }
    }

    @Test func whatChangesNothingSaysNothing() {
        var reader = Reader()
        for minute in 6..<20 { #expect(reader.send(.tick(hour: 9, minute: minute)).isEmpty) }
        #expect(reader.send(.microphoneLevel(0.5)).isEmpty && reader.send(.statistics(ChatStatistics(framesPerSecond: 20))).isEmpty)
    }

    @Test func channelsAreListedOnceThenToldAsTheyChange() {
        var reader = Reader()
        let first = reader.send(
            .channels([LobbyChannel(name: "a", members: 1), LobbyChannel(name: "b", members: 2, capacity: 2, isLocked: true)]))
        #expect(
            first == [
                "09:05 2 channels. /join NAME joins one, so does / with its number.", "09:05 1  a: 1 there",
                "09:05 2  b: 2 of 2, full, password",
            ])
        #expect(reader.plain.listed == ["a", "b"])
        #expect(
            reader.send(.channels([LobbyChannel(name: "a", members: 2, names: ["ana", "수진"])])) == [
                "09:05 a: 2 there (ana, 수진)", "09:05 b: nobody any more",
            ])
        // The numbers are those of the list that was seen.
        #expect(reader.plain.listed == ["a", "b"])
        #expect(reader.send(.channelsUnsupported) == ["09:05 This server does not list channels. /join NAME joins one."])
    }

    @Test func aCallFromJoinToLeave() {
        var reader = Reader()
        #expect(reader.send(.joining(channel: "standup")) == ["09:05 Joining standup."])
        #expect(reader.send(.joined(isFirst: true)) == ["09:05 Joined standup.", "09:05 Waiting for someone in standup."])
        reader.session.now = Instant.zero + .seconds(5)
        #expect(reader.send(.memberArrived("a", name: "ana")).count == 1)
        #expect(reader.send(.connecting("a")) == ["09:05 Connecting to ana."])
        #expect(reader.send(.connected("a", path: "direct")).count == 1)
        #expect(reader.send(.media("a", microphone: false, camera: true)) == ["09:05 ana: microphone off"])
        #expect(reader.send(.chat(from: "a", text: "hi")) == ["09:05 ana: hi"])
        #expect(reader.plain.people(reader.session.model) == ["09:05 1  ana: direct, microphone off"])
        #expect(reader.send(.microphone(isOn: false)) == ["09:05 Your microphone is off: nobody hears you."])
        #expect(reader.send(.microphoneLevel(0.9)) == ["09:05 You are talking while muted; /m unmutes."])
        reader.session.now = Instant.zero + .seconds(20)
        _ = reader.send(.tick(hour: 9, minute: 6))
        #expect(reader.send(.microphoneLevel(0.9)).isEmpty)
        let left = reader.send(.memberLeft("a", reason: ""))
        #expect(left.count == 2 && left[0].hasPrefix("09:06 ana") && left[1] == "09:06 Waiting for someone in standup.")
        #expect(reader.send(.ended("The server is gone.")).contains("09:06 The server is gone."))
    }

    /// The call keeps 200 lines; each is told all the same, once.
    @Test func noLineIsLost() {
        var reader = Reader()
        _ = reader.send(.joining(channel: "x"))
        for number in 0..<500 { #expect(reader.send(.message("line \(number)")) == ["09:05 line \(number)"]) }
        // The same channel again: its lines are new ones.
        _ = reader.send(.ended(nil))
        _ = reader.send(.joining(channel: "x"))
        #expect(reader.send(.message("again")) == ["09:05 again"])
    }

    @Test func wordsAreReadAndConfirmed() {
        var reader = Reader()
        _ = reader.send(.joining(channel: "x"))
        _ = reader.send(.joined(isFirst: false))
        for (id, name) in [("a", "ana"), ("b", "bo")] {
            _ = reader.send(.memberArrived(id, name: name))
            _ = reader.send(.connected(id, path: "direct"))
        }
        _ = reader.send(.verification("b", .words(["otter", "crisp"])))
        let lines = reader.plain.verification(reader.session.model)
        #expect(lines.count == 2 && lines[0].contains("ana: there are no words yet") && lines[1].contains("2  bo: otter crisp. The same"))
        #expect(reader.plain.confirmation(nil, reader.session.model).id == nil)
        #expect(reader.plain.confirmation(1, reader.session.model).id == nil)
        #expect(reader.plain.confirmation(2, reader.session.model).id == "b")
    }

    @Test(arguments: Language.allCases)
    func hostileTextIsHarmless(language: Language) {
        var reader = Reader(language)
        let bad = "x\u{1b}]0;t\u{7}\r\n\u{202e}y\u{9b}2J\u{200b}"
        var lines = reader.send(.channels([LobbyChannel(name: bad, members: 1, names: [bad])]))
        lines += reader.send(.devices(camera: bad, microphone: bad, path: nil)) + reader.send(.signaling(.lost(bad)))
        lines += reader.send(.joining(channel: bad)) + reader.send(.joined(isFirst: true)) + reader.send(.memberArrived("a", name: bad))
        lines += reader.send(.connecting("a")) + reader.send(.connected("a", path: bad)) + reader.send(.chat(from: "a", text: bad))
        lines += reader.send(.media("a", microphone: false, camera: false)) + reader.send(.verification("a", .failed(bad)))
        lines += reader.plain.people(reader.session.model) + reader.plain.verification(reader.session.model)
        lines += reader.plain.statistics(reader.session.model, details: [ChatDetail(bad, bad)]) + reader.plain.help(reader.session.model)
        lines += reader.send(.joinFailed(ChatRefusal(code: "wrong-password", sentence: bad)))
        #expect(lines.count > 15)
        for line in lines {
            #expect(
                !line.unicodeScalars.contains {
                    $0.value < 0x20 || (0x7f...0x9f).contains($0.value) || $0.properties.generalCategory == .format
                }, "\(line)")
        }
    }

    @Test func aPromptIsToldAgainWhenItAsksAgain() {
        var reader = Reader()
        _ = reader.send(.channels([LobbyChannel(name: "x", members: 1, isLocked: true)]))
        for code in ["password-needed", "wrong-password"] {
            _ = reader.send(.joining(channel: "x"))
            let lines = reader.send(.joinFailed(ChatRefusal(code: code, sentence: "The password is wrong.")))
            #expect(lines.contains { $0.contains("x asks for a password") } && !lines.contains { $0.contains("The call is over") })
            #expect(lines.contains { $0.contains("The password is wrong.") } == (code == "wrong-password"))
        }
    }

    @Test func anInvitationSaysWhoCanUseItsLink() {
        var reader = Reader()
        _ = reader.send(.joining(channel: "standup"))
        let link = "https://chat.example.org/standup#token=" + String(repeating: "x", count: 300)
        let everybody = reader.plain.invitation(Invitation(link: link, reach: .everybody, hasToken: true), reader.session.model)
        #expect(everybody.first == "09:05 \(link)")
        #expect(everybody.count == 3 && everybody.last == "09:05 The link holds your token: whoever has it is let in.")
        let here = reader.plain.invitation(
            Invitation(link: "http://localhost:6125/standup", reach: .thisMachine, hasToken: false), reader.session.model)
        #expect(here.last == "09:05 It works on this machine alone: the server cannot be reached from elsewhere.")
    }

    @Test func helpNamesTheKeysThereAre() throws {
        var reader = Reader()
        reader.session.model.keys = try KeyMap(binding: [.microphone: ["u"], .camera: []])
        _ = reader.send(.joining(channel: "x"))
        let help = reader.plain.help(reader.session.model)
        #expect(help.contains { $0.contains("/u  microphone") } && help.contains { $0.contains("/camera  camera") })
    }
}
