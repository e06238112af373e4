import COpenSSL

/// HMAC-SHA1 (RFC 2104) for STUN's MESSAGE-INTEGRITY: 20 bytes.
public let opensslHMACSHA1: @Sendable (_ key: [UInt8], _ message: [UInt8]) -> [UInt8] = { key, message in
    var digest = [UInt8](repeating: 0, count: 20)
    var count: UInt32 = 20
    _ = HMAC(EVP_sha1(), key, Int32(key.count), message, message.count, &digest, &count)
    return digest
}

/// MD5 (RFC 1321) for the key of STUN's long-term credentials (RFC 8489 section 9.2.2): 16 bytes; none where OpenSSL forbids it (FIPS).
public let opensslMD5: @Sendable (_ message: [UInt8]) -> [UInt8] = { message in
    var digest = [UInt8](repeating: 0, count: 16)
    var count: UInt32 = 16
    return EVP_Digest(message, message.count, &digest, &count, EVP_md5(), nil) == 1 && count == 16 ? digest : []
}

/// SHA-256 (FIPS 180-4): 32 bytes.
public let opensslSHA256: @Sendable (_ message: [UInt8]) -> [UInt8] = { message in
    var digest = [UInt8](repeating: 0, count: 32)
    var count: UInt32 = 32
    return EVP_Digest(message, message.count, &digest, &count, EVP_sha256(), nil) == 1 && count == 32 ? digest : []
}
