import CallControl
import DTLS
import Primitives
import SCTP
import Testing

@testable import CallSession

/// Two talks, and what lies between them: messages take no time.
private final class Conversation {
    var a: PeerTalk
    var b: PeerTalk
    var now = Instant.zero
    var heard: [[PeerTalk.Output]] = [[], []]
    private var nextID: [DataChannelID] = [0, 1]

    init(withData: Bool = true, isBrowser: Bool = false, middleman: Bool = false) {
        func settings(_ own: UInt8, _ other: UInt8, offers: Bool) -> PeerTalk.Settings {
            PeerTalk.Settings(
                name: offers ? "ana" : "bo", isEphemeral: false, isOfferer: offers, isDTLSClient: !offers,
                localFingerprint: Array(repeating: own, count: 32), remoteFingerprint: Array(repeating: other, count: 32),
                sha256: opensslSHA256)
        }
        // Somebody in the middle has certificates of their own for both.
        a = PeerTalk(
            settings: settings(1, middleman ? 9 : 2, offers: true), hasDataChannels: withData, random: .seeded(1), now: .zero)
        b = PeerTalk(
            settings: settings(2, middleman ? 8 : 1, offers: false), hasDataChannels: withData, random: .seeded(2), now: .zero)
        if !isBrowser { settle() } else { settleAlone() }
    }

    /// Carries out what both want until neither wants anything.
    func settle() {
        while true {
            let (fromA, fromB) = (a.poll(), b.poll())
            if fromA == nil, fromB == nil { return }
            if let fromA { carry(fromA, from: 0) }
            if let fromB { carry(fromB, from: 1) }
        }
    }

    /// The other side opens what it is asked to, and says nothing.
    func settleAlone() {
        while let output = a.poll() {
            heard[0].append(output)
            if case .open(let options) = output { a.handle(.opened(takeID(0), options, isRemote: false), now: now) }
        }
    }

    private func takeID(_ side: Int) -> DataChannelID {
        defer { nextID[side] += 2 }
        return nextID[side]
    }

    private func carry(_ output: PeerTalk.Output, from side: Int) {
        switch output {
        case .open(let options):
            let id = takeID(side)
            a.handle(.opened(id, options, isRemote: side == 1), now: now)
            b.handle(.opened(id, options, isRemote: side == 0), now: now)
        case .send(let text, let id):
            if side == 0 { b.handle(.message(id, .text(text)), now: now) } else { a.handle(.message(id, .text(text)), now: now) }
        default: heard[side].append(output)
        }
    }

    func pass(_ time: Interval) {
        now += time
        a.handleTimeout(now: now)
        b.handleTimeout(now: now)
        settle()
    }

    func words(_ side: Int) -> [String]? {
        for case .verification(.words(let words)) in heard[side] { return words }
        return nil
    }
}

private func expectNext(_ talk: inout PeerTalk, _ output: PeerTalk.Output?) {
    let next = talk.poll()
    #expect(next == output)
}

@Suite struct PeerTalkTests {
    @Test func bothEndsShowTheSameWordsAndNames() throws {
        let talk = Conversation()
        let words = try #require(talk.words(0))
        #expect(words.count == 4 && words == talk.words(1))
        #expect(talk.heard[0].contains(.hello(name: "bo", isEphemeral: false)))
        #expect(talk.heard[1].contains(.hello(name: "ana", isEphemeral: false)))
        #expect(talk.heard[0].contains(.chatOpen(true)) && talk.heard[1].contains(.chatOpen(true)))
    }

    @Test func aMiddlemanWhoPassesMessagesOnIsFoundOut() {
        let talk = Conversation(middleman: true)
        for side in [0, 1] {
            #expect(talk.words(side) == nil)
            let isLoud = talk.heard[side].contains { if case .verification(.failed) = $0 { true } else { false } }
            #expect(isLoud)
        }
    }

    @Test func textStateAndScreensArrive() {
        let talk = Conversation()
        let isSaid = talk.a.say("hello\u{7} there")
        #expect(isSaid)
        talk.b.setMedia(microphone: false, camera: true)
        talk.b.setScreen(ControlMessage.ReceiverScreen(columns: 80, rows: 24, width: 80, height: 40))
        talk.pass(.milliseconds(500))
        #expect(talk.heard[1].contains(.chat("hello there")))
        #expect(talk.heard[0].contains(.media(microphone: false, camera: true)))
        #expect(talk.heard[0].contains(.screen(ControlMessage.ReceiverScreen(columns: 80, rows: 24, width: 80, height: 40))))
        let isNothing = talk.a.say(" \u{1b} ")
        #expect(!isNothing)
    }

    @Test func whoHasNoDataChannelsCannotBeVerified() {
        let talk = Conversation(withData: false)
        #expect(talk.heard[0] == [.verification(.impossible("the other side has no data channels"))])
        let isHeard = talk.a.say("hello")
        #expect(!isHeard)
    }

    @Test func aBrowserCannotBeVerifiedButReads() {
        let talk = Conversation(isBrowser: true)
        talk.now += PeerTalk.helloPatience
        talk.a.handleTimeout(now: talk.now)
        talk.settleAlone()
        #expect(talk.heard[0].contains(.verification(.impossible("the other side is not tchat"))))
        #expect(talk.heard[0].contains(.chatOpen(true)))
        let isHeard = talk.a.say("hello")
        #expect(isHeard)
    }

    @Test func theAnsweringSideOpensWhatNobodyElseDoes() {
        var talk = PeerTalk(
            settings: PeerTalk.Settings(
                name: "", isEphemeral: true, isOfferer: false, isDTLSClient: true, localFingerprint: [], remoteFingerprint: [],
                sha256: opensslSHA256), hasDataChannels: true, random: .seeded(3), now: .zero)
        expectNext(&talk, nil)
        talk.handle(.opened(0, DataChannelOptions(label: "chat"), isRemote: true), now: .zero)
        expectNext(&talk, .chatOpen(true))
        talk.handleTimeout(now: .zero + PeerTalk.openPatience)
        expectNext(&talk, .open(DataChannelOptions(label: ControlMessage.channelLabel, protocolName: ControlMessage.channelProtocol)))
        expectNext(&talk, nil)
    }

    @Test func aFloodIsBounded() {
        let talk = Conversation()
        for id in 2..<200 { talk.a.handle(.opened(DataChannelID(id), DataChannelOptions(label: "chat"), isRemote: true), now: .zero) }
        for _ in 0..<10_000 { talk.a.handle(.message(2, .text("x")), now: .zero) }
        for _ in 0..<10_000 { talk.a.handle(.message(1, .binary([1])), now: .zero) }
        var count = 0
        while talk.a.poll() != nil { count += 1 }
        #expect(count < 100)
    }

    @Test func aClosedChannelIsTold() {
        let talk = Conversation()
        talk.heard = [[], []]
        talk.a.handle(.failed("gone"), now: .zero)
        talk.settle()
        #expect(talk.heard[0] == [.chatOpen(false)])
        let isHeard = talk.a.say("hello")
        #expect(!isHeard)
    }
}
