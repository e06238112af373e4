import ByteCoding

/// What SRTP may write past a packet: authentication tag, SRTCP index and MKI.
let protectionReserve = 160

/// The fields that differ from packet to packet of one stream.
struct RTPFields {
    var marker: Bool
    var payloadType: UInt8
    var sequenceNumber: UInt16
    var timestamp: UInt32
    var ssrc: UInt32
}

/// One header extension to be written.
struct HeaderExtension: Sendable, Equatable {
    var id: UInt8
    var value: [UInt8]
}

/// Starts a packet: the fixed header and at most one extension, with room for `payloadCount` bytes and the SRTP trailer.
func makeRTPPacket(_ fields: RTPFields, extension element: HeaderExtension?, payloadCount: Int) -> [UInt8] {
    var packet = [UInt8]()
    packet.reserveCapacity(12 + (element.map { 8 + $0.value.count } ?? 0) + payloadCount + protectionReserve)
    packet.append(element == nil ? 0x80 : 0x90)
    packet.append((fields.marker ? 0x80 : 0) | (fields.payloadType & 0x7f))
    packet.append(uint16: fields.sequenceNumber)
    packet.append(uint32: fields.timestamp)
    packet.append(uint32: fields.ssrc)
    if let element { append(element, to: &packet) }
    return packet
}

/// The one-byte form where id and length fit it, else the two-byte form (RFC 8285 section 4).
private func append(_ element: HeaderExtension, to packet: inout [UInt8]) {
    let oneByte = (1...14).contains(element.id) && (1...16).contains(element.value.count)
    let value = element.value.prefix(255)
    let count = value.count + (oneByte ? 1 : 2)
    packet.append(uint16: oneByte ? 0xbede : 0x1000)
    packet.append(uint16: UInt16(truncatingIfNeeded: (count + 3) / 4))
    if oneByte {
        packet.append(element.id << 4 | UInt8(truncatingIfNeeded: value.count - 1))
    } else {
        packet.append(element.id)
        packet.append(UInt8(truncatingIfNeeded: value.count))
    }
    packet.append(contentsOf: value)
    for _ in 0..<((4 - count % 4) % 4) { packet.append(0) }
}
