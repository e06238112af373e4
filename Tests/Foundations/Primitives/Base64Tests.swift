import Primitives
import Testing

@Suite struct Base64Tests {
    /// RFC 4648 section 10.
    @Test(arguments: [
        ("", "", ""), ("f", "Zg==", "Zg"), ("fo", "Zm8=", "Zm8"), ("foo", "Zm9v", "Zm9v"), ("foob", "Zm9vYg==", "Zm9vYg"),
        ("fooba", "Zm9vYmE=", "Zm9vYmE"), ("foobar", "Zm9vYmFy", "Zm9vYmFy"),
    ])
    func givesTheVectors(_ plain: String, _ text: String, _ url: String) {
        let bytes = Array(plain.utf8)
        #expect(Base64.encode(bytes) == Array(text.utf8))
        #expect(Base64.encodeURL(bytes) == Array(url.utf8))
        #expect(Base64.decode(Array(text.utf8)[...]) == bytes)
        #expect(Base64.decode(Array(url.utf8)[...]) == bytes)
        #expect(Base64.decodeURL(Array(url.utf8)[...]) == bytes)
    }

    @Test func theURLFormHasOtherLetters() {
        #expect(Base64.encode([0xfb, 0xff]) == Array("+/8=".utf8))
        #expect(Base64.encodeURL([0xfb, 0xff]) == Array("-_8".utf8))
        #expect(Base64.decodeURL(Array("+/8".utf8)[...]) == nil)
    }

    @Test(arguments: ["A", "AAAAA", "A=", "====", "AA*A", "AA\n", "A===", "=AAA", "AA=A"])
    func refusesWhatIsNone(_ text: String) {
        #expect(Base64.decode(Array(text.utf8)[...]) == nil)
    }

    /// The same bytes have one text: otherwise a signed text would have twins.
    @Test(arguments: ["Zh", "Zg=", "Zg==", "Zm9", "Zm8="])
    func theURLFormIsTheOnlyOne(_ text: String) {
        #expect(Base64.decodeURL(Array(text.utf8)[...]) == nil)
    }

    @Test func goesBothWays() {
        var random = RandomSource.seeded(1)
        for count in 0..<200 {
            let bytes = random.bytes(count)
            #expect(Base64.decode(Base64.encode(bytes)[...]) == bytes)
            #expect(Base64.decodeURL(Base64.encodeURL(bytes)[...]) == bytes)
        }
    }
}
