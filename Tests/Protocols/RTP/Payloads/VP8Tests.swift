import ByteCoding
import Primitives
import TestSupport
import Testing

@testable import RTP

@Suite struct VP8DescriptorTests {
    static func make(_ change: (inout VP8Descriptor) -> Void) -> VP8Descriptor {
        var descriptor = VP8Descriptor()
        change(&descriptor)
        return descriptor
    }

    /// The bytes of RFC 7741 section 4.2's fields, set one after the other.
    static let cases: [([UInt8], VP8Descriptor)] = [
        ([0x10], make { $0.startsPartition = true }),
        ([0x00], make { _ in }),
        (
            [0x27],
            make {
                $0.isNonReference = true; $0.partitionIndex = 7
            }
        ),
        (
            [0x90, 0x80, 0x11],
            make {
                $0.startsPartition = true; $0.pictureID = 0x11; $0.hasLongPictureID = false
            }
        ),
        (
            [0x90, 0x80, 0x92, 0x34],
            make {
                $0.startsPartition = true; $0.pictureID = 0x1234
            }
        ),
        ([0x80, 0x40, 0x05], make { $0.temporalLevelZeroIndex = 5 }),
        (
            [0x80, 0x20, 0xa0],
            make {
                $0.temporalIndex = 2; $0.isLayerSync = true
            }
        ),
        ([0x80, 0x10, 0x1f], make { $0.keyIndex = 31 }),
        (
            [0xb1, 0xf0, 0xff, 0xff, 0x80, 0x63],
            make {
                $0.isNonReference = true
                $0.startsPartition = true
                $0.partitionIndex = 1
                $0.pictureID = 0x7fff
                $0.temporalLevelZeroIndex = 0x80
                $0.temporalIndex = 1
                $0.isLayerSync = true
                $0.keyIndex = 3
            }
        ),
    ]

    @Test(arguments: cases.indices)
    func readAndWritten(_ index: Int) throws {
        let (bytes, descriptor) = Self.cases[index]
        let payload = bytes + [0xee]
        var reader = ByteReader(payload.span)
        #expect(try VP8Descriptor(&reader) == descriptor)
        #expect(reader.remaining == 1)
        var written: [UInt8] = []
        descriptor.write(to: &written)
        #expect(written == bytes)
    }

    @Test func brokenTwinsAreRefusedOrRead() {
        for (bytes, _) in Self.cases {
            brokenTwins(bytes) { span in
                var reader = ByteReader(span)
                _ = try? VP8Descriptor(&reader)
                _ = try? VideoPacket(sequence: 1, timestamp: 1, marker: true, bytes: span, range: 0..<span.count)
            }
        }
    }

    @Test func aDescriptorWithoutAFrameBehindItIsRefused() {
        let bytes: [UInt8] = [0x90, 0x80, 0x11]
        #expect(throws: WireError.self) { _ = try VideoPacket(sequence: 1, timestamp: 1, marker: true, bytes: bytes.span, range: 0..<3) }
    }

    @Test func pictureIDsFollowInTheirOwnWidth() {
        #expect(Self.make { $0.pictureID = 0 }.follows(0x7fff))
        #expect(
            Self.make {
                $0.pictureID = 0; $0.hasLongPictureID = false
            }.follows(0x7f))
        #expect(!Self.make { $0.pictureID = 2 }.follows(0))
        #expect(!Self.make { _ in }.follows(0))
    }
}

@Suite struct VP8PacketizerTests {
    @Test(arguments: [1, 2, 1146, 1147, 1500, 4584, 4585, 50_000])
    func packetsAreBalancedAndWithinTheirLimit(_ size: Int) {
        var packetizer = VP8Packetizer(firstPictureID: 0x7fff)
        let frame = (0..<size).map { UInt8(truncatingIfNeeded: $0) }
        for expectedID: UInt16 in [0x7fff, 0] {
            var (joined, sizes, ends, starts): ([UInt8], [Int], [Bool], [Bool]) = ([], [], [], [])
            packetizer.packetize(frame) { descriptor, bytes, isLast in
                #expect(descriptor.pictureID == expectedID)
                var header: [UInt8] = []
                descriptor.write(to: &header)
                sizes.append(header.count + bytes.count)
                joined += bytes
                ends.append(isLast)
                starts.append(descriptor.startsFrame)
            }
            #expect(joined == frame)
            #expect((sizes.max() ?? 0) <= 1150)
            #expect((sizes.max() ?? 0) - (sizes.min() ?? 0) <= 1)
            #expect(sizes.count == (size + 1145) / 1146)
            #expect(ends.lastIndex(of: true) == ends.firstIndex(of: true) && ends.last == true)
            #expect(starts.lastIndex(of: true) == 0)
        }
    }

    @Test func anEmptyFrameIsNoPacket() {
        var packetizer = VP8Packetizer(firstPictureID: 3)
        packetizer.packetize([]) { _, _, _ in Issue.record("a packet out of nothing") }
        #expect(packetizer.pictureID == 3)
    }
}

@Suite struct RTXTests {
    @Test func theOriginalComesBack() throws {
        let fields = RTPFields(marker: true, payloadType: 96, sequenceNumber: 0xfffe, timestamp: 77, ssrc: 1)
        var packet = makeRTPPacket(fields, extension: HeaderExtension(id: 4, value: [0x31]), payloadCount: 3)
        packet += [7, 8, 9]
        let wrapped = try #require(RTX.wrap(packet, payloadType: 97, ssrc: 2, sequenceNumber: 5, layout: ExtensionLayout()))
        let header = try RTPHeader.parse(wrapped.span)
        #expect(header.marker && header.payloadType == 97 && header.ssrc == 2 && header.sequenceNumber == 5 && header.timestamp == 77)
        #expect(RTX.originalSequenceNumber(header, in: wrapped.span) == 0xfffe)
        #expect(Array(wrapped[header.payload]) == [0xff, 0xfe, 7, 8, 9])
        brokenTwins(wrapped) { span in
            if let header = try? RTPHeader.parse(span) { _ = RTX.originalSequenceNumber(header, in: span) }
        }
    }

    @Test func paddingOnlyCarriesNothing() throws {
        let probe: [UInt8] = [0xa0, 97, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 3]
        #expect(RTX.originalSequenceNumber(try RTPHeader.parse(probe.span), in: probe.span) == nil)
    }
}
