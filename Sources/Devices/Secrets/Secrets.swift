import COpenSSL

/// Hashes, message authentication codes and keys, by OpenSSL.
public enum Secrets {
    /// SHA-256 (FIPS 180-4): 32 bytes.
    public static func sha256(_ message: [UInt8]) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: 32)
        // Fails only where OpenSSL has no SHA-256 at all; nothing must then match what it gives.
        guard EVP_Digest(message, message.count, &digest, nil, EVP_sha256(), nil) == 1 else { return random(32) }
        return digest
    }

    /// HMAC-SHA256 (RFC 2104, RFC 4231): 32 bytes. The key may be of any length.
    public static func hmacSHA256(key: [UInt8], _ message: [UInt8]) -> [UInt8] { hmac(EVP_sha256(), 32, key, message) }

    /// HMAC-SHA1 (RFC 2104), which the TURN REST API asks for: 20 bytes. The key may be of any length.
    public static func hmacSHA1(key: [UInt8], _ message: [UInt8]) -> [UInt8] { hmac(EVP_sha1(), 20, key, message) }

    private static func hmac(_ hash: OpaquePointer?, _ count: Int, _ key: [UInt8], _ message: [UInt8]) -> [UInt8] {
        var code = [UInt8](repeating: 0, count: count)
        guard HMAC(hash, key, Int32(clamping: key.count), message, message.count, &code, nil) != nil else { return random(count) }
        return code
    }

    /// Whether both are the same; how long it takes tells nothing but their lengths.
    public static func isEqual(_ a: [UInt8], _ b: [UInt8]) -> Bool {
        a.count == b.count && CRYPTO_memcmp(a, b, a.count) == 0
    }

    /// Bytes that nobody can guess.
    public static func random(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<max(0, count)).map { _ in UInt8.random(in: 0 ... .max, using: &generator) }
    }
}
