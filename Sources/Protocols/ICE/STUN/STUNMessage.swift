import ByteCoding
import Primitives

/// HMAC-SHA1 of a message, 20 bytes; given by whoever owns a cryptographic library.
public typealias HMACSHA1 = @Sendable (_ key: [UInt8], _ message: [UInt8]) -> [UInt8]

/// The 96 bits that pair a response with its request.
public struct STUNTransactionID: Hashable, Sendable {
    let high: UInt32
    let low: UInt64

    public init(using random: inout RandomSource) {
        high = UInt32(truncatingIfNeeded: random.next())
        low = random.next()
    }

    init(_ reader: inout ByteReader) throws(WireError) {
        high = try reader.readUInt32()
        low = try reader.readUInt64()
    }

    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(uint32: high)
        bytes.append(uint64: low)
        return bytes
    }
}

/// A STUN message (RFC 8489 §5).
///
///      0                   1                   2                   3
///      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
///     |0 0|  method and class mixed   |  Length without this header   |
///     |                      Magic cookie 0x2112A442                  |
///     |                 Transaction id, 96 bits                       |
///     |                 Attributes …                                  |
public struct STUNMessage: Sendable {
    public enum Class: UInt8, Sendable { case request, indication, success, error }
    public struct Method: Hashable, Sendable {
        /// 12 bits.
        public let rawValue: UInt16
        public static let binding = Method(rawValue: 1)
        // RFC 8656 §17.
        public static let allocate = Method(rawValue: 3)
        public static let refresh = Method(rawValue: 4)
        public static let send = Method(rawValue: 6)
        public static let data = Method(rawValue: 7)
        public static let createPermission = Method(rawValue: 8)
        public static let channelBind = Method(rawValue: 9)
    }

    public static let magicCookie: UInt32 = 0x2112_a442
    static let headerLength = 20
    /// No STUN message that ICE exchanges comes near this; larger ones are refused unread.
    static let lengthLimit = 2048
    private static let fingerprintMask: UInt32 = 0x5354_554e
    private static let integrityLength = 20

    public var messageClass: Class
    public var method: Method
    public var transactionID: STUNTransactionID
    /// In the order on the wire, without MESSAGE-INTEGRITY and FINGERPRINT; of a repeated one only the first counts.
    public var attributes: [STUNAttribute]
    /// Types that the sender requires to be understood and this codec does not know: a request with any is answered with 420.
    public private(set) var unknownRequiredAttributes: [UInt16] = []
    /// The message as it arrived; empty when it was made here.
    private var received: [UInt8] = []
    private var integrityOffset: Int?
    private var fingerprintOffset: Int?

    public init(_ messageClass: Class, _ method: Method = .binding, transactionID: STUNTransactionID, attributes: [STUNAttribute] = []) {
        self.messageClass = messageClass
        self.method = method
        self.transactionID = transactionID
        self.attributes = attributes
    }

    /// RFC 7983: a first byte of 0 to 3 is STUN's, next to DTLS and SRTP on the same port.
    public static func claims(_ datagram: Span<UInt8>) -> Bool { datagram.count > 0 && datagram[0] < 4 }

    /// Checks the form, but neither MESSAGE-INTEGRITY nor FINGERPRINT.
    public init(parsing datagram: Span<UInt8>) throws(WireError) {
        guard datagram.count <= Self.lengthLimit else { throw .malformed("STUN message too long") }
        var reader = ByteReader(datagram)
        let type = try reader.readUInt16()
        let length = Int(try reader.readUInt16())
        guard type & 0xc000 == 0, try reader.readUInt32() == Self.magicCookie else { throw .malformed("not STUN") }
        transactionID = try STUNTransactionID(&reader)
        guard length == reader.remaining else { throw .truncated }
        guard length % 4 == 0 else { throw .malformed("STUN length") }
        guard let messageClass = Class(rawValue: UInt8((type >> 7 & 2) | (type >> 4 & 1))) else { throw .malformed("STUN class") }
        self.messageClass = messageClass
        method = Method(rawValue: (type & 0x000f) | (type >> 1 & 0x0070) | (type >> 2 & 0x0f80))
        attributes = []
        try parseAttributes(&reader)
        received = Array(copying: datagram)
    }

