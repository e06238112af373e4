/// The checksum of SCTP packets (RFC 9260, Appendix A): CRC-32C, sixteen bytes at a step.
enum CRC32C {
    /// Row n: what a byte does to the checksum when n more bytes follow it in the step.
    private static let tables: [UInt32] = {
        var rows = [UInt32](repeating: 0, count: 16 * 256)
        for byte in 0..<256 {
            var value = UInt32(byte)
            for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ 0x82f6_3b78 : value >> 1 }
            rows[byte] = value
        }
        for index in 256..<rows.count {
            let before = rows[index - 256]
            rows[index] = before >> 8 ^ rows[Int(before & 0xff)]
        }
        return rows
    }()

    /// Of a whole packet, with the checksum field (bytes 8 to 11) taken for zeros.
    static func ofPacket(_ packet: Span<UInt8>) -> UInt32 {
        guard packet.count >= 12 else { return 0 }
        return tables.withUnsafeBufferPointer { tables in
            packet.withUnsafeBytes { bytes in
                var value = step(~0, UnsafeRawBufferPointer(rebasing: bytes[0..<8]), tables)
                for _ in 0..<4 { value = value >> 8 ^ tables[Int(value & 0xff)] }
                return ~step(value, UnsafeRawBufferPointer(rebasing: bytes[12...]), tables)
            }
        }
    }

    static func of(_ bytes: Span<UInt8>) -> UInt32 {
        tables.withUnsafeBufferPointer { tables in bytes.withUnsafeBytes { ~step(~0, $0, tables) } }
    }

    @inline(__always)
    private static func step(_ start: UInt32, _ bytes: UnsafeRawBufferPointer, _ tables: UnsafeBufferPointer<UInt32>) -> UInt32 {
        var value = start
        var offset = 0
        func row(_ number: Int, _ word: UInt64, _ shift: UInt64) -> UInt32 {
            tables[number << 8 | Int(truncatingIfNeeded: word >> shift & 0xff)]
        }
        while offset &+ 16 <= bytes.count {
            let low = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)) ^ UInt64(value)
            let high = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset &+ 8, as: UInt64.self))
            let a = row(15, low, 0) ^ row(14, low, 8) ^ row(13, low, 16) ^ row(12, low, 24)
            let b = row(11, low, 32) ^ row(10, low, 40) ^ row(9, low, 48) ^ row(8, low, 56)
            let c = row(7, high, 0) ^ row(6, high, 8) ^ row(5, high, 16) ^ row(4, high, 24)
            let d = row(3, high, 32) ^ row(2, high, 40) ^ row(1, high, 48) ^ row(0, high, 56)
            value = a ^ b ^ c ^ d
            offset &+= 16
        }
        while offset < bytes.count {
            value = value >> 8 ^ tables[Int((value ^ UInt32(bytes[offset])) & 0xff)]
            offset &+= 1
        }
        return value
    }
}
