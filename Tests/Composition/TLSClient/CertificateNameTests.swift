import TLSClient
import Testing

@Suite struct CertificateNameTests {
    @Test func namesMatchAsWholesAndWildcardsStandForOneLabel() {
        func matches(_ pattern: String, _ name: String) -> Bool { CertificateName.matches(Array(pattern.utf8), name) }
        #expect(matches("turn.test", "turn.test") && matches("TURN.test", "turn.TEST"))
        #expect(matches("*.turn.test", "a.turn.test"))
        for (pattern, name) in [
            ("turn.test", "turn.tes"), ("turn.test", "a.turn.test"), ("*.turn.test", "turn.test"), ("*.turn.test", "a.b.turn.test"),
            ("*.turn.test", ".turn.test"), ("*.test", "turn.test"), ("*", "test"), ("t*.turn.test", "tx.turn.test"), ("", ""), (".", "."),
            ("turn.test\u{0}.evil.test", "turn.test"), ("a.*.test", "a.b.test"), ("*.*.test", "a.b.test"),
        ] { #expect(!matches(pattern, name), "\(pattern) \(name)") }
    }
}