    private mutating func parseAttributes(_ reader: inout ByteReader) throws(WireError) {
        while !reader.isAtEnd {
            guard fingerprintOffset == nil else { throw .malformed("attribute after FINGERPRINT") }
            let start = reader.offset
            let type = try reader.readUInt16()
            let length = Int(try reader.readUInt16())
            let value = try reader.readSpan(length)
            try reader.skip((4 - length % 4) % 4)
            if type == STUNAttributeType.fingerprint {
                guard length == 4 else { throw .malformed("FINGERPRINT") }
                fingerprintOffset = start
            } else if integrityOffset != nil {
                // What follows MESSAGE-INTEGRITY is not covered by it, so it is not looked at (RFC 8489 §14.5).
                continue
            } else if type == STUNAttributeType.messageIntegrity {
                guard length == Self.integrityLength else { throw .malformed("MESSAGE-INTEGRITY") }
                integrityOffset = start
            } else if let attribute = try STUNAttribute.parse(type: type, value: value, transactionID: transactionID) {
                attributes.append(attribute)
            } else if STUNAttributeType.isComprehensionRequired(type) {
                unknownRequiredAttributes.append(type)
            }
        }
    }

    public var hasIntegrity: Bool { integrityOffset != nil }

    /// Whether MESSAGE-INTEGRITY is there and made with `key`; false for a message that did not arrive.
    public func isAuthentic(key: [UInt8], hmacSHA1: HMACSHA1) -> Bool {
        guard let offset = integrityOffset, offset + 4 + Self.integrityLength <= received.count else { return false }
        var covered = Array(received[..<offset])
        covered.set(uint16: UInt16(truncatingIfNeeded: offset + 4), at: 2)
        let expected = hmacSHA1(key, covered)
        let actual = received[(offset + 4)..<(offset + 4 + Self.integrityLength)]
        guard expected.count == actual.count else { return false }
        // Every byte is looked at, so that the time taken tells nothing about where they differ.
        return zip(expected, actual).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }

    public enum FingerprintState: Sendable { case absent, valid, wrong }

    public var fingerprint: FingerprintState {
        guard let offset = fingerprintOffset, offset + 8 <= received.count else { return .absent }
        let expected = CRC32.checksum(received[..<offset]) ^ Self.fingerprintMask
        let actual = received[(offset + 4)..<(offset + 8)].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        return expected == actual ? .valid : .wrong
    }

    /// The bytes to send: with MESSAGE-INTEGRITY when there is a key, and FINGERPRINT last when asked.
    public func encoded(integrity: (key: [UInt8], hmacSHA1: HMACSHA1)? = nil, fingerprint: Bool = true) -> [UInt8] {
        let classBits = UInt16(messageClass.rawValue & 1) << 4 | UInt16(messageClass.rawValue & 2) << 7
        let methodBits = (method.rawValue & 0x000f) | (method.rawValue & 0x0070) << 1 | (method.rawValue & 0x0f80) << 2
        var bytes: [UInt8] = []
        bytes.reserveCapacity(128)
        bytes.append(uint16: methodBits | classBits)
        bytes.append(uint16: 0)
        bytes.append(uint32: Self.magicCookie)
        bytes += transactionID.bytes
        for attribute in attributes {
            let (type, value) = attribute.encode(transactionID: transactionID)
            bytes.append(uint16: type)
            bytes.append(uint16: UInt16(truncatingIfNeeded: value.count))
            bytes += value
            while bytes.count % 4 != 0 { bytes.append(0) }
        }
        if let integrity {
            // The length counts the attribute itself, which is not there yet (RFC 8489 §14.5).
            bytes.set(uint16: UInt16(truncatingIfNeeded: bytes.count + 4), at: 2)
            let code = integrity.hmacSHA1(integrity.key, bytes)
            bytes.append(uint16: STUNAttributeType.messageIntegrity)
            bytes.append(uint16: UInt16(truncatingIfNeeded: code.count))
            bytes += code
        }
        bytes.set(uint16: UInt16(truncatingIfNeeded: bytes.count - Self.headerLength + (fingerprint ? 8 : 0)), at: 2)
        if fingerprint {
            let crc = CRC32.checksum(bytes) ^ Self.fingerprintMask
            bytes.append(uint16: STUNAttributeType.fingerprint)
            bytes.append(uint16: 4)
            bytes.append(uint32: crc)
        }
        return bytes
    }
}
