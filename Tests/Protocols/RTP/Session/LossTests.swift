import MediaTypes
import Primitives
import Testing

@testable import RTP

@Suite struct LossTests {
    /// Whatever comes out can be decoded: a key frame, or the frame right after the last.
    func expectDecodable(_ received: [EncodedVideoFrame], _ sent: [EncodedVideoFrame], _ note: String) {
        for (index, frame) in received.enumerated() {
            let number = numberOf(frame)
            #expect(number < sent.count && frame.payload == sent[min(number, sent.count - 1)].payload, "\(note)")
            if !frame.isKeyFrame { #expect(index > 0 && numberOf(received[index - 1]) + 1 == number, "\(note)") }
        }
    }

    @Test(arguments: [(1, true), (2, true), (3, false), (4, false)] as [(UInt64, Bool)])
    func tenPercentLossIsRecovered(_ seed: UInt64, _ usesRTX: Bool) {
        var link = Link(seed: seed) { if !usesRTX { $0.videoRTXPayloadType = nil } }
        link.loss = 0.1
        link.repeats = 0.05
        link.jitter = .milliseconds(5)
        let sent = link.call(seconds: 20)
        link.loss = 0
        link.run(until: link.now + .seconds(1))
        expectDecodable(link.b.video, sent, "seed \(seed)")
        #expect(link.b.video.count > sent.count * 95 / 100, "seed \(seed): \(link.b.video.count) of \(sent.count)")
        let (a, b) = (link.a.session.statistics, link.b.session.statistics)
        #expect(b.recovered > 100 && a.retransmittedSent >= b.recovered && b.nacksSent > 100, "seed \(seed): \(b)")
        // By RFC 3550 a packet that came again as it was is not lost.
        if usesRTX { #expect(b.video.packetsLost > 0 && a.video.remotePacketsLost > 0, "seed \(seed)") }
        // Each loss is asked for about once, not many times.
        #expect(b.nacksSent < b.recovered * 3, "seed \(seed): \(b)")
    }

    @Test func onALongPathRetriesWaitForTheAnswer() {
        var link = Link(seed: 5)
        link.delay = .milliseconds(120)
        link.loss = 0.03
        let sent = link.call(seconds: 20)
        expectDecodable(link.b.video, sent, "seed 5")
        let b = link.b.session.statistics
        #expect(link.b.video.count > sent.count * 85 / 100, "\(link.b.video.count) of \(sent.count)")
        #expect(b.nacksSent < b.video.packetsReceived / 5)
    }

    @Test(arguments: [false, true])
    func whatNeverComesFreezesUntilAKeyFrame(_ usesNACK: Bool) throws {
        var link = Link(seed: 6) { $0.videoNACK = usesNACK }
        let victim = try #require(lossOfOnePacket(&link, seconds: 1))
        let sent = link.call(seconds: 3)
        expectDecodable(link.b.video, sent, "")
        let b = link.b.session.statistics
        #expect(b.freezes == 1 && b.plisSent == 1)
        #expect(link.a.keyFrameRequests.count == 1)
        let lostAt = try #require(link.a.rtpSent.first { (try? RTPHeader.parse($0.bytes.span))?.sequenceNumber == victim }?.at)
        let asked = try #require(link.a.keyFrameRequests.first)
        let limit = usesNACK ? 200...320 : 50...120
        #expect(limit.contains((asked - lostAt).wholeMilliseconds), "\(asked - lostAt)")
        #expect(b.nacksSent == 0 || usesNACK)
        // All but the frames between the loss and the key frame came out.
        #expect(link.b.video.count >= sent.count - (usesNACK ? 14 : 7))
        #expect(numberOf(try #require(link.b.video.last)) == sent.count - 1)
    }

    /// Makes the link lose one video packet for good, sent again or not; returns its sequence number.
    func lossOfOnePacket(_ link: inout Link, seconds: Double) -> UInt16? {
        let probe = link
        var copy = probe
        _ = copy.call(seconds: seconds)
        let headers = copy.a.rtpSent.compactMap { try? RTPHeader.parse($0.bytes.span) }
        guard let victim = headers.last(where: { $0.payloadType == 96 && !$0.marker })?.sequenceNumber else { return nil }
        link.drop = { bytes, toB in
            guard toB, let header = try? RTPHeader.parse(bytes.span) else { return false }
            return header.payloadType == 96 && header.sequenceNumber == victim
                || header.payloadType == 97 && RTX.originalSequenceNumber(header, in: bytes.span) == victim
        }
        return victim
    }

    @Test func aBlackoutEndsWithOneKeyFrameAndNoFloodOfRequests() {
        var link = Link(seed: 7)
        _ = link.call(seconds: 2)
        let before = link.b.session.statistics.nacksSent
        link.isDown = true
        let during = link.call(seconds: 3, from: 1000)
        link.isDown = false
        let back = link.now
        let sent = link.call(seconds: 2, from: 1000 + during.count)
        #expect(!sent.isEmpty)
        let resumed = zip(link.b.video, link.b.videoTimes).filter { $0.1 > back }
        #expect((resumed.first?.1 ?? .distantFuture) - back < .milliseconds(200))
        #expect(resumed.first?.0.isKeyFrame == true)
        #expect(resumed.count >= 55)
        #expect(link.b.session.statistics.nacksSent - before < 20)
    }

    @Test func aLateJoinerAsksAtOnceAndGoesOnAsking() {
        var link = Link(seed: 8)
        link.isDown = true
        _ = link.call(seconds: 1)
        link.isDown = false
        // The requests themselves are lost at first.
        let up = link.now
        var deaf = 0
        link.drop = { bytes, toB in
            guard !toB, isRTCP(bytes.span), bytes.count == 12 else { return false }
            deaf += 1
            return deaf <= 2
        }
        // No key frame unless asked for: `call` begins with one, so its first frame is lost as well.
        let first = link.call(seconds: 0.01, from: 500)
        #expect(first.count == 1)
        _ = link.call(seconds: 2, from: 501)
        #expect(link.b.session.statistics.plisSent <= 10)
        #expect(link.b.video.first?.isKeyFrame == true && link.b.videoTimes.first.map { $0 - up < .milliseconds(900) } == true)
    }

    @Test func theSequenceNumberWraps() {
        // Large frames run the sequence number over its end.
        var seed: UInt64 = 9
        var link = Link(seed: seed)
        while link.a.session.videoSender.stream.nextSequenceNumber < 31_000 {
            seed += 1
            link = Link(seed: seed)
        }
        link.loss = 0.02
        let sent = link.call(seconds: 19, frameSize: 70_000, keyFrameSize: 70_000)
        expectDecodable(link.b.video, sent, "seed \(seed)")
        #expect(link.a.session.statistics.video.packetsSent > 35_000)
        #expect(link.b.video.count > sent.count * 9 / 10, "\(link.b.video.count) of \(sent.count)")
    }
}
