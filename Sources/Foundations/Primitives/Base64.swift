/// Base64 (RFC 4648 section 4, with padding), and its form for URLs (section 5, without).
public enum Base64 {
    private static let standard: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    private static let forURLs: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

    public static func encode(_ bytes: [UInt8]) -> [UInt8] { encode(bytes, standard, isPadded: true) }
    public static func encodeURL(_ bytes: [UInt8]) -> [UInt8] { encode(bytes, forURLs, isPadded: false) }

    /// Takes both alphabets, and does without padding; nil for anything else.
    public static func decode(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        var digits = text
        for _ in 0..<2 where digits.last == UInt8(ascii: "=") { digits.removeLast() }
        guard digits.count % 4 != 1 else { return nil }
        var out: [UInt8] = []
        out.reserveCapacity(digits.count / 4 * 3 + 2)
        var bits: UInt32 = 0
        var count: UInt32 = 0
        for byte in digits {
            guard let value = value(byte) else { return nil }
            bits = bits << 6 | value
            count += 6
            if count >= 8 {
                count -= 8
                out.append(UInt8(truncatingIfNeeded: bits >> count))
            }
        }
        return out
    }

    /// Takes only the one text that `encodeURL` gives for the same bytes; nil for anything else.
    public static func decodeURL(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        guard let bytes = decode(text), encodeURL(bytes)[...] == text else { return nil }
        return bytes
    }

    private static func encode(_ bytes: [UInt8], _ alphabet: StaticString, isPadded: Bool) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity((bytes.count + 2) / 3 * 4)
        alphabet.withUTF8Buffer { letters in
            for start in stride(from: 0, to: bytes.count, by: 3) {
                let have = min(3, bytes.count - start)
                var bits: UInt32 = 0
                for offset in 0..<3 { bits = bits << 8 | (offset < have ? UInt32(bytes[start + offset]) : 0) }
                for place in 0...have { out.append(letters[Int(bits >> UInt32(18 - 6 * place) & 63)]) }
                if isPadded { for _ in have..<3 { out.append(UInt8(ascii: "=")) } }
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
