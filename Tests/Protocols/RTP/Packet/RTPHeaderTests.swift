import ByteCoding
import TestSupport
import Testing

@testable import RTP

@Suite struct RTPHeaderTests {
    /// Two contributing sources, a one-byte extension block with padding in its middle, and four bytes of padding at the end.
    static let full: [UInt8] =
        [0xb2, 0xe0, 0x12, 0x34, 0, 1, 2, 3, 0xaa, 0xbb, 0xcc, 0xdd]
        + [1, 1, 1, 1, 2, 2, 2, 2]
        + [0xbe, 0xde, 0, 2, 0x10, 0xff, 0, 0x41, 0x61, 0x62, 0, 0]
        + [0x90, 0x91, 0x92] + [0, 0, 0, 4]

    @Test func everyPartIsFound() throws {
        let header = try RTPHeader.parse(Self.full.span)
        #expect(header.marker && header.payloadType == 96 && header.sequenceNumber == 0x1234)
        #expect(header.timestamp == 0x0001_0203 && header.ssrc == 0xaabb_ccdd)
        #expect(header.contributingSources == 12..<20)
        #expect(Array(Self.full[header.payload]) == [0x90, 0x91, 0x92])
        #expect(header.headerExtension(id: 1, in: Self.full.span).map { Array(Self.full[$0]) } == [0xff])
        #expect(header.headerExtension(id: 4, in: Self.full.span).map { Array(Self.full[$0]) } == [0x61, 0x62])
        #expect(header.headerExtension(id: 5, in: Self.full.span) == nil)
    }

    @Test func twoByteExtensions() throws {
        let packet: [UInt8] = [0x90, 0x60, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0x10, 0x00, 0, 2, 20, 0, 0, 200, 3, 0x78, 0x79, 0x7a]
        let header = try RTPHeader.parse(packet.span)
        #expect(header.headerExtension(id: 200, in: packet.span).map { Array(packet[$0]) } == [0x78, 0x79, 0x7a])
        #expect(header.headerExtension(id: 20, in: packet.span)?.count == 0)
    }

    @Test func idFifteenEndsTheOneByteForm() throws {
        let packet: [UInt8] = [0x90, 0x60, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0xbe, 0xde, 0, 1, 0xf0, 0, 0x10, 9]
        #expect(try RTPHeader.parse(packet.span).headerExtension(id: 1, in: packet.span) == nil)
    }

    @Test(
        arguments: [
            [0x40, 0x60, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1],
            [0xa0, 0x60, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1],
            [0xa0, 0x60, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0],
            [0xa0, 0x60, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 7, 3],
        ] as [[UInt8]])
    func refused(_ packet: [UInt8]) {
        #expect(throws: WireError.self) { _ = try RTPHeader.parse(packet.span) }
    }

    @Test func paddingOnlyHasAnEmptyPayload() throws {
        let packet: [UInt8] = [0xa0, 0x60, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 3]
        #expect(try RTPHeader.parse(packet.span).payload.isEmpty)
    }

    @Test func brokenTwinsAreRefusedOrRead() {
        brokenTwins(Self.full) { bytes in
            guard let header = try? RTPHeader.parse(bytes) else { return }
            #expect(header.payload.upperBound <= bytes.count)
            for id in UInt8.min...UInt8.max {
                if let range = header.headerExtension(id: id, in: bytes) { #expect(range.upperBound <= bytes.count) }
            }
        }
    }

    @Test(arguments: [(UInt8(4), "0"), (14, "abcdefghijklmnop"), (15, "v"), (3, "a mid that is longer than sixteen bytes")])
    func writtenExtensionsAreRead(_ id: UInt8, _ text: String) throws {
        let fields = RTPFields(marker: true, payloadType: 111, sequenceNumber: 65535, timestamp: 7, ssrc: 9)
        var packet = makeRTPPacket(fields, extension: HeaderExtension(id: id, value: Array(text.utf8)), payloadCount: 2)
        packet += [1, 2]
        let header = try RTPHeader.parse(packet.span)
        #expect(header.marker && header.payloadType == 111 && header.sequenceNumber == 65535 && header.ssrc == 9)
        #expect(Array(packet[header.payload]) == [1, 2])
        #expect(header.headerExtension(id: id, in: packet.span).map { String(decoding: packet[$0], as: UTF8.self) } == text)
    }

    @Test func demultiplexing() {
        let (sr, video, nothing): ([UInt8], [UInt8], [UInt8]) = ([0x80, 200], [0x80, 0xe0], [0x80])
        #expect(isRTCP(sr.span) && !isRTCP(video.span) && !isRTCP(nothing.span))
    }
}
