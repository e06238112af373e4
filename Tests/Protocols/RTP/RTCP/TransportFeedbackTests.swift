import ByteCoding
import Primitives
import TestSupport
import Testing

@testable import RTP

@Suite struct TransportFeedbackTests {
    func parse(_ bytes: [UInt8]) throws -> [RTCPPacket] {
        var packets: [RTCPPacket] = []
        try RTCPParser.parse(bytes.span) { packets.append($0) }
        return packets
    }

    func feedback(_ bytes: [UInt8]) throws -> TransportFeedback? {
        if case .transportFeedback(let feedback) = try parse(bytes).first { feedback } else { nil }
    }

    /// 0xfffe, 0xffff, then 0 lost, 1 with a large negative delta: a vector of two-bit symbols.
    static let vector: [UInt8] = [
        0x8f, 205, 0, 6, 0, 0, 0, 1, 0, 0, 0, 2, 0xff, 0xfe, 0, 4, 0xab, 0xcd, 0xef, 7, 0xd4, 0x80, 40, 8, 0xff, 0xf0, 0, 0,
    ]
    /// A run of five small deltas, a run of three that are lost, and a vector of one-bit symbols: lost, small, small.
    static let runs: [UInt8] = [
        0x8f, 205, 0, 8, 0, 0, 0, 1, 0, 0, 0, 2, 0, 10, 0, 11, 0, 0, 1, 255, 0x20, 5, 0, 3, 0x98, 0x00, 0, 1, 2, 3, 4, 255, 6, 0, 0, 0,
    ]

    @Test func aVectorOfTwoBits() throws {
        let feedback = try #require(try feedback(Self.vector))
        #expect(feedback.sender == 1 && feedback.media == 2 && feedback.baseSequenceNumber == 0xfffe && feedback.statusCount == 4)
        #expect(feedback.referenceTime == 0xabcdef && feedback.feedbackCount == 7)
        #expect(feedback.arrivals == [.init(offset: 0, ticks: 40), .init(offset: 1, ticks: 48), .init(offset: 3, ticks: 32)])
    }

    @Test func runsAndAVectorOfOneBit() throws {
        let feedback = try #require(try feedback(Self.runs))
        #expect(feedback.baseSequenceNumber == 10 && feedback.statusCount == 11 && feedback.referenceTime == 1)
        #expect(feedback.arrivals.map(\.offset) == [0, 1, 2, 3, 4, 9, 10])
        #expect(feedback.arrivals.map(\.ticks) == [0, 1, 3, 6, 10, 265, 271])
    }

    @Test func whatIsWrittenIsTheVectors() throws {
        for bytes in [Self.vector, Self.runs] {
            let feedback = try #require(try feedback(bytes))
            var written: [UInt8] = []
            written.append(rtcp: .transportFeedback(feedback))
            #expect(try self.feedback(written) == feedback)
            #expect(written.count <= bytes.count)
        }
    }

    @Test(arguments: 1...200 as ClosedRange<UInt64>)
    func whatIsWrittenIsRead(_ seed: UInt64) throws {
        var random = RandomSource.seeded(seed)
        var feedback = TransportFeedback(
            sender: 1, media: 2, baseSequenceNumber: UInt16.random(in: 0...65535, using: &random),
            statusCount: UInt16.random(in: 1...(seed % 10 == 0 ? 20_000 : 300), using: &random),
            referenceTime: UInt32.random(in: 0...0xff_ffff, using: &random), feedbackCount: 9, arrivals: [])
        let (loss, large) = (Double.random(in: 0...1, using: &random), Double.random(in: 0...0.3, using: &random))
        var ticks: Int32 = 0
        for offset in 0..<feedback.statusCount where Double.random(in: 0..<1, using: &random) > loss {
            let isLarge = Double.random(in: 0..<1, using: &random) < large
            ticks += isLarge ? Int32.random(in: -0x8000...0x7fff, using: &random) : Int32.random(in: 0...255, using: &random)
            feedback.arrivals.append(.init(offset: offset, ticks: ticks))
        }
        var bytes: [UInt8] = []
        bytes.append(rtcp: .transportFeedback(feedback))
        #expect(
            bytes.count % 4 == 0 && (bytes.count >= 262_144 || bytes.count / 4 - 1 == Int(bytes[2]) << 8 | Int(bytes[3])), "seed \(seed)")
        if bytes.count < 262_144 { #expect(try self.feedback(bytes) == feedback, "seed \(seed)") }
    }

    @Test func whatIsBrokenIsStillFramed() throws {
        let pli: [UInt8] = [0x81, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2]
        // No packets; a reserved symbol; more arrivals than there are bytes.
        for body: [UInt8] in [
            [0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0], [0, 1, 0, 1, 0, 0, 1, 0, 0x60, 1, 0, 0],
            [0, 1, 0xff, 0xff, 0, 0, 1, 0, 0x3f, 0xff, 0, 0],
        ] {
            let bytes = [0x8f, 205, 0, 5, 0, 0, 0, 1, 0, 0, 0, 2] + body
            #expect(try parse(bytes + pli) == [.other(packetType: 205, count: 15), .pictureLoss(sender: 1, media: 2)])
        }
    }

    @Test func theReceiversEstimate() throws {
        // 0x8000 x 2^4 = 524288 bit/s for one source.
        let bytes: [UInt8] = [0x8f, 206, 0, 5, 0, 0, 0, 1, 0, 0, 0, 0, 0x52, 0x45, 0x4d, 0x42, 1, 0x10, 0x80, 0, 0, 0, 0, 9]
        #expect(try parse(bytes) == [.receiverEstimate(sender: 1, bitrate: 524_288, ssrcs: [9])])
        for bitrate in [0, 1, 262_143, 262_144, 1_000_000, 30_000_000] {
            var written: [UInt8] = []
            written.append(rtcp: .receiverEstimate(sender: 1, bitrate: bitrate, ssrcs: [2, 3]))
            guard case .receiverEstimate(1, let read, [2, 3]) = try parse(written).first else {
                Issue.record("\(bitrate)")
                continue
            }
            #expect(read <= bitrate && Double(bitrate - read) <= Double(bitrate) / 100_000)
        }
        // The largest that can be written is taken for endless.
        let most: [UInt8] = [0x8f, 206, 0, 4, 0, 0, 0, 1, 0, 0, 0, 0, 0x52, 0x45, 0x4d, 0x42, 0, 0xff, 0xff, 0xff]
        guard case .receiverEstimate(_, let endless, _) = try parse(most).first else {
            Issue.record("not read")
            return
        }
        #expect(endless > 1 << 50)
    }

    @Test func brokenTwinsAreRefusedOrRead() {
        let estimate: [UInt8] = [0x8f, 206, 0, 5, 0, 0, 0, 1, 0, 0, 0, 0, 0x52, 0x45, 0x4d, 0x42, 1, 0x10, 0x80, 0, 0, 0, 0, 9]
        for bytes in [Self.vector, Self.runs, estimate] {
            brokenTwins(bytes) { span in
                try? RTCPParser.parse(span) { packet in
                    guard case .transportFeedback(let feedback) = packet else { return }
                    #expect(feedback.arrivals.count <= bytes.count)
                    #expect(feedback.arrivals.allSatisfy { $0.offset < feedback.statusCount })
                }
            }
        }
    }
}
