import ByteCoding
import Testing

@Suite struct ByteReaderTests {
    @Test func readsWhatTheWriterWrote() throws {
        var bytes: [UInt8] = []
        bytes.append(uint16: 0x0102)
        bytes.append(uint24: 0x030405)
        bytes.append(uint32: 0x0607_0809)
        bytes.append(uint64: 0x0a0b_0c0d_0e0f_1011)
        var reader = ByteReader(bytes.span)
        #expect(try reader.readUInt16() == 0x0102)
        #expect(try reader.readUInt24() == 0x030405)
        #expect(try reader.readUInt32() == 0x0607_0809)
        #expect(try reader.readUInt64() == 0x0a0b_0c0d_0e0f_1011)
        let left = reader.remaining
        #expect(left == 0)
    }

    @Test func neverReadsPastTheEnd() throws {
        let bytes: [UInt8] = [1, 2, 3]
        var reader = ByteReader(bytes.span)
        _ = try reader.readUInt16()
        #expect(throws: WireError.truncated) {
            var r = ByteReader(bytes.span); try r.skip(2); _ = try r.readUInt16()
        }
        #expect(throws: WireError.truncated) {
            var r = ByteReader(bytes.span); _ = try r.readBytes(4)
        }
        #expect(throws: WireError.truncated) {
            var r = ByteReader(bytes.span); _ = try r.readBytes(-1)
        }
        #expect(try reader.readBytes(1) == [3])
    }
}

@Suite struct SerialNumberTests {
    @Test(arguments: [(UInt16(1), UInt16(65535), 2), (65535, 1, -2), (5, 5, 0), (32768, 0, -32768), (32767, 0, 32767)])
    func distanceGoesTheShortWayRound(a: UInt16, b: UInt16, expected: Int) {
        #expect(a.serialDistance(from: b) == expected)
    }

    @Test func unwrapsAcrossTheEndAndBack() {
        var unwrapper = SerialUnwrapper<UInt16>()
        let first = unwrapper.unwrap(65534)
        #expect(unwrapper.unwrap(65535) == first + 1)
        #expect(unwrapper.unwrap(0) == first + 2)
        #expect(unwrapper.unwrap(65533) == first - 1)
        #expect(unwrapper.unwrap(3) == first + 5)
    }
}
