import ByteCoding
import MediaTypes
import Primitives
import Testing

@testable import RTP

@Suite struct VideoReceiveBufferTests {
    /// Frames cut into packets, as they would arrive without loss.
    struct Stream {
        var packetizer: VP8Packetizer
        var sequence: Int64
        var packets: [VideoPacket] = []
        var frames: [EncodedVideoFrame] = []

        init(pictureID: UInt16 = 100, sequence: Int64 = 65_530) {
            packetizer = VP8Packetizer(firstPictureID: pictureID, maximumPayload: 104)
            self.sequence = sequence
        }

        /// Returns the packets of one more frame of `count` packets.
        @discardableResult
        mutating func add(key: Bool = false, packets count: Int = 3) -> [VideoPacket] {
            let frame = makeFrame(frames.count, isKeyFrame: key, size: count * 100, now: .zero)
            var made: [VideoPacket] = []
            packetizer.packetize(frame.payload) { descriptor, bytes, isLast in
                var payload: [UInt8] = []
                descriptor.write(to: &payload)
                payload += bytes
                do {
                    made.append(
                        try VideoPacket(
                            sequence: sequence, timestamp: frame.timestamp, marker: isLast, bytes: payload.span, range: 0..<payload.count))
                } catch {
                    Issue.record("\(error)")
                }
                sequence += 1
            }
            frames.append(frame)
            packets += made
            return made
        }

        mutating func addPadding() -> VideoPacket? {
            defer { sequence += 1 }
            return try? VideoPacket(
                sequence: sequence, timestamp: frames.last?.timestamp ?? 0, marker: false, bytes: [UInt8]().span, range: 0..<0)
        }
    }

    func insert(_ packets: [VideoPacket], _ buffer: inout VideoReceiveBuffer) -> [Int] {
        var frames: [EncodedVideoFrame] = []
        for packet in packets { _ = buffer.insert(packet, now: .zero, into: &frames) }
        return frames.map(numberOf)
    }

    @Test func aFrameComesOutWithItsLastPacket() {
        var (stream, buffer) = (Stream(), VideoReceiveBuffer())
        let key = stream.add(key: true)
        #expect(insert(Array(key.dropLast()), &buffer) == [])
        #expect(insert(Array(key.suffix(1)), &buffer) == [0])
        #expect(insert(stream.add(), &buffer) == [1])
    }

    @Test func nothingBeforeTheFirstKeyFrame() {
        var (stream, buffer) = (Stream(), VideoReceiveBuffer())
        #expect(insert(stream.add() + stream.add(), &buffer) == [])
        #expect(buffer.isFrozen)
        #expect(insert(stream.add(key: true), &buffer) == [2])
    }

    @Test func aMissingPacketHoldsEverythingBehindIt() {
        var (stream, buffer) = (Stream(), VideoReceiveBuffer())
        _ = insert(stream.add(key: true), &buffer)
        var first = stream.add()
        let late = first.remove(at: 1)
        #expect(insert(first + stream.add() + stream.add(), &buffer) == [])
        #expect(insert([late], &buffer) == [1, 2, 3])
    }

    @Test func afterFreezingOnlyAKeyFrameComesOut() {
        var (stream, buffer) = (Stream(), VideoReceiveBuffer())
        _ = insert(stream.add(key: true), &buffer)
        var lost = stream.add()
        let late = lost.remove(at: 0)
        #expect(insert(lost, &buffer) == [])
        buffer.freeze()
        #expect(insert([late] + stream.add() + stream.add(), &buffer) == [])
        #expect(insert(stream.add(key: true) + stream.add(), &buffer) == [4, 5])
    }

    @Test func aWholeKeyFramePassesOverAGap() {
        var (stream, buffer) = (Stream(), VideoReceiveBuffer())
        _ = insert(stream.add(key: true), &buffer)
        let lost = stream.add()
        #expect(insert(Array(lost.dropFirst()), &buffer) == [])
        #expect(insert(stream.add(key: true) + stream.add(), &buffer) == [2, 3])
        #expect(insert(Array(lost.prefix(1)), &buffer) == [])
    }

