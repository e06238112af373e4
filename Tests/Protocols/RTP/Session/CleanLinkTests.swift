import MediaTypes
import Primitives
import Testing

@testable import RTP

@Suite struct CleanLinkTests {
    @Test func everyFrameArrivesWholeAndWithItsLastPacket() {
        var link = Link(seed: 1)
        let sent = link.call(seconds: 5)
        link.run(until: link.now + .milliseconds(200))
        #expect(link.b.video.map(\.payload) == sent.map(\.payload))
        #expect(link.b.video.map(\.timestamp) == sent.map(\.timestamp))
        #expect(link.b.video.map(\.isKeyFrame) == sent.map(\.isKeyFrame))
        #expect(link.b.audio.count == 250)
        // Ordinary frames leave at once, but for the first behind the key frame: capture to complete is the link's delay and nothing more.
        for (frame, at) in zip(sent, link.b.videoTimes).dropFirst(2) { #expect(at - frame.time == .milliseconds(10)) }
        // The first key frame is spread, but not for long.
        #expect((link.b.videoTimes.first ?? .distantFuture) - (sent.first?.time ?? .zero) <= .milliseconds(80))
        #expect(link.a.keyFrameRequests.isEmpty)
        let statistics = link.b.session.statistics
        #expect(statistics.nacksSent == 0 && statistics.plisSent == 0 && statistics.discarded == 0 && statistics.video.packetsLost == 0)
        #expect(statistics.video.framesReceived == sent.count)
    }

    @Test func captureTimesOfBothMediaShareTheSendersClock() throws {
        var link = Link(seed: 3)
        let sent = link.call(seconds: 2)
        let frame = try #require(sent.last)
        let video = try #require(link.b.session.captureTime(ofVideo: frame.timestamp)).interval
        // Frames go out on ticks of 10 ms, their timestamps are exact thirtieths.
        #expect(abs((video - (frame.time - .zero)).milliseconds) < 8)
        let packet = try #require(link.b.audio.last)
        let audio = try #require(link.b.session.captureTime(ofAudio: packet.timestamp)).interval
        // Sent 10 ms before it arrived, captured 20 ms before that.
        #expect(abs((audio - (packet.arrival - .zero)).milliseconds + 30) < 1)
        // What leaves the session has it, once there was a report.
        #expect(abs((try #require(packet.captureTime) - audio).milliseconds) < 1)
        #expect(abs((try #require(link.b.video.last?.captureTime) - video).milliseconds) < 1)
        #expect(link.b.video.first?.captureTime == nil && link.b.audio.first?.captureTime == nil)
    }

    @Test func reportsGiveTheRoundTripTimeAndLetTheMIDGo() throws {
        var link = Link(seed: 2)
        _ = link.call(seconds: 3)
        let roundTrip = try #require(link.a.session.roundTripTime)
        #expect(abs(roundTrip.milliseconds - 20) < 1)
        let first = try #require(link.a.rtpSent.first)
        #expect(try RTPHeader.parse(first.bytes.span).headerExtension(id: 4, in: first.bytes.span) != nil)
        for packet in link.a.rtpSent.suffix(50) where !isRTCP(packet.bytes.span) {
            #expect(try RTPHeader.parse(packet.bytes.span).extensions.isEmpty)
        }
        #expect(link.a.session.statistics.video.remotePacketsLost == 0)
    }
}
