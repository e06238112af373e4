import PeerConnection
import Primitives
import SCTP
import TestSupport
import Testing

/// Data channels within whole calls: descriptions, handshake, media beside them.
@Suite(.serialized) struct DataChannelCallTests {
    private func messages(_ side: Endpoint) -> [DataMessage] {
        side.dataEvents.compactMap { if case .message(_, let message) = $0.event { message } else { nil } }
    }

    @Test(arguments: [UInt64(1), 2, 3])
    func messagesGoBothWaysBesideMedia(seed: UInt64) throws {
        var conditions = PathConditions()
        conditions.loss = 0.05
        let call = try SimulatedCall(seed: seed, conditions: conditions)
        call.offer(from: call.a)
        call.run(for: .seconds(2))
        let id = try call.a.peer.openDataChannel(DataChannelOptions(label: "chat"), now: call.now)
        // What is said before the other side knows of the channel waits for nothing.
        try call.a.peer.sendData(.text("수진, hello"), on: id, now: call.now)
        call.run(for: .seconds(1))
        let opened = call.b.dataEvents.contains {
            if case .opened(id, let options, true) = $0.event { options.label == "chat" } else { false }
        }
        #expect(opened, "\(call.story)")
        #expect(messages(call.b) == [.text("수진, hello")])
        try call.b.peer.sendData(.binary(Array(repeating: 7, count: 200_000)), on: id, now: call.now)
        call.run(for: .seconds(8))
        #expect(messages(call.a) == [.binary(Array(repeating: 7, count: 200_000))], "\(call.story)")
        #expect(call.a.corruption(comparedWith: call.b) == nil && call.errors.isEmpty)
    }

    @Test func theHandshakeTellsBothTheSameTwoCertificates() throws {
        let call = try SimulatedCall(seed: 4)
        #expect(call.a.peer.remoteFingerprint == nil)
        call.offer(from: call.a)
        call.run(for: .seconds(2))
        let shown = (call.a.peer.remoteFingerprint, call.b.peer.remoteFingerprint)
        let (a, b) = (try #require(shown.0), try #require(shown.1))
        #expect(a.count == 32 && b.count == 32 && a != b)
        #expect(call.a.peer.isDTLSClient == false && call.b.peer.isDTLSClient == true && call.a.peer.isOfferer == true)
    }

    @Test func aPeerWithoutDataChannelsHasNone() throws {
        let call = try SimulatedCall(seed: 5) { $0.offersData = false }
        call.offer(from: call.a)
        call.run(for: .seconds(2))
        #expect(!call.a.peer.hasDataChannels && call.a.firstTime(in: .connected) != nil)
        #expect(throws: PeerError.noDataChannels) {
            _ = try call.a.peer.openDataChannel(DataChannelOptions(label: "chat"), now: call.now)
        }
    }

    @Test func channelsOutliveAnICERestart() throws {
        let call = try SimulatedCall(seed: 6)
        call.offer(from: call.a)
        call.run(for: .seconds(2))
        let id = try call.a.peer.openDataChannel(DataChannelOptions(label: "chat"), now: call.now)
        call.run(for: .seconds(1))
        call.offer(from: call.b, restartingICE: true)
        call.run(for: .seconds(2))
        try call.b.peer.sendData(.text("still here"), on: id, now: call.now)
        call.run(for: .seconds(1))
        #expect(messages(call.a) == [.text("still here")], "\(call.story)")
    }

    @Test func theStatisticsNameWhatHappened() throws {
        let call = try SimulatedCall(seed: 7)
        call.offer(from: call.a)
        call.run(for: .seconds(5))
        let id = try call.a.peer.openDataChannel(DataChannelOptions(label: "chat"), now: call.now)
        try call.a.peer.sendData(.text("12345"), on: id, now: call.now)
        call.run(for: .seconds(1))
        let stats = call.a.peer.stats(now: call.now)
        #expect(Set(stats.map(\.id)).count == stats.count)
        func object(_ type: String, _ kind: String? = nil) throws -> RTCStats {
            try #require(stats.first { $0.type == type && (kind == nil || $0["kind"] == .string(kind ?? "")) })
        }
        #expect(try object("transport")["dtlsState"] == .string("connected"))
        #expect(try object("transport")["iceRole"] == .string("controlling"))
        #expect(try object("candidate-pair")["state"] == .string("succeeded"))
        #expect(try object("local-candidate")["candidateType"] == .string("host"))
        #expect(try object("data-channel")["bytesSent"] == .integer(5))
        #expect(try object("codec")["mimeType"] == .string("audio/opus"))
        let sent = try object("outbound-rtp", "video")
        guard case .integer(let packets)? = sent["packetsSent"], case .integer(let bytes)? = sent["bytesSent"] else {
            Issue.record("no counts in \(sent)")
            return
        }
        #expect(packets > 100 && bytes > 100_000)
        #expect(try object("inbound-rtp", "audio")["packetsLost"] == .integer(0))
    }
}
