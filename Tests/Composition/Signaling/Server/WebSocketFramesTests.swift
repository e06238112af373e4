import NIOCore
import Primitives
import Testing

@testable import Signaling

private typealias Head = WebSocketFrames.Head

@Suite struct WebSocketFramesTests {
    private func head(_ bytes: [UInt8], maximum: Int = 100_000) throws(WebSocketFrames.CloseCode) -> WebSocketFrames.Head? {
        try WebSocketFrames.head(in: bytes.span, at: 0, maximum: maximum)
    }

    @Test func readsHeadsOfEveryLength() throws {
        #expect(try head([0x81, 0x85, 1, 2, 3, 4]) == Head(isFinal: true, opcode: 1, key: 0x0403_0201, length: 5, headLength: 6))
        #expect(try head([0x02, 0xfe, 0x01, 0x00, 0, 0, 0, 9])?.length == 256)
        let long = try head([0x82, 0xff, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0])
        #expect(long?.length == 65537 && long?.headLength == 14 && long?.isFinal == true)
    }

    @Test func waitsForTheRestOfAHead() throws {
        let whole: [UInt8] = [0x82, 0xff, 0, 0, 0, 0, 0, 1, 0, 1, 5, 6, 7, 8]
        for count in 0..<whole.count { #expect(try head(Array(whole[..<count])) == nil) }
        #expect(try head(whole) != nil)
    }

    /// Without mask; RSV set; unknown opcodes; control frames in fragments or too long; a length of 64 bits.
    @Test(
        arguments: [
            [0x81, 0x05], [0xc1, 0x85], [0xa1, 0x85], [0x91, 0x85], [0x83, 0x80], [0x8b, 0x80], [0x09, 0x80], [0x88, 0xfe, 0, 126],
            [0x82, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0],
        ] as [[UInt8]])
    func refusesWhatNoClientMaySend(_ bytes: [UInt8]) {
        #expect(throws: WebSocketFrames.CloseCode.protocolError) { try head(bytes) }
    }

    /// Before a byte of the payload has come.
    @Test func refusesWhatIsTooLarge() throws {
        #expect(throws: WebSocketFrames.CloseCode.tooLarge) { try head([0x82, 0xfe, 0, 201], maximum: 200) }
        #expect(try head([0x82, 0xfe, 0, 200, 0, 0, 0, 0], maximum: 200)?.length == 200)
        #expect(throws: WebSocketFrames.CloseCode.tooLarge) { try head([0x82, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]) }
    }

    @Test func unmasksEveryLengthAndTellsASCII() {
        var random = RandomSource.seeded(5)
        for count in 0..<70 {
            let key = UInt32.random(in: 0...UInt32.max, using: &random)
            let plain = (0..<count).map { _ in UInt8.random(in: 0...127, using: &random) }
            let masked = plain.enumerated().map { $1 ^ UInt8(truncatingIfNeeded: key >> UInt32(8 * ($0 & 3))) }
            let padded = [9] + masked + [200]
            let result = WebSocketFrames.unmasked(padded.span, 1..<1 + count, key: key)
            #expect(result.bytes == plain && result.isASCII)
            for place in 0..<count {
                var bytes = padded
                bytes[1 + place] ^= 0x80
                #expect(!WebSocketFrames.unmasked(bytes.span, 1..<1 + count, key: key).isASCII)
            }
        }
    }

    @Test(arguments: [0, 1, 125, 126, 65535, 65536]) func writesHeads(_ length: Int) {
        var out = ByteBuffer()
        WebSocketFrames.writeHead(opcode: 2, length: length, to: &out)
        let bytes = Array(out.readableBytesView)
        #expect(bytes[0] == 0x82 && bytes[1] & 0x80 == 0)
        let short = Int(bytes[1])
        let read = short < 126 ? short : bytes.dropFirst(2).reduce(0) { $0 << 8 | Int($1) }
        #expect(read == length && bytes.count == (length < 126 ? 2 : length < 65536 ? 4 : 10))
    }
}
