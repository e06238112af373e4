/// The hash of a certificate as SDP carries it (RFC 8122 section 5): "sha-256 AB:CD:…".
public struct CertificateFingerprint: Hashable, Sendable {
    /// Lower case, such as "sha-256".
    public let algorithm: String
    public let bytes: [UInt8]

    /// The hashes that are checked; a fingerprint of any other kind proves nothing here.
    static let lengths = ["sha-1": 20, "sha-224": 28, "sha-256": 32, "sha-384": 48, "sha-512": 64]

    public init(algorithm: String, bytes: [UInt8]) {
        self.algorithm = algorithm.lowercased()
        self.bytes = bytes
    }

    /// Case does not matter. Nil when it is not `name HEX:HEX:…`, or has not its hash's length.
    public init?(sdp: String) {
        let parts = sdp.split(separator: " ", omittingEmptySubsequences: true)
        guard parts.count == 2, parts[1].utf8.count <= 3 * 64 else { return nil }
        var bytes: [UInt8] = []
        for pair in parts[1].utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false) {
            guard pair.count == 2, let high = Self.hexDigit(pair.first), let low = Self.hexDigit(pair.last) else { return nil }
            bytes.append(high << 4 | low)
        }
        self.init(algorithm: String(parts[0]), bytes: bytes)
        if let length = Self.lengths[algorithm], length != bytes.count { return nil }
    }

    private static func hexDigit(_ byte: UInt8?) -> UInt8? {
        switch byte {
        case .some(let b) where (0x30...0x39).contains(b): b - 0x30
        case .some(let b) where (0x41...0x46).contains(b): b - 0x41 + 10
        case .some(let b) where (0x61...0x66).contains(b): b - 0x61 + 10
        default: nil
        }
    }

    public var sdp: String {
        let digits = Array("0123456789ABCDEF".utf8)
        let hex = bytes.map { String(decoding: [digits[Int($0 >> 4)], digits[Int($0 & 15)]], as: UTF8.self) }
        return algorithm + " " + hex.joined(separator: ":")
    }
}
