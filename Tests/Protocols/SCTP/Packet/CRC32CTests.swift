import Primitives
import Testing

@testable import SCTP

@Suite struct CRC32CTests {
    /// The check value of the catalogue of CRCs, and RFC 3720's vectors (appendix B.4).
    @Test func knownValues() {
        #expect(CRC32C.of(Array("123456789".utf8)) == 0xe306_9283)
        #expect(CRC32C.of([UInt8](repeating: 0, count: 32)) == 0x8a91_36aa)
        #expect(CRC32C.of([UInt8](repeating: 0xff, count: 32)) == 0x62a8_ab43)
        #expect(CRC32C.of((0..<32).map { UInt8($0) }) == 0x46dd_794e)
        #expect(CRC32C.of([]) == 0)
    }

    /// Bit by bit, as the definition has it, for every length around the steps.
    @Test func everyLengthAgreesWithTheDefinition() {
        var random = RandomSource.seeded(7)
        for count in 0...70 {
            let bytes = random.bytes(count)
            var value: UInt32 = ~0
            for byte in bytes {
                value ^= UInt32(byte)
                for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ 0x82f6_3b78 : value >> 1 }
            }
            #expect(CRC32C.of(bytes) == ~value)
        }
    }

    @Test func aPacketsChecksumLeavesItsFieldOut() {
        var packet = PacketFormat.begin(from: 5000, to: 5000, tag: 1)
        packet.appendChunk(ChunkType.cookieAck)
        let sum = CRC32C.of(packet.span)
        PacketFormat.seal(&packet)
        let sealed = CRC32C.ofPacket(packet.span)
        #expect(sealed == sum)
        #expect(CRC32C.isRight(packet))
        for index in packet.indices {
            packet[index] ^= 4
            #expect(!CRC32C.isRight(packet))
            packet[index] ^= 4
        }
    }
}
