import ByteCoding

@testable import SCTP

func bytes(hex: String) -> [UInt8] {
    let digits = hex.utf8.filter { $0 != 32 }.map { $0 < 58 ? $0 - 48 : $0 - 87 }
    return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
}

// Spans cannot go through `#expect`; arrays can.

extension CRC32C {
    static func of(_ bytes: [UInt8]) -> UInt32 { of(bytes.span) }
    static func isRight(_ packet: [UInt8]) -> Bool { PacketFormat.hasRightChecksum(packet.span) }
}

extension InitiationChunk {
    init(bytes: [UInt8]) throws(WireError) { try self.init(bytes.span) }
}

extension SackChunk {
    init(bytes: [UInt8]) throws(WireError) { try self.init(bytes.span) }
}

extension DCEPMessage {
    init(bytes: [UInt8]) throws(WireError) { try self.init(bytes.span) }
}

extension StateCookie {
    init?(bytes: [UInt8], key: CookieKey) { self.init(bytes.span, key: key) }
}

/// With the checksum that fits what was changed.
func resealed(_ packet: [UInt8]) -> [UInt8] {
    var packet = packet
    if packet.count >= PacketFormat.headerSize { PacketFormat.seal(&packet) }
    return packet
}
