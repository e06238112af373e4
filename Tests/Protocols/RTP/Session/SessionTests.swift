import ByteCoding
import MediaTypes
import Primitives
import Testing

@testable import RTP

@Suite struct SessionTests {
    static let media = NegotiatedMedia(
        videoPayloadType: 96, videoRTXPayloadType: 97, audioPayloadType: 111, midExtensionID: 4, videoMID: "v", audioMID: "a")
    static let local = LocalSSRCs(video: 1, videoRTX: 2, audio: 3)

    func makeSession(_ change: (inout NegotiatedMedia) -> Void = { _ in }) -> RTPSession {
        var media = Self.media
        media.reducedSizeRTCP = true
        change(&media)
        return RTPSession(
            configuration: .init(localSSRCs: Self.local, cname: "me", media: media), random: .seeded(1), now: .zero)
    }

    func outputs(_ session: inout RTPSession) -> [RTPOutput] {
        var all: [RTPOutput] = []
        while let output = session.poll() { all.append(output) }
        return all
    }

    func packet(
        _ payloadType: UInt8, ssrc: UInt32, sequence: UInt16 = 1, timestamp: UInt32 = 0, mid: String? = nil, marker: Bool = true,
        _ payload: [UInt8] = [1]
    ) -> [UInt8] {
        let fields = RTPFields(marker: marker, payloadType: payloadType, sequenceNumber: sequence, timestamp: timestamp, ssrc: ssrc)
        return makeRTPPacket(fields, extension: mid.map { HeaderExtension(id: 4, value: Array($0.utf8)) }, payloadCount: payload.count)
            + payload
    }

    /// A whole key frame in one packet.
    static let keyPayload: [UInt8] = [0x90, 0x80, 0x80, 0x07, 0x10, 0, 0, 0x9d, 0x01, 0x2a, 0, 0, 0, 0]
    static let deltaPayload: [UInt8] = [0x90, 0x80, 0x80, 0x08, 0x11, 0, 0]

    func rtcp(_ packets: RTCPPacket...) -> [UInt8] {
        var bytes: [UInt8] = []
        for packet in packets { bytes.append(rtcp: packet) }
        return bytes
    }

    func parsed(_ outputs: [RTPOutput]) -> [RTCPPacket] {
        var packets: [RTCPPacket] = []
        for case .transmitRTCP(let bytes) in outputs {
            do { try RTCPParser.parse(bytes.span) { packets.append($0) } } catch { Issue.record("\(error)") }
        }
        return packets
    }

    // MARK: Sending

    @Test func audioPassesTheQueuedVideo() {
        var session = makeSession()
        session.sendVideo(makeFrame(0, isKeyFrame: true, size: 100_000, now: .zero), now: .zero)
        session.sendAudio(EncodedAudioFrame(payload: [9], timestamp: 0), now: .zero)
        var sent: [(Instant, UInt8)] = []
        var now = Instant.zero
        while sent.filter({ $0.1 == 96 }).count < 88, let next = session.nextTimeout, sent.count < 200 {
            for case .transmitRTP(let bytes) in outputs(&session) { sent.append((now, bytes[1] & 0x7f)) }
            now = max(now, next)
            session.handleTimeout(now: now)
            for case .transmitRTP(let bytes) in outputs(&session) { sent.append((now, bytes[1] & 0x7f)) }
        }
        #expect(sent.count { $0.1 == 96 } == 88)
        #expect(sent.first { $0.1 == 111 }?.0 == .zero)
        // 40 ms at 2.5 times 1 Mbit/s may leave at once, or of the rate that empties the queue in time; the rest is spread.
        #expect(sent.count { $0.0 == .zero } < 70)
        #expect((sent.last?.0 ?? .distantFuture) <= .zero + .milliseconds(60))
    }

