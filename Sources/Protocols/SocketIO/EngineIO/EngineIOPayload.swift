import Primitives

/// The body of a polling request or answer: packets joined by U+001E, binary ones as `b` and base64.
public enum EngineIOPayload {
    static let separator: UInt8 = 0x1e
    /// More packets than any client puts into one body.
    static let maximumPackets = 10_000

    public static func encode(_ packets: [EngineIOPacket]) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(packets.reduce(0) { $0 + 2 + $1.data.count })
        for (index, packet) in packets.enumerated() {
            if index > 0 { out.append(separator) }
            packet.append(toPayload: &out)
        }
        return out
    }

    public static func decode(_ body: [UInt8]) throws(SocketIOError) -> [EngineIOPacket] {
        let parts = body.split(separator: separator, maxSplits: maximumPackets, omittingEmptySubsequences: false)
        guard parts.count <= maximumPackets else { throw .tooLarge }
        var packets: [EngineIOPacket] = []
        packets.reserveCapacity(parts.count)
        for part in parts {
            if part.first == UInt8(ascii: "b") {
                guard let bytes = Base64.decode(part.dropFirst()) else { throw .malformed }
                packets.append(.binary(bytes[...]))
            } else {
                packets.append(try EngineIOPacket(text: part))
            }
        }
        return packets
    }
}
