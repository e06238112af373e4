import NIOCore

/// RFC 6455's frames as a server reads and writes them.
enum WebSocketFrames {
    /// The head of a frame from a client, once it is there as a whole:
    ///
    ///     FIN RSV1 RSV2 RSV3 opcode(4) | MASK length(7) | length(0, 16 or 64) | key(32)
    struct Head: Equatable {
        var isFinal: Bool
        var opcode: UInt8
        var key: UInt32
        /// Bytes of the payload.
        var length: Int
        /// Bytes of the head itself.
        var headLength: Int

        var isControl: Bool { opcode & 8 != 0 }
    }

    enum Opcode {
        static let continuation: UInt8 = 0
        static let text: UInt8 = 1
        static let binary: UInt8 = 2
        static let close: UInt8 = 8
        static let ping: UInt8 = 9
        static let pong: UInt8 = 10
    }

    /// Codes of a close frame (section 7.4.1).
    enum CloseCode: UInt16, Error {
        case goingAway = 1001
        case protocolError = 1002
        case notUTF8 = 1007
        case tooLarge = 1009
    }

    /// The head at `offset` of what has been read; nil while it is not all there.
    /// - Throws: for what no client may send, and for a payload of data above `maximum`.
    static func head(in bytes: Span<UInt8>, at offset: Int, maximum: Int) throws(CloseCode) -> Head? {
        let count = bytes.count - offset
        guard count >= 2 else { return nil }
        let (first, second) = (bytes[offset], bytes[offset + 1])
        let opcode = first & 15
        // No extension is agreed on, so RSV is zero (section 5.2); a client masks (section 5.1).
        guard first & 0x70 == 0, second & 0x80 != 0, opcode <= 2 || (8...10).contains(opcode) else { throw .protocolError }
        var length = UInt64(second & 127)
        var position = offset + 2
        if length >= 126 {
            let size = length == 126 ? 2 : 8
            guard count >= 2 + size else { return nil }
            length = 0
            for index in position..<position + size { length = length << 8 | UInt64(bytes[index]) }
            position += size
        }
        let isFinal = first & 0x80 != 0
        // Control frames are short and whole (section 5.5).
        guard opcode < 8 || (isFinal && length <= 125), length >> 63 == 0 else { throw .protocolError }
        guard opcode >= 8 || length <= UInt64(maximum) else { throw .tooLarge }
        guard bytes.count - position >= 4 else { return nil }
        var key: UInt32 = 0
        for index in 0..<4 { key |= UInt32(bytes[position + index]) << UInt32(8 * index) }
        return Head(isFinal: isFinal, opcode: opcode, key: key, length: Int(length), headLength: position + 4 - offset)
    }

    /// A payload without its mask, and whether it is ASCII alone. Eight bytes at a time: this is done to all that is read.
    static func unmasked(_ bytes: Span<UInt8>, _ range: Range<Int>, key: UInt32) -> (bytes: [UInt8], isASCII: Bool) {
        let wide = UInt64(key) << 32 | UInt64(key)
        var seen: UInt64 = 0
        let raw = bytes.bytes
        let out = [UInt8](unsafeUninitializedCapacity: range.count) { out, count in
            count = range.count
            let target = UnsafeMutableRawBufferPointer(out)
            var position = 0
            while position + 8 <= count {
                let word = raw.unsafeLoadUnaligned(fromByteOffset: range.lowerBound + position, as: UInt64.self).littleEndian ^ wide
                seen |= word
                target.storeBytes(of: word.littleEndian, toByteOffset: position, as: UInt64.self)
                position += 8
            }
            while position < count {
                let byte = bytes[range.lowerBound + position] ^ UInt8(truncatingIfNeeded: key >> UInt32(8 * (position & 3)))
                seen |= UInt64(byte)
                target[position] = byte
                position += 1
            }
        }
        return (out, seen & 0x8080_8080_8080_8080 == 0)
    }

    /// Writes the head of a whole frame from a server, whose payload of `length` bytes is to follow.
    static func writeHead(opcode: UInt8, length: Int, to out: inout ByteBuffer) {
        out.writeInteger(0x80 | opcode)
        switch length {
        case ..<126: out.writeInteger(UInt8(length))
        case ..<65536: out.writeMultipleIntegers(UInt8(126), UInt16(length))
        default: out.writeMultipleIntegers(UInt8(127), UInt64(length))
        }
    }
}
