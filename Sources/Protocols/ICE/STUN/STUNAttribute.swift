import ByteCoding
import Primitives

/// What a STUN message can carry, as far as ICE and TURN need it (RFC 8489 §14, RFC 8445 §16.1, RFC 8656 §18).
///
///      0                   1                   2                   3
///      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
///     +-------------------------------+-------------------------------+
///     |         Type                  |            Length             |
///     +-------------------------------+-------------------------------+
///     |                Value, padded to a multiple of four            |
public enum STUNAttribute: Hashable, Sendable {
    case mappedAddress(SocketAddress)
    case xorMappedAddress(SocketAddress)
    case username([UInt8])
    case realm([UInt8])
    case nonce([UInt8])
    case software([UInt8])
    /// `code` is 300 to 699.
    case errorCode(code: Int, reason: [UInt8])
    case unknownAttributes([UInt16])
    case priority(UInt32)
    case useCandidate
    case iceControlled(tieBreaker: UInt64)
    case iceControlling(tieBreaker: UInt64)
    case channelNumber(UInt16)
    /// In seconds.
    case lifetime(UInt32)
    case xorPeerAddress(SocketAddress)
    case data([UInt8])
    case xorRelayedAddress(SocketAddress)
    case requestedAddressFamily(isIPv4: Bool)
    /// An IP protocol number: 17 is UDP.
    case requestedTransport(UInt8)
}

enum STUNAttributeType {
    static let mappedAddress: UInt16 = 0x0001
    static let username: UInt16 = 0x0006
    static let messageIntegrity: UInt16 = 0x0008
    static let errorCode: UInt16 = 0x0009
    static let unknownAttributes: UInt16 = 0x000a
    static let channelNumber: UInt16 = 0x000c
    static let lifetime: UInt16 = 0x000d
    static let xorPeerAddress: UInt16 = 0x0012
    static let data: UInt16 = 0x0013
    static let realm: UInt16 = 0x0014
    static let nonce: UInt16 = 0x0015
    static let xorRelayedAddress: UInt16 = 0x0016
    static let requestedAddressFamily: UInt16 = 0x0017
    static let requestedTransport: UInt16 = 0x0019
    static let xorMappedAddress: UInt16 = 0x0020
    static let priority: UInt16 = 0x0024
    static let useCandidate: UInt16 = 0x0025
    static let software: UInt16 = 0x8022
    static let fingerprint: UInt16 = 0x8028
    static let iceControlled: UInt16 = 0x8029
    static let iceControlling: UInt16 = 0x802a

    /// Types below 0x8000 must be understood by the receiver, or the request fails (RFC 8489 §15).
    static func isComprehensionRequired(_ type: UInt16) -> Bool { type < 0x8000 }
}

extension STUNAttribute {
    /// nil: a type that this codec does not know.
    static func parse(type: UInt16, value: Span<UInt8>, transactionID: STUNTransactionID) throws(WireError) -> STUNAttribute? {
        var reader = ByteReader(value)
        switch type {
        case STUNAttributeType.mappedAddress: return .mappedAddress(try address(value, mask: nil))
        case STUNAttributeType.xorMappedAddress: return .xorMappedAddress(try address(value, mask: transactionID))
        case STUNAttributeType.username: return .username(try text(value, limit: 512))
        case STUNAttributeType.realm: return .realm(try text(value, limit: 763))
        case STUNAttributeType.nonce: return .nonce(try text(value, limit: 763))
        case STUNAttributeType.software: return .software(try text(value, limit: 763))
        case STUNAttributeType.errorCode:
            try reader.skip(2)
            let hundreds = Int(try reader.readUInt8() & 7)
            let rest = Int(try reader.readUInt8())
            guard (3...6).contains(hundreds), rest < 100 else { throw .malformed("ERROR-CODE") }
            return .errorCode(code: hundreds * 100 + rest, reason: try reader.readBytes(min(reader.remaining, 763)))
        case STUNAttributeType.unknownAttributes:
            guard value.count % 2 == 0 else { throw .malformed("UNKNOWN-ATTRIBUTES") }
            var types: [UInt16] = []
            while !reader.isAtEnd { types.append(try reader.readUInt16()) }
            return .unknownAttributes(types)
        case STUNAttributeType.priority:
            guard value.count == 4 else { throw .malformed("PRIORITY") }
            return .priority(try reader.readUInt32())
        case STUNAttributeType.useCandidate:
            guard value.count == 0 else { throw .malformed("USE-CANDIDATE") }
            return .useCandidate
        case STUNAttributeType.iceControlled:
            guard value.count == 8 else { throw .malformed("ICE-CONTROLLED") }
            return .iceControlled(tieBreaker: try reader.readUInt64())
        case STUNAttributeType.iceControlling:
            guard value.count == 8 else { throw .malformed("ICE-CONTROLLING") }
            return .iceControlling(tieBreaker: try reader.readUInt64())
        case STUNAttributeType.xorPeerAddress: return .xorPeerAddress(try address(value, mask: transactionID))
        case STUNAttributeType.xorRelayedAddress: return .xorRelayedAddress(try address(value, mask: transactionID))
        case STUNAttributeType.data: return .data(Array(copying: value))
        case STUNAttributeType.channelNumber:
            guard value.count == 4 else { throw .malformed("CHANNEL-NUMBER") }
            return .channelNumber(try reader.readUInt16())
        case STUNAttributeType.lifetime:
            guard value.count == 4 else { throw .malformed("LIFETIME") }
            return .lifetime(try reader.readUInt32())
        case STUNAttributeType.requestedAddressFamily:
            guard value.count == 4, (1...2).contains(value[0]) else { throw .malformed("REQUESTED-ADDRESS-FAMILY") }
            return .requestedAddressFamily(isIPv4: value[0] == 1)
        case STUNAttributeType.requestedTransport:
            guard value.count == 4 else { throw .malformed("REQUESTED-TRANSPORT") }
            return .requestedTransport(value[0])
        default: return nil
        }
    }

