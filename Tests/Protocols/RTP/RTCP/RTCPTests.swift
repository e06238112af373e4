import ByteCoding
import Primitives
import TestSupport
import Testing

@testable import RTP

@Suite struct RTCPTests {
    /// A sender report with one block whose loss is negative, SDES with CNAME and TOOL, and BYE with a reason.
    static let compound: [UInt8] =
        [0x81, 200, 0, 12, 0, 0, 0, 1, 0x83, 0xaa, 0x7e, 0x80, 0x80, 0, 0, 0, 0, 0, 0x2e, 0xe0, 0, 0, 0, 5, 0, 0, 1, 0]
        + [0, 0, 0, 2, 0x40, 0xff, 0xff, 0xfe, 0, 1, 0, 2, 0, 0, 0, 9, 0x7e, 0x80, 0x80, 0, 0, 1, 0, 0]
        + [0x81, 202, 0, 4, 0, 0, 0, 1, 1, 2, 0x68, 0x69, 6, 1, 0x78, 0, 0, 0, 0, 0]
        + [0x81, 203, 0, 2, 0, 0, 0, 1, 3, 0x62, 0x79, 0x65]

    func parse(_ bytes: [UInt8]) throws -> [RTCPPacket] {
        var packets: [RTCPPacket] = []
        try RTCPParser.parse(bytes.span) { packets.append($0) }
        return packets
    }

    @Test func compoundOfReportDescriptionAndBye() throws {
        let block = ReportBlock(
            ssrc: 2, fractionLost: 64, cumulativeLost: -2, extendedHighestSequence: 0x10002, jitter: 9, lastSenderReport: 0x7e80_8000,
            delaySinceLastSenderReport: 65536)
        let info = SenderInfo(ntp: NTPTime(value: 0x83aa_7e80_8000_0000), rtpTimestamp: 12000, packetCount: 5, octetCount: 256)
        #expect(
            try parse(Self.compound) == [
                .senderReport(ssrc: 1, info: info, blocks: [block]), .sourceDescription([SourceDescription(ssrc: 1, cname: "hi")]),
                .bye(ssrcs: [1]),
            ])
        #expect(info.ntp.middle == 0x7e80_8000)
    }

    @Test func feedback() throws {
        let nack: [UInt8] = [0x81, 205, 0, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0xff, 0xfe, 0x80, 0x03]
        #expect(try parse(nack) == [.nack(sender: 1, media: 2, missing: [65534, 65535, 0, 14])])
        let pli: [UInt8] = [0x81, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2]
        #expect(try parse(pli) == [.pictureLoss(sender: 1, media: 2)])
        let fir: [UInt8] = [0x84, 206, 0, 4, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2, 7, 0, 0, 0]
        #expect(try parse(fir) == [.fullIntraRequest(sender: 1, requests: [FullIntraEntry(ssrc: 2, sequenceNumber: 7)])])
    }

    @Test func whatIsNotOursIsSteppedOver() throws {
        let application: [UInt8] = [0x8f, 206, 0, 4, 0, 0, 0, 1, 0, 0, 0, 0, 0x52, 0x45, 0x4d, 0x43, 0, 0, 0, 0]
        let transport: [UInt8] = [0x8f, 205, 0, 4, 0, 0, 0, 1, 0, 0, 0, 2, 0, 1, 0, 1, 0, 0, 1, 0]
        let extended: [UInt8] = [0x80, 207, 0, 1, 0, 0, 0, 1]
        let pli: [UInt8] = [0x81, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2]
        #expect(
            try parse(application + transport + extended + pli) == [
                .other(packetType: 206, count: 15), .other(packetType: 205, count: 15), .other(packetType: 207, count: 0),
                .pictureLoss(sender: 1, media: 2),
            ])
    }

    @Test func whatIsWrittenIsRead() throws {
        let block = ReportBlock(
            ssrc: 5, fractionLost: 1, cumulativeLost: -0x80_0000, extendedHighestSequence: 3, jitter: 4, lastSenderReport: 5,
            delaySinceLastSenderReport: 6)
        let missing: [UInt16] = [65530, 65535, 0, 10, 11, 12, 4000]
        let packets: [RTCPPacket] = [
            .senderReport(
                ssrc: 1, info: SenderInfo(ntp: NTPTime(value: 77), rtpTimestamp: 1, packetCount: 2, octetCount: 3), blocks: [block, block]),
            .receiverReport(ssrc: 1, blocks: []),
            .sourceDescription((0..<5).map { SourceDescription(ssrc: $0, cname: String(repeating: "c", count: Int($0))) }),
            .nack(sender: 1, media: 2, missing: missing), .pictureLoss(sender: 1, media: 2),
            .fullIntraRequest(sender: 1, requests: [FullIntraEntry(ssrc: 9, sequenceNumber: 255)]), .bye(ssrcs: [1, 2, 3]),
        ]
        var bytes: [UInt8] = []
        for packet in packets { bytes.append(rtcp: packet) }
        #expect(try parse(bytes) == packets)
    }

    @Test func brokenTwinsAreRefusedOrRead() {
        let nack: [UInt8] = [0x81, 205, 0, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0xff, 0xfe, 0x80, 0x03]
        let fir: [UInt8] = [0x84, 206, 0, 4, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2, 7, 0, 0, 0]
        for bytes in [Self.compound, nack, fir, [0xa1, 203, 0, 2, 0, 0, 0, 1, 0, 0, 0, 4]] {
            brokenTwins(bytes) { span in try? RTCPParser.parse(span) { _ in } }
        }
        #expect(throws: WireError.self) { try RTCPParser.parse([UInt8]().span) { _ in } }
    }

    @Test func whatPrecedesABrokenPacketCounts() {
        var packets: [RTCPPacket] = []
        let bytes: [UInt8] = [0x81, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 0x81, 200, 0, 9]
        #expect(throws: WireError.truncated) { try RTCPParser.parse(bytes.span) { packets.append($0) } }
        #expect(packets == [.pictureLoss(sender: 1, media: 2)])
    }

    @Test(arguments: [0, 1_500_000, 86_400_000_000, -250_000] as [Int64])
    func ntpTimeKeepsTheInstant(_ microseconds: Int64) {
        let offset = Interval.seconds(2_208_988_800)
        let ntp = NTPTime(Instant(microseconds: microseconds), offset: offset)
        #expect(abs((ntp.interval - offset).microseconds - microseconds) <= 1)
    }
}
