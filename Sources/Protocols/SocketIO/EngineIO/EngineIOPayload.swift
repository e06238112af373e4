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

/// RFC 4648 section 4. Padding may be missing when decoding.
enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func append(_ bytes: ArraySlice<UInt8>, to out: inout [UInt8]) {
        out.reserveCapacity(out.count + (bytes.count + 2) / 3 * 4)
        var rest = bytes
        while !rest.isEmpty {
            let group = rest.prefix(3)
            rest = rest.dropFirst(3)
            let bits = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << UInt32(8 * (3 - group.count))
            for index in 0..<4 {
                out.append(index <= group.count ? alphabet[Int(bits >> UInt32(18 - 6 * index) & 63)] : UInt8(ascii: "="))
            }
        }
    }

    static func decode(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        var digits = text
        for _ in 0..<2 where digits.last == UInt8(ascii: "=") { digits.removeLast() }
        guard digits.count % 4 != 1 else { return nil }
        var out: [UInt8] = []
        out.reserveCapacity(digits.count * 3 / 4)
        var bits: UInt32 = 0
        var count = 0
        for byte in digits {
            guard let value = value(byte) else { return nil }
            bits = bits << 6 | value
            count += 6
            if count >= 8 {
                count -= 8
                out.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
            }
        }
        return out
    }

    private static func value(_ byte: UInt8) -> UInt32? {
        switch byte {
        case 0x41...0x5a: UInt32(byte - 0x41)
        case 0x61...0x7a: UInt32(byte - 0x61 + 26)
        case 0x30...0x39: UInt32(byte - 0x30 + 52)
        case UInt8(ascii: "+"), UInt8(ascii: "-"): 62
        case UInt8(ascii: "/"), UInt8(ascii: "_"): 63
        default: nil
        }
    }
}