    func encode(transactionID: STUNTransactionID) -> (type: UInt16, value: [UInt8]) {
        switch self {
        case .mappedAddress(let address): return (STUNAttributeType.mappedAddress, Self.bytes(of: address, mask: nil))
        case .xorMappedAddress(let address): return (STUNAttributeType.xorMappedAddress, Self.bytes(of: address, mask: transactionID))
        case .username(let name): return (STUNAttributeType.username, Array(name.prefix(512)))
        case .realm(let realm): return (STUNAttributeType.realm, Array(realm.prefix(763)))
        case .nonce(let nonce): return (STUNAttributeType.nonce, Array(nonce.prefix(763)))
        case .software(let name): return (STUNAttributeType.software, Array(name.prefix(763)))
        case .errorCode(let code, let reason):
            let code = max(300, min(699, code))
            return (STUNAttributeType.errorCode, [0, 0, UInt8(code / 100), UInt8(code % 100)] + reason.prefix(763))
        case .unknownAttributes(let types):
            var value: [UInt8] = []
            for type in types.prefix(64) { value.append(uint16: type) }
            return (STUNAttributeType.unknownAttributes, value)
        case .priority(let priority):
            var value: [UInt8] = []
            value.append(uint32: priority)
            return (STUNAttributeType.priority, value)
        case .useCandidate: return (STUNAttributeType.useCandidate, [])
        case .iceControlled(let tieBreaker): return (STUNAttributeType.iceControlled, Self.bytes(of: tieBreaker))
        case .iceControlling(let tieBreaker): return (STUNAttributeType.iceControlling, Self.bytes(of: tieBreaker))
        case .xorPeerAddress(let address): return (STUNAttributeType.xorPeerAddress, Self.bytes(of: address, mask: transactionID))
        case .xorRelayedAddress(let address): return (STUNAttributeType.xorRelayedAddress, Self.bytes(of: address, mask: transactionID))
        case .data(let bytes): return (STUNAttributeType.data, bytes)
        case .channelNumber(let number):
            return (STUNAttributeType.channelNumber, [UInt8(number >> 8), UInt8(truncatingIfNeeded: number), 0, 0])
        case .lifetime(let seconds):
            var value: [UInt8] = []
            value.append(uint32: seconds)
            return (STUNAttributeType.lifetime, value)
        case .requestedAddressFamily(let isIPv4): return (STUNAttributeType.requestedAddressFamily, [isIPv4 ? 1 : 2, 0, 0, 0])
        case .requestedTransport(let number): return (STUNAttributeType.requestedTransport, [number, 0, 0, 0])
        }
    }

    private static func text(_ value: Span<UInt8>, limit: Int) throws(WireError) -> [UInt8] {
        guard value.count <= limit else { throw .malformed("text attribute too long") }
        return Array(copying: value)
    }

    private static func bytes(of number: UInt64) -> [UInt8] {
        var value: [UInt8] = []
        value.append(uint64: number)
        return value
    }

    /// RFC 8489 §14.1 and §14.2: zero, family, port, address; XORed with cookie and transaction id when there is a mask.
    static func address(_ value: Span<UInt8>, mask: STUNTransactionID?) throws(WireError) -> SocketAddress {
        var reader = ByteReader(value)
        try reader.skip(1)
        let family = try reader.readUInt8()
        let port = try reader.readUInt16()
        guard (family == 1 && reader.remaining == 4) || (family == 2 && reader.remaining == 16) else { throw .malformed("address family") }
        var bytes = try reader.readBytes(reader.remaining)
        if let mask { apply(mask, to: &bytes) }
        guard let ip = IPAddress(bytes: bytes) else { throw .malformed("address") }
        return SocketAddress(ip, port: mask == nil ? port : port ^ UInt16(STUNMessage.magicCookie >> 16))
    }

    private static func bytes(of address: SocketAddress, mask: STUNTransactionID?) -> [UInt8] {
        var value: [UInt8] = [0, address.ip.isIPv4 ? 1 : 2]
        value.append(uint16: mask == nil ? address.port : address.port ^ UInt16(STUNMessage.magicCookie >> 16))
        var ip = address.ip.bytes
        if let mask { apply(mask, to: &ip) }
        return value + ip
    }

    private static func apply(_ transactionID: STUNTransactionID, to bytes: inout [UInt8]) {
        var mask: [UInt8] = []
        mask.append(uint32: STUNMessage.magicCookie)
        mask += transactionID.bytes
        for i in bytes.indices where i < mask.count { bytes[i] ^= mask[i] }
    }
}
