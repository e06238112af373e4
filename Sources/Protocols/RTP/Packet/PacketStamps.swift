import ByteCoding
import Primitives

/// Where a packet keeps the header extensions that are only known when it leaves; 0: it has none.
struct PacketStamps: Sendable, Equatable {
    var transportSequence = 0
    var sendTime = 0
}

/// The header extensions of a stream's packets. The two stamps come first, so that their places are the same in every packet.
struct ExtensionLayout: Sendable, Equatable {
    /// Draft-holmer-rmcat-transport-wide-cc-extensions-01: 16 bits.
    var transportSequenceID: UInt8?
    /// `abs-send-time`: 24 bits, seconds with 18 bits of fraction.
    var sendTimeID: UInt8?
    var mid: HeaderExtension?

    private var isOneByte: Bool {
        let ids = [transportSequenceID ?? 1, sendTimeID ?? 1, mid?.id ?? 1]
        return ids.allSatisfy { (1...14).contains($0) } && (1...16).contains(mid?.value.count ?? 1)
    }

    var isEmpty: Bool { transportSequenceID == nil && sendTimeID == nil && mid == nil }

    /// As many bytes as the block takes, with its head and filled up.
    var count: Int {
        guard !isEmpty else { return 0 }
        let head = isOneByte ? 1 : 2
        let body =
            (transportSequenceID == nil ? 0 : head + 2) + (sendTimeID == nil ? 0 : head + 3) + (mid.map { head + $0.value.count } ?? 0)
        return 4 + (body + 3) / 4 * 4
    }

    var stamps: PacketStamps {
        var stamps = PacketStamps()
        let head = isOneByte ? 1 : 2
        var at = 16
        if transportSequenceID != nil {
            stamps.transportSequence = at + head
            at += head + 2
        }
        if sendTimeID != nil { stamps.sendTime = at + head }
        return stamps
    }

    fileprivate func write(to packet: inout [UInt8]) {
        let (start, oneByte) = (packet.count, isOneByte)
        packet.append(uint16: oneByte ? 0xbede : 0x1000)
        packet.append(uint16: UInt16(truncatingIfNeeded: count / 4 - 1))
        func begin(_ id: UInt8, _ length: Int) {
            if oneByte {
                packet.append(id << 4 | UInt8(truncatingIfNeeded: length - 1))
            } else {
                packet.append(id)
                packet.append(UInt8(truncatingIfNeeded: length))
            }
        }
        if let transportSequenceID {
            begin(transportSequenceID, 2)
            packet.append(uint16: 0)
        }
        if let sendTimeID {
            begin(sendTimeID, 3)
            packet.append(uint24: 0)
        }
        if let mid {
            begin(mid.id, min(255, mid.value.count))
            packet.append(contentsOf: mid.value.prefix(255))
        }
        while packet.count < start + count { packet.append(0) }
    }
}

/// Starts a packet: the fixed header and its extensions, with room for `payloadCount` bytes and the SRTP trailer.
func makeRTPPacket(_ fields: RTPFields, layout: ExtensionLayout, payloadCount: Int) -> [UInt8] {
    guard !layout.isEmpty else { return makeRTPPacket(fields, extension: nil, payloadCount: payloadCount) }
    var packet = [UInt8]()
    packet.reserveCapacity(12 + layout.count + payloadCount + protectionReserve)
    packet.append(0x90)
    packet.append((fields.marker ? 0x80 : 0) | (fields.payloadType & 0x7f))
    packet.append(uint16: fields.sequenceNumber)
    packet.append(uint32: fields.timestamp)
    packet.append(uint32: fields.ssrc)
    layout.write(to: &packet)
    return packet
}

extension Array where Element == UInt8 {
    /// Writes the send time into its place: the middle of an NTP time, 6 bits of seconds and 18 of fraction.
    mutating func stamp(sendTime time: NTPTime, at offset: Int) {
        let value = UInt32(truncatingIfNeeded: time.value >> 14)
        self[offset] = UInt8(truncatingIfNeeded: value >> 16)
        set(uint16: UInt16(truncatingIfNeeded: value), at: offset + 1)
    }
}