    @Test(arguments: [4, 8])
    func anOrdinaryFrameLeavesAtOnce(_ packets: Int) {
        var session = makeSession()
        for n in 0..<10 {
            let now = Instant.zero + .milliseconds(33 * n)
            session.sendVideo(makeFrame(n, isKeyFrame: false, size: packets * 1100, now: now), now: now)
            #expect(outputs(&session).count == packets)
        }
    }

    @Test func sequencesBeginInTheLowerHalf() throws {
        for seed in 1...50 as ClosedRange<UInt64> {
            var random = RandomSource.seeded(seed)
            #expect(OutgoingStream(ssrc: 1, clockRate: 1, random: &random).nextSequenceNumber < 0x8000)
        }
    }

    @Test func everyPacketLeavesRoomForTheSRTPTrailer() {
        var session = makeSession()
        session.sendVideo(makeFrame(0, isKeyFrame: true, size: 3000, now: .zero), now: .zero)
        session.sendAudio(EncodedAudioFrame(payload: [9], timestamp: 0), now: .zero)
        session.handleTimeout(now: .zero + .milliseconds(150))
        for output in outputs(&session) {
            switch output {
            case .transmitRTP(let bytes), .transmitRTCP(let bytes): #expect(bytes.capacity - bytes.count >= 144)
            default: break
            }
        }
    }

    @Test func keyFrameRequestsAreAtMostOneIn300Milliseconds() {
        var session = makeSession()
        var granted: [Int] = []
        for ms in stride(from: 0, to: 1000, by: 10) {
            let now = Instant.zero + .milliseconds(ms)
            session.handleRTCP(rtcp(.pictureLoss(sender: 9, media: 1)).span, now: now)
            session.handleTimeout(now: now)
            for case .keyFrameRequested in outputs(&session) { granted.append(ms) }
        }
        #expect(granted == [0, 300, 600, 900])
    }

    @Test func aRepeatedFullIntraRequestCountsOnce() {
        var session = makeSession()
        for (ms, number) in [(0, 1), (1000, 1), (2000, 2)] as [(Int, UInt8)] {
            let request = RTCPPacket.fullIntraRequest(sender: 9, requests: [FullIntraEntry(ssrc: 1, sequenceNumber: number)])
            session.handleRTCP(rtcp(request).span, now: .zero + .milliseconds(ms))
        }
        #expect(session.statistics.keyFrameRequestsReceived == 2)
    }

    @Test func requestsForOthersAreIgnored() {
        var session = makeSession()
        session.handleRTCP(rtcp(.pictureLoss(sender: 9, media: 77), .nack(sender: 9, media: 77, missing: [1])).span, now: .zero)
        #expect(outputs(&session).isEmpty)
    }

    @Test func stoppingSaysByeForWhatWasSentAndEndsEverything() {
        var session = makeSession()
        session.sendAudio(EncodedAudioFrame(payload: [9], timestamp: 0), now: .zero)
        session.sendVideo(makeFrame(0, isKeyFrame: true, size: 500, now: .zero), now: .zero)
        _ = outputs(&session)
        session.stop(now: .zero)
        session.sendAudio(EncodedAudioFrame(payload: [9], timestamp: 960), now: .zero)
        let packets = parsed(outputs(&session))
        #expect(packets.last == .bye(ssrcs: [1, 3]))
        guard case .senderReport = packets.first else {
            Issue.record("a compound begins with a report: \(packets)")
            return
        }
        #expect(session.nextTimeout == nil)
    }

