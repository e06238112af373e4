import Secrets
import Testing

@Suite struct SecretsTests {
    private func hex(_ bytes: [UInt8]) -> String { bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }

    /// FIPS 180-4's examples.
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ])
    func sha256(message: String, digest: String) { #expect(hex(Secrets.sha256(Array(message.utf8))) == digest) }

    /// RFC 4231, cases 1, 2 and 6: a short key, and one that is longer than a block.
    @Test(arguments: [
        ([UInt8](repeating: 0x0b, count: 20), "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
        (Array("Jefe".utf8), "what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
        (
            [UInt8](repeating: 0xaa, count: 131), "Test Using Larger Than Block-Size Key - Hash Key First",
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        ),
    ])
    func hmacSHA256(key: [UInt8], message: String, code: String) {
        #expect(hex(Secrets.hmacSHA256(key: key, Array(message.utf8))) == code)
    }

    /// RFC 2202, cases 1, 2 and 6.
    @Test(arguments: [
        ([UInt8](repeating: 0x0b, count: 20), "Hi There", "b617318655057264e28bc0b6fb378c8ef146be00"),
        (Array("Jefe".utf8), "what do ya want for nothing?", "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"),
        (
            [UInt8](repeating: 0xaa, count: 80), "Test Using Larger Than Block-Size Key - Hash Key First",
            "aa4ae5e15272d00e95705637ce8a3b55ed402112"
        ),
    ])
    func hmacSHA1(key: [UInt8], message: String, code: String) {
        #expect(hex(Secrets.hmacSHA1(key: key, Array(message.utf8))) == code)
    }

    @Test func anEmptyKeyAndAnEmptyMessageAreTaken() {
        #expect(hex(Secrets.hmacSHA256(key: [], [])) == "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad")
        #expect(hex(Secrets.hmacSHA1(key: [], [])) == "fbdb1d1b18aa6c08324b7d64b71fb76370690e1d")
    }

    @Test func equalityIsOfContentAndLength() {
        #expect(Secrets.isEqual([], []))
        #expect(Secrets.isEqual([1, 2, 3], [1, 2, 3]))
        #expect(!Secrets.isEqual([1, 2, 3], [1, 2, 4]))
        #expect(!Secrets.isEqual([1, 2, 3], [1, 2]))
        #expect(!Secrets.isEqual([], [0]))
    }

    @Test func randomBytesAreAsManyAsAskedForAndDiffer() {
        #expect(Secrets.random(0).isEmpty && Secrets.random(-1).isEmpty)
        #expect(Secrets.random(32).count == 32)
        #expect(Secrets.random(32) != Secrets.random(32))
    }
}
