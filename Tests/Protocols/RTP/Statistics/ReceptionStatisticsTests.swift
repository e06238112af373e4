import Primitives
import Testing

@testable import RTP

@Suite struct ReceptionStatisticsTests {
    @Test func lossIsCountedAcrossTheWrap() throws {
        var statistics = ReceptionStatistics(clockRate: 90_000)
        var now = Instant.zero
        var sequence: UInt16 = 65_500
        for n in 0..<100 {
            now += .milliseconds(10)
            if n % 10 != 5 { _ = statistics.receive(sequenceNumber: sequence, timestamp: UInt32(n) * 900, now: now) }
            sequence &+= 1
        }
        let made = statistics.makeBlock(ssrc: 1, now: now)
        let block = try #require(made)
        #expect(block.cumulativeLost == 10 && block.fractionLost == 25)
        #expect(block.extendedHighestSequence == 65536 + 63)
        #expect(block.jitter == 0)
        // A new interval without loss.
        _ = statistics.receive(sequenceNumber: sequence, timestamp: 100 * 900, now: now + .milliseconds(10))
        let second = statistics.makeBlock(ssrc: 1, now: now)
        #expect(second?.fractionLost == 0)
    }

    @Test func jitterFollowsTheRFC() {
        // Every second packet 16 ms late: |D| is always 16 ms, and J approaches it from below by a sixteenth each time.
        var statistics = ReceptionStatistics(clockRate: 48_000)
        var expected = 0.0
        for n in 0..<200 {
            let at = Instant(microseconds: Int64(n) * 20_000 + (n % 2 == 1 ? 16_000 : 0))
            _ = statistics.receive(sequenceNumber: UInt16(n), timestamp: UInt32(n) * 960, now: at)
            if n > 0 { expected += (16 - expected) / 16 }
        }
        #expect(abs(statistics.jitter.milliseconds - expected) < 0.2)
    }

    @Test func oneStrayIsRejectedAndTwoInARowRestart() {
        var statistics = ReceptionStatistics(clockRate: 90_000)
        for n: UInt16 in 0..<10 { _ = statistics.receive(sequenceNumber: n, timestamp: 0, now: .zero) }
        #expect(statistics.receive(sequenceNumber: 30_000, timestamp: 0, now: .zero) == .rejected)
        #expect(statistics.receive(sequenceNumber: 10, timestamp: 0, now: .zero) == .accepted(65546))
        #expect(statistics.receive(sequenceNumber: 40_000, timestamp: 0, now: .zero) == .rejected)
        #expect(statistics.receive(sequenceNumber: 40_001, timestamp: 0, now: .zero) == .restarted(105_537))
        #expect(statistics.lost == 0)
    }

    @Test func delaySinceTheLastSenderReport() throws {
        var statistics = ReceptionStatistics(clockRate: 90_000)
        _ = statistics.receive(sequenceNumber: 1, timestamp: 0, now: .zero)
        let info = SenderInfo(ntp: NTPTime(value: 0x0001_2345_6789_0000), rtpTimestamp: 0, packetCount: 0, octetCount: 0)
        statistics.receive(info, now: Instant(microseconds: 1_000_000))
        let made = statistics.makeBlock(ssrc: 1, now: Instant(microseconds: 1_500_000))
        let block = try #require(made)
        #expect(block.lastSenderReport == 0x2345_6789 && block.delaySinceLastSenderReport == 32768)
    }

    @Test func roundTripByTheRFCsExample() {
        // RFC 3550 figure 2: A = 0xb710:8000, LSR = 0xb705:2000, DLSR = 5.25 s give 6.125 s.
        var roundTrip = RoundTrip()
        roundTrip.update(now: 0xb710_8000, lastSenderReport: 0xb705_2000, delay: 0x0005_4000)
        #expect(roundTrip.smoothed == .seconds(6.125))
        roundTrip.update(now: 0xb710_8000, lastSenderReport: 0, delay: 0)
        roundTrip.update(now: 5, lastSenderReport: 0x8000_0000, delay: 77)
        #expect(roundTrip.smoothed == .seconds(6.125))
    }
}
