import DTLS
import SRTP
import Testing

@Suite struct SRTPContextTests {
    private func keys(_ profile: SRTPProfile) -> (SRTPKeys, SRTPKeys) {
        let count = profile.keyLength + profile.saltLength
        let a = (0..<count).map { UInt8($0 + 1) }
        let b = (0..<count).map { UInt8(200 - $0) }
        return (SRTPKeys(profile: profile, localKey: a, remoteKey: b), SRTPKeys(profile: profile, localKey: b, remoteKey: a))
    }

    private func packet(sequence: UInt16, payload: Int = 20) -> [UInt8] {
        [0x80, 0x60, UInt8(sequence >> 8), UInt8(truncatingIfNeeded: sequence), 0, 0, 0, 1, 0xca, 0xfe, 0xba, 0xbe]
            + (0..<payload).map { UInt8(truncatingIfNeeded: $0) }
    }

    /// The reference packet of libsrtp's own driver: AES-CM with an 80-bit tag, from the keys of RFC 3711's test vectors.
    @Test func aKnownPacketIsProtectedAsElsewhere() throws {
        let key = bytes("e1f97a0d3e018be0d64fa32c06de4139 0ec675ad498afeebb6960b3aabe6")
        let plain = bytes("800f1234decafbadcafebabe abababababababababababababababab")
        let cipher = bytes("800f1234decafbadcafebabe 4e55dc4ce79978d88ca4d215949d2402 b78d6acc99ea179b8dbb")
        let own = SRTPKeys(profile: .aes128CM_SHA1_80, localKey: key, remoteKey: key)
        var context = try SRTPContext(keys: own)
        var packet = plain
        try context.protectRTP(&packet)
        #expect(packet == cipher)
        try context.unprotectRTP(&packet)
        #expect(packet == plain)
    }

    @Test(arguments: SRTPProfile.allCases)
    func whatOneProtectsTheOtherReads(profile: SRTPProfile) throws {
        let (here, there) = keys(profile)
        var sender = try SRTPContext(keys: here)
        var receiver = try SRTPContext(keys: there)
        for sequence in 65530...65540 {
            let plain = packet(sequence: UInt16(truncatingIfNeeded: sequence))
            var wire = plain
            try sender.protectRTP(&wire)
            #expect(wire.count > plain.count)
            #expect(wire[12...] != plain[12...])
            try receiver.unprotectRTP(&wire)
            #expect(wire == plain)
        }
        let report: [UInt8] = [0x80, 201, 0, 1, 1, 2, 3, 4]
        var wire = report
        try sender.protectRTCP(&wire)
        try receiver.unprotectRTCP(&wire)
        #expect(wire == report)
    }

    @Test(arguments: SRTPProfile.allCases)
    func aPacketThatComesAgainIsRefused(profile: SRTPProfile) throws {
        let (here, there) = keys(profile)
        var sender = try SRTPContext(keys: here)
        var receiver = try SRTPContext(keys: there)
        var wire = packet(sequence: 7)
        try sender.protectRTP(&wire)
        var copy = wire
        try receiver.unprotectRTP(&wire)
        let error = #expect(throws: SRTPError.self) { try receiver.unprotectRTP(&copy) }
        #expect(error == .replayed)
    }

    @Test(arguments: SRTPProfile.allCases)
    func anyBitThatIsChangedIsNoticed(profile: SRTPProfile) throws {
        let (here, there) = keys(profile)
        var sender = try SRTPContext(keys: here)
        var receiver = try SRTPContext(keys: there)
        var wire = packet(sequence: 7)
        try sender.protectRTP(&wire)
        for index in wire.indices {
            var broken = wire
            broken[index] ^= 1
            var refused = false
            do { try receiver.unprotectRTP(&broken) } catch { refused = true }
            #expect(refused, "byte \(index)")
        }
        for count in 0..<wire.count {
            var broken = Array(wire.prefix(count))
            var refused = false
            do { try receiver.unprotectRTP(&broken) } catch { refused = true }
            #expect(refused, "cut at \(count)")
        }
    }

    /// Whoever has the keys could otherwise fill the memory with sources.
    @Test(arguments: SRTPProfile.allCases)
    func sourcesAreBounded(profile: SRTPProfile) throws {
        let (here, there) = keys(profile)
        var sender = try SRTPContext(keys: here)
        var receiver = try SRTPContext(keys: there)
        var refused = 0
        for source in 0..<40 {
            var wire = packet(sequence: 1)
            wire[11] = UInt8(source)
            try sender.protectRTP(&wire)
            do { try receiver.unprotectRTP(&wire) } catch { refused += error == .tooManySources ? 1 : 0 }
        }
        #expect(refused == 8)
        var known = packet(sequence: 2)
        known[11] = 0
        try sender.protectRTP(&known)
        try receiver.unprotectRTP(&known)
    }

    /// Debian's libsrtp2 is built with OpenSSL.
    @Test func everyProfileIsThere() {
        #expect(SRTPContext.supportedProfiles == SRTPProfile.allCases)
    }

    @Test func aKeyOfTheWrongLengthIsRefused() {
        #expect(throws: SRTPError.malformed) {
            _ = try SRTPContext(keys: SRTPKeys(profile: .aeadAES128GCM, localKey: [1], remoteKey: [2]))
        }
    }

    private func bytes(_ hex: String) -> [UInt8] {
        let digits = Array(hex.utf8.filter { $0 != 0x20 }).map { UInt8(String(UnicodeScalar($0)), radix: 16) ?? 0 }
        return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }
}
