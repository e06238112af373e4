import ByteCoding
import ICE
import Primitives
import Testing

@Suite struct STUNMessageTests {
    private func parse(_ bytes: [UInt8]) throws(WireError) -> STUNMessage { try STUNMessage(parsing: bytes.span) }

    @Test func readsTheSampleRequest() throws {
        let message = try parse(STUNVectors.request)
        #expect(message.messageClass == .request && message.method == .binding)
        #expect(message.username == Array("evtj:h6vY".utf8))
        #expect(message.priority == 0x6e00_01ff)
        #expect(message.controlledTieBreaker == 0x932f_f9b1_5126_3b36)
        #expect(message.attributes.contains(.software(Array("STUN test client".utf8))))
        #expect(message.unknownRequiredAttributes.isEmpty)
        #expect(message.fingerprint == .valid)
        #expect(message.isAuthentic(key: STUNVectors.shortTermKey, hmacSHA1: testHMAC))
        #expect(!message.isAuthentic(key: [1], hmacSHA1: testHMAC))
    }

    @Test(arguments: [
        (STUNVectors.responseIPv4, "192.0.2.1"), (STUNVectors.responseIPv6, "2001:db8:1234:5678:11:2233:4455:6677"),
    ])
    func readsTheSampleResponses(bytes: [UInt8], ip: String) throws {
        let message = try parse(bytes)
        #expect(message.messageClass == .success)
        #expect(message.mappedAddress == SocketAddress(IPAddress(ip)!, port: 32853))
        #expect(message.fingerprint == .valid)
        #expect(message.isAuthentic(key: STUNVectors.shortTermKey, hmacSHA1: testHMAC))
    }

    @Test func readsTheLongTermRequest() throws {
        let message = try parse(STUNVectors.longTermRequest)
        #expect(message.username == Array("マトリックス".utf8))
        #expect(message.attributes.contains(.realm(Array("example.org".utf8))))
        #expect(message.attributes.contains(.nonce(Array("f//499k954d6OL34oL9FSTvy64sA".utf8))))
        #expect(message.fingerprint == .absent)
        #expect(message.isAuthentic(key: STUNVectors.longTermKey, hmacSHA1: testHMAC))
    }

    @Test(arguments: [STUNVectors.request, STUNVectors.responseIPv4, STUNVectors.responseIPv6])
    func brokenTwinsAreRefusedOrNotTrusted(good: [UInt8]) {
        for length in 0..<good.count {
            #expect(throws: WireError.self, "cut to \(length)") { try parse(Array(good[..<length])) }
        }
        for i in good.indices {
            for mask in [UInt8(0x01), 0x10, 0x80, 0xff] {
                var twin = good
                twin[i] ^= mask
                guard let message = try? parse(twin) else { continue }
                let isTrusted = message.fingerprint == .valid && message.isAuthentic(key: STUNVectors.shortTermKey, hmacSHA1: testHMAC)
                #expect(!isTrusted, "byte \(i) ^ \(mask)")
            }
        }
    }

    @Test(arguments: 1...20)
    func randomBytesNeverTrap(seed: Int) {
        var random = RandomSource.seeded(UInt64(seed))
        for _ in 0..<500 {
            // A valid header in front, so that the attributes are reached.
            let body = random.bytes(4 * Int.random(in: 0...40, using: &random)).map { $0 < 128 ? $0 & 0x2b : $0 }
            var bytes: [UInt8] = [0, 1]
            bytes.append(uint16: UInt16(body.count))
            bytes.append(uint32: STUNMessage.magicCookie)
            bytes += random.bytes(12) + body
            if let message = try? parse(bytes) {
                _ = message.isAuthentic(key: [1], hmacSHA1: testHMAC)
                _ = message.fingerprint
            }
        }
    }

    @Test func whatIsWrittenIsRead() throws {
        var random = RandomSource.seeded(1)
        let attributes: [STUNAttribute] = [
            .username(Array("a:b".utf8)), .priority(77), .useCandidate, .iceControlling(tieBreaker: 0), .software(Array("x".utf8)),
            .errorCode(code: 487, reason: Array("Role Conflict".utf8)), .unknownAttributes([1, 0x7fff, 3]),
            .realm([]), .nonce([1, 2, 3, 4, 5]),
            .mappedAddress(SocketAddress(.v4(0x0102_0304), port: 9)), .xorMappedAddress(SocketAddress(.v6(.max, 1), port: 0xffff)),
        ]
        for messageClass in [STUNMessage.Class.request, .indication, .success, .error] {
            let message = STUNMessage(messageClass, transactionID: STUNTransactionID(using: &random), attributes: attributes)
            for (integrity, fingerprint) in [(true, true), (true, false), (false, true), (false, false)] {
                let bytes = message.encoded(integrity: integrity ? ([7], testHMAC) : nil, fingerprint: fingerprint)
                let read = try parse(bytes)
                #expect(read.messageClass == messageClass && read.transactionID == message.transactionID)
                #expect(read.attributes == attributes)
                #expect(read.isAuthentic(key: [7], hmacSHA1: testHMAC) == integrity)
                #expect(read.fingerprint == (fingerprint ? .valid : .absent))
            }
        }
    }

    @Test func whatFollowsTheIntegrityIsNotLookedAt() throws {
        var random = RandomSource.seeded(2)
        let message = STUNMessage(.request, transactionID: STUNTransactionID(using: &random), attributes: [.priority(1)])
        let plain = message.encoded(integrity: ([7], testHMAC), fingerprint: false)
        let read = try parse(withFingerprint(plain + [0, 0x25, 0, 0]))
        #expect(read.isAuthentic(key: [7], hmacSHA1: testHMAC) && read.fingerprint == .valid)
        #expect(!read.useCandidate)
    }

    @Test func unknownAttributesAreToldApart() throws {
        var bytes: [UInt8] = [0, 1, 0, 12, 0x21, 0x12, 0xa4, 0x42] + Array(repeating: 0, count: 12)
        bytes += [0x7f, 0xfe, 0, 1, 9, 0, 0, 0] + [0xff, 0xfe, 0, 0]
        #expect(try parse(bytes).unknownRequiredAttributes == [0x7ffe])
    }
}
