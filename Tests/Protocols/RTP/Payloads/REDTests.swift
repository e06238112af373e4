import MediaTypes
import Primitives
import TestSupport
import Testing

@testable import RTP

@Suite struct REDTests {
    private func parsed(_ bytes: [UInt8]) throws -> [(offset: UInt32, type: UInt8, payload: [UInt8])] {
        try RED.parse(bytes.span).map { ($0.timestampOffset, $0.payloadType, Array(bytes[$0.payload])) }
    }

    /// As Chromium sends with one copy: 960 ticks old, 3 bytes long.
    private static let chromium: [UInt8] = [0x80 | 111, 0x0f, 0x00, 0x03, 111, 0xa1, 0xa2, 0xa3, 0xb1, 0xb2]
    /// Two copies, 1920 and 960 ticks old.
    private static let two: [UInt8] = [0xef, 0x1e, 0x00, 0x02, 0xef, 0x0f, 0x00, 0x01, 0x6f, 1, 2, 3, 4, 5, 6]

    @Test func blocksLieWhereTheirHeadsSay() throws {
        let one = try parsed(Self.chromium)
        #expect(one.map(\.offset) == [960, 0] && one.map(\.type) == [111, 111])
        #expect(one.map(\.payload) == [[0xa1, 0xa2, 0xa3], [0xb1, 0xb2]])
        let two = try parsed(Self.two)
        #expect(two.map(\.offset) == [1920, 960, 0] && two.map(\.payload) == [[1, 2], [3], [4, 5, 6]])
        // Without copies it is one byte longer than the payload.
        #expect(try parsed([0x6f, 9]).map(\.payload) == [[9]])
    }

    @Test func whatIsWrittenIsTheWireForm() {
        #expect(RED.write([(960, [0xa1, 0xa2, 0xa3])], [0xb1, 0xb2], payloadType: 111) == Self.chromium)
        #expect(RED.write([(1920, [1, 2]), (960, [3])], [4, 5, 6], payloadType: 111) == Self.two)
        // 14 bits of age and 10 of length are all there is.
        let long = [UInt8](repeating: 1, count: 1024)
        #expect(RED.write([(16_384, [1]), (0, [1]), (960, long)], [2], payloadType: 111) == [0x6f, 2])
    }

    @Test func whatIsCutShortOrFoldedIsRefusedAndNeverRead() {
        for bytes in [[], [0xef], [0xef, 0x0f, 0x00], [0xef, 0x0f, 0x00, 0x03], [0xef, 0x0f, 0x00, 0x03, 0x6f, 1, 2]] as [[UInt8]] {
            #expect(throws: (any Error).self) { try RED.parse(bytes.span) }
        }
        let endless = [UInt8](repeating: 0xff, count: 1200)
        #expect(throws: (any Error).self) { try RED.parse(endless.span) }
        for vector in [Self.chromium, Self.two] {
            brokenTwins(vector) { bytes in
                guard let blocks = try? RED.parse(bytes) else { return }
                #expect(blocks.allSatisfy { $0.payload.upperBound <= bytes.count })
            }
        }
    }

    @Test func copiesFollowTheLossWithHysteresis() {
        var packetizer = REDPacketizer()
        var seen: [Int] = []
        for loss in [0, 0.02, 0.03, 0.02, 0.016, 0.014, 0.1, 0.05, 0.03, 0.02, 0.2, 0.001] {
            packetizer.setLoss(loss)
            seen.append(packetizer.copies)
        }
        #expect(seen == [0, 0, 1, 1, 1, 0, 2, 2, 1, 1, 2, 0])
    }

    @Test func oneReportAloneTurnsNothingOnOrOff() {
        var packetizer = REDPacketizer()
        func follow(_ loss: Double, packets: Int) -> Int {
            for _ in 0..<packets { packetizer.follow(loss) }
            return packetizer.copies
        }
        // Unknown, then a clean path, then a tenth of a second of bad news on it.
        #expect(follow(0, packets: 1) == 1)
        #expect(follow(0, packets: 200) == 0)
        #expect(follow(0.2, packets: 5) == 0)
        // A tenth lost, heard as a fifth or nothing by turns.
        for turn in 0..<100 { _ = follow(turn % 2 == 0 ? 0.2 : 0, packets: 5) }
        #expect(packetizer.copies == 2)
        packetizer.limit = 1
        _ = packetizer.wrap([1], timestamp: 0, payloadType: 111)
        _ = packetizer.wrap([2], timestamp: 960, payloadType: 111)
        let limited = packetizer.wrap([3], timestamp: 1920, payloadType: 111) ?? []
        #expect((try? parsed(limited))?.map(\.payload) == [[2], [3]])
        packetizer.limit = 0
        let none = packetizer.wrap([4], timestamp: 2880, payloadType: 111)
        #expect(none == nil)
    }

    @Test func theLastPayloadsRideAlong() throws {
        var packetizer = REDPacketizer()
        let first = packetizer.wrap([1], timestamp: 0, payloadType: 111)
        #expect(first == nil)
        packetizer.setLoss(0.1)
        let second = packetizer.wrap([2], timestamp: 960, payloadType: 111)
        #expect(try parsed(second ?? []).map(\.payload) == [[1], [2]])
        let third = packetizer.wrap([3], timestamp: 1920, payloadType: 111)
        #expect(try parsed(third ?? []).map(\.offset) == [1920, 960, 0])
        // After a pause longer than a head can say there is nothing to repeat.
        let fourth = packetizer.wrap([4], timestamp: 100_000, payloadType: 111)
        #expect(fourth == nil)
        // A packet stays within a path's reach.
        let big = [UInt8](repeating: 7, count: 600)
        _ = packetizer.wrap(big, timestamp: 100_960, payloadType: 111)
        let second600 = packetizer.wrap(big, timestamp: 101_920, payloadType: 111)
        #expect(second600 == nil)
    }

