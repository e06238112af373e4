import ByteCoding
import Primitives
import Testing

@testable import RTP

@Suite struct PacketStampsTests {
    static let layouts = [
        ExtensionLayout(), ExtensionLayout(transportSequenceID: 3), ExtensionLayout(sendTimeID: 5),
        ExtensionLayout(transportSequenceID: 3, sendTimeID: 5, mid: HeaderExtension(id: 4, value: Array("video".utf8))),
        ExtensionLayout(transportSequenceID: 20, mid: HeaderExtension(id: 4, value: [0x31])),
        ExtensionLayout(transportSequenceID: 2, sendTimeID: 3, mid: HeaderExtension(id: 1, value: Array("longer than sixteen".utf8))),
    ]

    @Test(arguments: layouts.indices)
    func everyElementIsFoundAndStamped(_ index: Int) throws {
        let layout = Self.layouts[index]
        let fields = RTPFields(marker: true, payloadType: 96, sequenceNumber: 7, timestamp: 8, ssrc: 9)
        var packet = makeRTPPacket(fields, layout: layout, payloadCount: 2)
        #expect(packet.count == 12 + layout.count)
        packet += [1, 2]
        let stamps = layout.stamps
        if stamps.transportSequence > 0 { packet.set(uint16: 0xabcd, at: stamps.transportSequence) }
        // 5.25 s: five in the upper six bits, a quarter in the others.
        if stamps.sendTime > 0 { packet.stamp(sendTime: NTPTime(value: 0x1234_5645_4000_0000), at: stamps.sendTime) }
        let header = try RTPHeader.parse(packet.span)
        #expect(Array(packet[header.payload]) == [1, 2] && header.sequenceNumber == 7)
        func value(_ id: UInt8?) -> [UInt8]? { id.flatMap { header.headerExtension(id: $0, in: packet.span) }.map { Array(packet[$0]) } }
        #expect(value(layout.transportSequenceID) == (layout.transportSequenceID == nil ? nil : [0xab, 0xcd]))
        #expect(value(layout.sendTimeID) == (layout.sendTimeID == nil ? nil : [0x15, 0, 0]))
        #expect(value(layout.mid?.id) == layout.mid?.value)
        #expect(header.extensions.isEmpty == layout.isEmpty)
    }
}