    @Test func withoutReducedSizeFeedbackRidesOnAReport() {
        var session = makeSession { $0.reducedSizeRTCP = false }
        session.handleRTP(packet(96, ssrc: 50, mid: "v", Self.deltaPayload).span, now: .zero)
        let packets = parsed(outputs(&session))
        #expect(
            packets == [
                .receiverReport(ssrc: 1, blocks: []), .sourceDescription([SourceDescription(ssrc: 1, cname: "me")]),
                .pictureLoss(sender: 1, media: 50),
            ])
    }

    // MARK: Receiving

    @Test func routedByMIDThenSourceThenPayloadType() {
        var session = makeSession { $0.remoteAudioSSRC = 60 }
        session.handleRTP(packet(96, ssrc: 50, mid: "v", Self.keyPayload).span, now: .zero)
        session.handleRTP(packet(111, ssrc: 60).span, now: .zero)
        #expect(outputs(&session).map(kind) == ["video", "audio"])
        // A MID that nobody has, a type of the other medium, an unknown type, our own source.
        session.handleRTP(packet(96, ssrc: 51, mid: "x", Self.keyPayload).span, now: .zero)
        session.handleRTP(packet(111, ssrc: 50).span, now: .zero)
        session.handleRTP(packet(100, ssrc: 52).span, now: .zero)
        session.handleRTP(packet(111, ssrc: 3).span, now: .zero)
        #expect(outputs(&session).isEmpty)
        #expect(session.statistics.discarded == 4)
        // Learnt by payload type alone.
        session.handleRTP(packet(111, ssrc: 61).span, now: .zero)
        #expect(outputs(&session).map(kind) == ["audio"])
    }

    func kind(_ output: RTPOutput) -> String {
        switch output {
        case .video: "video"
        case .audio: "audio"
        case .transmitRTP: "rtp"
        case .transmitRTCP: "rtcp"
        case .keyFrameRequested: "key"
        case .remoteBye: "bye"
        case .targetBitrate: "target"
        case .audioNetwork: "network"
        }
    }

    @Test func aNewSourceRestartsTheStreamAndTheOldOneIsLate() {
        var session = makeSession()
        session.handleRTP(packet(96, ssrc: 50, sequence: 10, Self.keyPayload).span, now: .zero)
        session.handleRTP(packet(96, ssrc: 51, sequence: 60_000, Self.keyPayload).span, now: .zero)
        session.handleRTP(packet(96, ssrc: 50, sequence: 11, Self.keyPayload).span, now: .zero)
        session.handleRTP(packet(96, ssrc: 51, sequence: 60_001, timestamp: 1, Self.deltaPayload).span, now: .zero)
        #expect(outputs(&session).map(kind) == ["video", "video", "video"])
        #expect(session.statistics.video.framesReceived == 3)
    }

    @Test func learntSourcesAreBounded() {
        var router = StreamRouter(media: Self.media)
        for ssrc: UInt32 in 100..<10_000 {
            let bytes = packet(111, ssrc: ssrc)
            guard let header = try? RTPHeader.parse(bytes.span) else { continue }
            #expect(router.route(header, bytes.span) == .audio)
        }
        #expect(Mirror(reflecting: router).children.compactMap { ($0.value as? [Any])?.count }.allSatisfy { $0 <= 16 })
    }

    @Test func theOtherSideHasLeftWhenAllItsSourcesHave() {
        var session = makeSession()
        session.handleRTP(packet(96, ssrc: 50, Self.keyPayload).span, now: .zero)
        session.handleRTP(packet(111, ssrc: 60).span, now: .zero)
        _ = outputs(&session)
        session.handleRTCP(rtcp(.bye(ssrcs: [50])).span, now: .zero)
        #expect(outputs(&session).isEmpty)
        // It came back, so the other medium's end is not the end of all.
        session.handleRTP(packet(96, ssrc: 50, sequence: 2, timestamp: 1, Self.keyPayload).span, now: .zero)
        session.handleRTCP(rtcp(.bye(ssrcs: [60])).span, now: .zero)
        #expect(outputs(&session).map(kind) == ["video"])
        session.handleRTCP(rtcp(.bye(ssrcs: [50, 999])).span, now: .zero)
        session.handleRTCP(rtcp(.bye(ssrcs: [50, 60])).span, now: .zero)
        #expect(outputs(&session).map(kind) == ["bye"])
    }

    @Test func aRefusedFrameFreezesAndAsks() {
        var session = makeSession()
        session.handleRTP(packet(96, ssrc: 50, sequence: 1, Self.keyPayload).span, now: .zero)
        session.requestKeyFrame(now: .zero)
        session.requestKeyFrame(now: .zero + .milliseconds(10))
        session.handleRTP(packet(96, ssrc: 50, sequence: 2, timestamp: 1, Self.deltaPayload).span, now: .zero + .milliseconds(20))
        session.handleRTP(packet(96, ssrc: 50, sequence: 3, timestamp: 2, Self.keyPayload).span, now: .zero + .milliseconds(30))
        #expect(outputs(&session).map(kind) == ["video", "rtcp", "video"])
        #expect(session.statistics.plisSent == 1)
    }

    @Test func aRenegotiationChangesPayloadTypesAndSendsTheMIDAgain() throws {
        var session = makeSession()
        let block = ReportBlock(
            ssrc: 3, fractionLost: 0, cumulativeLost: 0, extendedHighestSequence: 0, jitter: 0, lastSenderReport: 0,
            delaySinceLastSenderReport: 0)
        session.handleRTCP(rtcp(.receiverReport(ssrc: 9, blocks: [block])).span, now: .zero)
        func header() throws -> RTPHeader? {
            session.sendAudio(EncodedAudioFrame(payload: [9], timestamp: 0), now: .zero)
            for case .transmitRTP(let bytes) in outputs(&session) { return try RTPHeader.parse(bytes.span) }
            return nil
        }
        let before = try #require(try header())
        #expect(before.extensions.isEmpty && before.payloadType == 111)
        var media = Self.media
        media.audioPayloadType = 109
        media.audioMID = "2"
        session.update(media)
        let after = try #require(try header())
        #expect(!after.extensions.isEmpty && after.payloadType == 109 && after.sequenceNumber == before.sequenceNumber &+ 1)
        media.audioPayloadType = nil
        session.update(media)
        #expect(try header() == nil)
    }

    @Test func timersAlwaysMoveOn() {
        // Without a poll of the network, timers alone must not spin.
        var session = makeSession()
        session.sendVideo(makeFrame(0, isKeyFrame: true, size: 50_000, now: .zero), now: .zero)
        for sequence: UInt16 in [1, 5, 9, 300] {
            session.handleRTP(packet(96, ssrc: 50, sequence: sequence, timestamp: UInt32(sequence), Self.deltaPayload).span, now: .zero)
        }
        var now = Instant.zero
        var calls = 0
        while let next = session.nextTimeout, next < .zero + .seconds(10) {
            now = max(now, next)
            session.handleTimeout(now: now)
            _ = outputs(&session)
            calls += 1
            guard calls < 2000 else { break }
        }
        #expect(calls < 400, "\(calls)")
    }

    @Test(arguments: 1...4)
    func noiseNeitherTrapsNorGrows(_ seed: UInt64) {
        var random = RandomSource.seeded(seed)
        var session = makeSession()
        let models = [
            packet(96, ssrc: 50, mid: "v", Self.keyPayload), packet(97, ssrc: 51, [0, 1] + Self.keyPayload), packet(111, ssrc: 60),
            rtcp(.nack(sender: 9, media: 1, missing: [1, 2, 3]), .pictureLoss(sender: 9, media: 1)), RTCPTests.compound,
        ]
        var now = Instant.zero
        for _ in 0..<20_000 {
            var bytes = models[Int.random(in: 0..<models.count, using: &random)]
            for _ in 0..<Int.random(in: 0...4, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            if Bool.random(using: &random) { bytes.removeLast(Int.random(in: 0...bytes.count, using: &random)) }
            now += .milliseconds(Int.random(in: 0...30, using: &random))
            if isRTCP(bytes.span) { session.handleRTCP(bytes.span, now: now) } else { session.handleRTP(bytes.span, now: now) }
            if let next = session.nextTimeout, next <= now { session.handleTimeout(now: now) }
            #expect(outputs(&session).count < 50, "seed \(seed)")
        }
    }
}
