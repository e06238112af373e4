import COpenSSL

/// HMAC-SHA1 (RFC 2104) for STUN's MESSAGE-INTEGRITY: 20 bytes.
public let opensslHMACSHA1: @Sendable (_ key: [UInt8], _ message: [UInt8]) -> [UInt8] = { key, message in
    var digest = [UInt8](repeating: 0, count: 20)
    var count: UInt32 = 20
    _ = HMAC(EVP_sha1(), key, Int32(key.count), message, message.count, &digest, &count)
    return digest
}