    @Test func opusTellsItsLengthAndItsFEC() {
        // Code 0: hybrid fullband 20 ms, SILK wideband 60 ms, CELT 2.5 ms.
        #expect(OpusPacket.duration([15 << 3, 0]) == 960)
        #expect(OpusPacket.duration([11 << 3, 0]) == 2880)
        #expect(OpusPacket.duration([28 << 3]) == 120)
        // Two frames; six in code 3; more than 120 ms is none.
        #expect(OpusPacket.duration([15 << 3 | 1]) == 1920)
        #expect(OpusPacket.duration([15 << 3 | 3, 6]) == 5760)
        #expect(OpusPacket.duration([15 << 3 | 3, 7]) == nil)
        #expect(OpusPacket.duration([15 << 3 | 3]) == nil)
        #expect(OpusPacket.duration([]) == nil)
        #expect(OpusPacket.hasFEC([15 << 3, 0x40]) && !OpusPacket.hasFEC([15 << 3, 0x80]))
        // CELT has none, whatever its bits.
        #expect(!OpusPacket.hasFEC([31 << 3, 0xff]))
    }

    // MARK: In a session

    private func packet(_ n: Int) -> EncodedAudioFrame {
        EncodedAudioFrame(payload: [15 << 3, UInt8(truncatingIfNeeded: n), UInt8(n >> 8)], timestamp: UInt32(n) &* 960)
    }

    /// What of 1000 packets is there in the end, copies included.
    private func arrived(loss: Double, told: Double, seed: UInt64) throws -> (originals: Set<Int>, all: Set<Int>) {
        var link = Link(seed: seed) { $0.audioREDPayloadType = 63 }
        link.loss = loss
        link.a.session.setAudioLoss(told)
        var begin: (sequence: UInt16, n: Int)?
        for n in 0..<1000 {
            link.a.session.sendAudio(packet(n), now: link.now)
            link.run(until: link.now + .milliseconds(20))
        }
        link.run(until: link.now + .seconds(1))
        var (originals, all): (Set<Int>, Set<Int>) = ([], [])
        for received in link.b.audio {
            let n = Int(received.payload[1]) | Int(received.payload[2]) << 8
            #expect(received.timestamp == UInt32(n) &* 960)
            if let begin {
                #expect(Int(received.sequenceNumber.serialDistance(from: begin.sequence)) == n - begin.n, "seed \(seed), packet \(n)")
            } else {
                begin = (received.sequenceNumber, n)
            }
            all.insert(n)
            if !received.isRedundant { originals.insert(n) }
        }
        return (originals, all)
    }

    @Test(arguments: 1...3) func copiesFillTheHoles(_ seed: UInt64) throws {
        let plain = try arrived(loss: 0.1, told: 0, seed: seed)
        #expect(plain.all.allSatisfy { $0 <= 400 || plain.originals.contains($0) })
        let two = try arrived(loss: 0.1, told: 0.1, seed: seed)
        #expect(two.originals.count < 940, "seed \(seed)")
        #expect(two.all.count >= 990, "seed \(seed): \(two.all.count)")
    }

    @Test func theOtherSidesReportsTurnItOn() {
        var link = Link(seed: 5) { $0.audioREDPayloadType = 63 }
        link.loss = 0.2
        for n in 0..<1000 {
            link.a.session.sendAudio(packet(n), now: link.now)
            link.run(until: link.now + .milliseconds(20))
        }
        #expect(link.b.audio.contains { $0.isRedundant })
    }

    @Test func withoutAnAgreementThereIsNone() {
        var link = Link(seed: 6)
        link.a.session.setAudioLoss(0.5)
        for n in 0..<50 {
            link.a.session.sendAudio(packet(n), now: link.now)
            link.run(until: link.now + .milliseconds(20))
        }
        #expect(link.b.audio.count == 50 && !link.b.audio.contains { $0.isRedundant })
    }

    @Test(arguments: 1...20) func damagedPacketsAreSurvived(_ seed: UInt64) {
        var random = RandomSource.seeded(seed)
        var media = SessionTests.media
        media.audioREDPayloadType = 63
        var session = RTPSession(
            configuration: .init(localSSRCs: SessionTests.local, cname: "me", media: media), random: .seeded(1), now: .zero)
        for n in 0..<200 {
            let fields = RTPFields(marker: false, payloadType: 63, sequenceNumber: UInt16(n), timestamp: UInt32(n) * 960, ssrc: 9)
            var payload = RED.write([(1920, [120, 1]), (960, [120, 2])], [120, 3], payloadType: 111)
            for _ in 0..<3 { payload[Int(random.next() % UInt64(payload.count))] = UInt8(truncatingIfNeeded: random.next()) }
            let packet = makeRTPPacket(fields, extension: nil, payloadCount: payload.count) + payload.dropLast(Int(random.next() % 4))
            session.handleRTP(packet.span, now: .zero + .milliseconds(20 * n))
            var count = 0
            while let output = session.poll() {
                if case .audio(let packet) = output { #expect(!packet.payload.isEmpty) }
                count += 1
            }
            #expect(count <= 20, "seed \(seed)")
        }
    }
}