    @Test func paddingFillsItsPlaceAndLostPaddingIsNoLoss() throws {
        var (stream, buffer) = (Stream(pictureID: 0x7ffe), VideoReceiveBuffer())
        _ = insert(stream.add(key: true), &buffer)
        let made = stream.addPadding()
        let padding = try #require(made)
        #expect(insert([padding] + stream.add(), &buffer) == [1])
        _ = stream.addPadding()
        // The next PictureID (which wraps here) shows that no picture is missing.
        #expect(insert(stream.add(), &buffer) == [2])
    }

    @Test func aFrameWithoutAMarkerEndsWithTheNext() {
        var (stream, buffer) = (Stream(), VideoReceiveBuffer())
        var key = stream.add(key: true)
        key[key.count - 1].marker = false
        #expect(insert(key, &buffer) == [])
        #expect(insert(Array(stream.add().prefix(1)), &buffer) == [0])
    }

    @Test func aFrameThatBeginsInItsMiddleFreezes() {
        var (stream, buffer) = (Stream(), VideoReceiveBuffer())
        _ = insert(stream.add(key: true), &buffer)
        var headless = stream.add()
        headless[0].descriptor?.startsPartition = false
        #expect(insert(headless, &buffer) == [])
        #expect(buffer.isFrozen)
    }

    @Test func moreThanTheRingHoldsFreezesAndStaysBounded() {
        var (stream, buffer) = (Stream(), VideoReceiveBuffer())
        _ = insert(stream.add(key: true), &buffer)
        _ = stream.add()
        for _ in 0..<800 { _ = insert(stream.add(), &buffer) }
        #expect(buffer.isFrozen)
        #expect(insert(stream.add(key: true), &buffer) == [802])
    }

    @Test(arguments: 1...20)
    func anyOrderWithRepeatsGivesEveryFrameOnce(_ seed: UInt64) {
        var random = RandomSource.seeded(seed)
        var (stream, buffer) = (Stream(pictureID: 0x7ff0, sequence: 65_400), VideoReceiveBuffer())
        for n in 0..<60 { stream.add(key: n == 0, packets: Int.random(in: 1...6, using: &random)) }
        // Each packet moves by up to eight places, but the key frame comes first.
        let first = stream.packets.prefix { $0.timestamp == 0 }
        var rest = stream.packets.dropFirst(first.count).enumerated().map {
            (Double($0.offset) + Double.random(in: 0..<8, using: &random), $0.element)
        }
        rest += rest.filter { _ in Bool.random(using: &random) }.map { ($0.0 + Double.random(in: 0..<8, using: &random), $0.1) }
        let arrivals = Array(first) + rest.sorted { $0.0 < $1.0 }.map(\.1)
        var frames: [EncodedVideoFrame] = []
        for packet in arrivals { _ = buffer.insert(packet, now: .zero, into: &frames) }
        #expect(frames.map(\.payload) == stream.frames.map(\.payload), "seed \(seed)")
    }

    @Test(arguments: 1...20)
    func withLossWhatComesOutIsAlwaysDecodable(_ seed: UInt64) {
        var random = RandomSource.seeded(seed)
        var (stream, buffer) = (Stream(sequence: 65_000), VideoReceiveBuffer())
        for n in 0..<300 { stream.add(key: n % 40 == 0, packets: Int.random(in: 1...5, using: &random)) }
        var frames: [EncodedVideoFrame] = []
        for packet in stream.packets where Double.random(in: 0..<1, using: &random) > 0.03 {
            _ = buffer.insert(packet, now: .zero, into: &frames)
        }
        #expect(frames.count > 20, "seed \(seed)")
        for (before, frame) in zip([nil] + frames.map { Optional($0) }, frames) {
            #expect(frame.payload == stream.frames[numberOf(frame)].payload, "seed \(seed)")
            #expect(frame.isKeyFrame || before.map { numberOf($0) + 1 == numberOf(frame) } == true, "seed \(seed)")
        }
    }
}
