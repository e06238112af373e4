import ByteCoding
import Primitives

/// How data travels between client and server: as ChannelData once a channel is bound (RFC 8656 §12.4), in indications before (§11).
///
///      0                   1                   2                   3
///      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
///     +-------------------------------+-------------------------------+
///     |         Channel number        |            Length             |
///     +-------------------------------+-------------------------------+
///     |                       Application data                        |
public enum TURNFraming {
    static let channelNumbers: ClosedRange<UInt16> = 0x4000...0x4fff
    static let channelHeaderLength = 4
    /// A datagram cannot be longer, with the frame around it.
    static let payloadLimit = 65_000

    /// In place: four bytes in front.
    public static func putChannelHeader(_ number: UInt16, before payload: inout [UInt8]) {
        let length = UInt16(truncatingIfNeeded: payload.count)
        payload.insert(contentsOf: repeatElement(0, count: channelHeaderLength), at: 0)
        payload.set(uint16: number, at: 0)
        payload.set(uint16: length, at: 2)
    }

    /// nil: no ChannelData. Over UDP padding may follow the data (RFC 8656 §12.5).
    public static func parseChannelData(_ datagram: Span<UInt8>) -> (number: UInt16, payload: Range<Int>)? {
        guard datagram.count >= channelHeaderLength, channelNumbers.contains(datagram.uint16(at: 0)) else { return nil }
        let length = Int(datagram.uint16(at: 2))
        guard length <= datagram.count - channelHeaderLength else { return nil }
        return (datagram.uint16(at: 0), channelHeaderLength..<channelHeaderLength + length)
    }

    /// Where a Data indication's data lies, and who sent it; nil for every other message.
    public static func parseDataIndication(_ datagram: Span<UInt8>) -> (peer: SocketAddress, payload: Range<Int>)? {
        // Class indication, method Data.
        guard datagram.count > 20, datagram.uint16(at: 0) == 0x0017 else { return nil }
        var reader = ByteReader(datagram)
        var peer: SocketAddress?
        var payload: Range<Int>?
        do throws(WireError) {
            try reader.skip(2)
            guard Int(try reader.readUInt16()) == datagram.count - 20, try reader.readUInt32() == STUNMessage.magicCookie
            else { return nil }
            let id = try STUNTransactionID(&reader)
            while !reader.isAtEnd, peer == nil || payload == nil {
                let type = try reader.readUInt16()
                let length = Int(try reader.readUInt16())
                let start = reader.offset
                let value = try reader.readSpan(length)
                try reader.skip((4 - length % 4) % 4)
                if type == STUNAttributeType.xorPeerAddress { peer = try STUNAttribute.address(value, mask: id) }
                if type == STUNAttributeType.data { payload = start..<start + length }
            }
        } catch { return nil }
        guard let peer, let payload else { return nil }
        return (peer, payload)
    }

    static func sendIndication(_ payload: [UInt8], to peer: SocketAddress, transactionID: STUNTransactionID) -> [UInt8] {
        STUNMessage(.indication, .send, transactionID: transactionID, attributes: [.xorPeerAddress(peer), .data(payload)])
            .encoded(fingerprint: false)
    }
}
