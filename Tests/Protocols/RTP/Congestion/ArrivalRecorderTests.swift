import Primitives
import Testing

@testable import RTP

@Suite struct ArrivalRecorderTests {
    /// What the packets of a feedback say together: number and arrival in milliseconds.
    func told(_ packets: [TransportFeedback]) -> [[Double?]] {
        packets.map { packet in
            var times = [Double?](repeating: nil, count: Int(packet.statusCount))
            for arrival in packet.arrivals { times[Int(arrival.offset)] = Double(packet.referenceTime) * 64 + Double(arrival.ticks) / 4 }
            return times
        }
    }

    @Test func arrivalsAreToldOnceAndLossWithThem() {
        var recorder = ArrivalRecorder()
        #expect(recorder.nextFeedback == nil)
        for (number, ms) in [(65534, 1000), (65535, 1010), (1, 1030), (2, 1041)] as [(UInt16, Int)] {
            recorder.record(number, size: 1000, now: .zero + .milliseconds(ms))
        }
        #expect(recorder.nextFeedback == .zero + .milliseconds(1050))
        #expect(recorder.takeDue(now: .zero + .milliseconds(1049), sender: 1, media: 2).isEmpty)
        let packets = recorder.takeDue(now: .zero + .milliseconds(1050), sender: 1, media: 2)
        #expect(packets.map(\.baseSequenceNumber) == [65534])
        #expect(told(packets) == [[1000, 1010, nil, 1030, 1041]])
        // The one that was overtaken is told with all behind it.
        recorder.record(0, size: 1000, now: .zero + .milliseconds(1110))
        recorder.record(1, size: 1000, now: .zero + .milliseconds(1111))
        let again = recorder.takeDue(now: .zero + .milliseconds(1300), sender: 1, media: 2)
        #expect(told(again) == [[1110, 1030, 1041]])
        #expect(again.first?.feedbackCount == 1)
        // Silence is not told of.
        #expect(recorder.takeDue(now: .zero + .seconds(5), sender: 1, media: 2).isEmpty)
        #expect(recorder.nextFeedback == nil)
    }

    @Test(arguments: [(20_000, 250), (100_000, 109), (1_000_000, 50)])
    func feedbackTakesATwentiethOfWhatComes(_ bitrate: Int, _ expected: Int) throws {
        var recorder = ArrivalRecorder()
        var now = Instant.zero
        var times: [Instant] = []
        for number in 0..<600 {
            now += .microseconds(Int64(500 * 8 * 1_000_000 / bitrate))
            while let due = recorder.nextFeedback, due <= now {
                if !recorder.takeDue(now: due, sender: 1, media: 2).isEmpty { times.append(due) }
            }
            recorder.record(UInt16(number), size: 500, now: now)
        }
        let gaps = zip(times.dropFirst(20), times.dropFirst(19)).map { ($0 - $1).milliseconds }
        let mean = gaps.reduce(0, +) / Double(gaps.count)
        #expect(abs(mean - Double(expected)) < Double(expected) / 4, "\(mean)")
    }

    @Test func longGapsAndJumpsAreBounded() {
        var recorder = ArrivalRecorder()
        var random = RandomSource.seeded(5)
        var now = Instant.zero
        for _ in 0..<3000 {
            now += .milliseconds(Int.random(in: 0...9000, using: &random))
            recorder.record(UInt16.random(in: 0...65535, using: &random), size: 100, now: now)
            for packet in recorder.takeDue(now: now, sender: 1, media: 2) {
                #expect(packet.statusCount <= 1000 && packet.arrivals.count <= 400)
                var bytes: [UInt8] = []
                bytes.append(rtcp: .transportFeedback(packet))
                #expect(bytes.count < 1200)
            }
        }
    }

    /// Two arrivals that are further apart than a delta can say are told in two packets.
    @Test func aLongPauseSplitsTheFeedback() {
        var recorder = ArrivalRecorder()
        recorder.record(7, size: 100, now: .zero + .milliseconds(64))
        recorder.record(8, size: 100, now: .zero + .milliseconds(9000))
        let packets = recorder.takeDue(now: .zero + .milliseconds(9100), sender: 1, media: 2)
        #expect(packets.map(\.baseSequenceNumber) == [7, 8] && packets.map(\.feedbackCount) == [0, 1])
        #expect(told(packets) == [[64], [9000]])
    }
}
