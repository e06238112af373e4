import Primitives
import Testing

@testable import RTP

@Suite struct SentPacketsTests {
    func feedback(_ base: UInt16, _ count: UInt16, reference: UInt32 = 10, _ arrived: [UInt16: Int32]) -> TransportFeedback {
        TransportFeedback(
            sender: 1, media: 2, baseSequenceNumber: base, statusCount: count, referenceTime: reference, feedbackCount: 0,
            arrivals: arrived.keys.sorted().map { .init(offset: $0, ticks: arrived[$0] ?? 0) })
    }

    func apply(_ packets: inout SentPackets, _ feedback: TransportFeedback, at ms: Int = 100) -> [PacketResult] {
        var results: [PacketResult] = []
        _ = packets.apply(feedback, now: .zero + .milliseconds(ms), into: &results)
        return results
    }

    @Test func eachPacketIsTakenOnce() {
        var packets = SentPackets()
        let numbers = (0..<5).map { packets.add(size: 100, kind: .video, probe: -1, now: .zero + .milliseconds($0)) }
        #expect(numbers == [0, 1, 2, 3, 4] && packets.bytesInFlight == 500)
        let first = apply(&packets, feedback(0, 3, [0: 0, 2: 8]))
        let arrivals = first.map(\.arrival)
        #expect(arrivals.count == 3 && arrivals[1] == nil && (arrivals[2] ?? 0) - (arrivals[0] ?? 0) == 2000)
        #expect(packets.bytesInFlight == 200)
        // Repeated: nothing. What was lost came after all: once.
        #expect(apply(&packets, feedback(0, 3, [0: 0, 2: 8])).isEmpty)
        let late = apply(&packets, feedback(0, 4, [0: 0, 1: 4, 2: 8, 3: 12]))
        #expect(late.map(\.sequence) == [65537, 65539] && late.map(\.wasLost) == [true, false])
        #expect(packets.bytesInFlight == 100)
    }

    @Test func whatWasNeverSentIsNothing() {
        var packets = SentPackets()
        #expect(apply(&packets, feedback(0, 100, [0: 1, 50: 2])).isEmpty)
        _ = packets.add(size: 100, kind: .video, probe: -1, now: .zero)
        #expect(apply(&packets, feedback(60_000, 5000, [0: 1, 4000: 2])).isEmpty)
        #expect(apply(&packets, feedback(1, 65535, [0: 1])).isEmpty)
        #expect(packets.bytesInFlight == 100)
    }

    @Test func theHistoryIsBoundedAndCountsRight() {
        var packets = SentPackets()
        for n in 0..<20_000 { _ = packets.add(size: 10, kind: n % 2 == 0 ? .audio : .video, probe: -1, now: .zero) }
        #expect(packets.bytesInFlight == SentPackets.capacity / 2 * 10)
        packets.expire(before: .zero + .milliseconds(1))
        #expect(packets.bytesInFlight == 0)
    }

    @Test func theReferenceTimeWraps() {
        var packets = SentPackets()
        for n in 0..<2 { _ = packets.add(size: 100, kind: .video, probe: -1, now: .zero + .milliseconds(n)) }
        let before = apply(&packets, feedback(0, 1, reference: 0xff_ffff, [0: 0])).first?.arrival ?? 0
        let after = apply(&packets, feedback(1, 1, reference: 1, [0: 4])).first?.arrival ?? 0
        #expect(after - before == 2 * 64_000 + 1000)
    }

    /// Whatever feedback says, nothing traps, and the estimate stays within its bounds.
    @Test(arguments: 1...4 as ClosedRange<UInt64>)
    func hostileFeedbackMovesTheEstimateWithinItsBounds(_ seed: UInt64) {
        var random = RandomSource.seeded(seed)
        var control = CongestionController(start: 300_000, maximumVideo: 1_000_000)
        control.use(.transport)
        var now = Instant.zero
        for _ in 0..<4000 {
            now += .milliseconds(Int.random(in: 0...20, using: &random))
            let number = control.sent(
                bytes: Int.random(in: 50...1200, using: &random), kind: Bool.random(using: &random) ? .audio : .video, now: now)
            guard Int.random(in: 0..<5, using: &random) == 0 else { continue }
            let count = UInt16.random(in: 1...60, using: &random)
            var arrivals: [TransportFeedback.Arrival] = []
            for offset in 0..<count where Bool.random(using: &random) {
                arrivals.append(.init(offset: offset, ticks: Int32.random(in: -100_000_000...100_000_000, using: &random)))
            }
            let feedback = TransportFeedback(
                sender: 1, media: 2, baseSequenceNumber: number &- UInt16.random(in: 0...80, using: &random), statusCount: count,
                referenceTime: UInt32.random(in: 0...0xff_ffff, using: &random), feedbackCount: 0, arrivals: arrivals)
            control.handle(feedback, roundTrip: nil, now: now)
            control.handleTimeout(now: now)
            control.handleReceiverEstimate(Int.random(in: 0...Int.max, using: &random))
            control.handleReport(
                lost: Double.random(in: 0...1, using: &random), roundTrip: .seconds(Int.random(in: 0...30, using: &random)), now: now)
            #expect(control.estimate >= 30_000 && control.estimate <= control.maximum, "seed \(seed)")
        }
    }
}
