import Testing

@testable import CallSession

@Suite struct DescriptionLogTests {
    private func sdp(_ session: Int, _ fragment: String, version: Int = 1) -> String {
        "v=0\r\no=- \(session) \(version) IN IP4 127.0.0.1\r\ns=-\r\na=ice-ufrag:\(fragment)\r\na=ice-pwd:x\r\n"
    }

    @Test func theSameOfferGetsTheSameAnswer() {
        var log = DescriptionLog()
        #expect(log.kind(of: sdp(1, "a")) == .usual)
        log.answered(sdp(1, "a"), with: "answer")
        #expect(log.kind(of: sdp(1, "a")) == .repeated(answer: "answer"))
        // After an offer of our own it would be another matter.
        _ = log.offered("offer")
        #expect(log.kind(of: sdp(1, "a")) == .usual)
    }

    @Test func anotherSessionIsAnotherConnection() {
        var log = DescriptionLog()
        log.answered(sdp(1, "a"), with: "answer")
        #expect(log.kind(of: sdp(2, "b")) == .renewed)
        // An ICE restart, and a program that numbers each offer anew.
        #expect(log.kind(of: sdp(1, "b", version: 2)) == .usual)
        #expect(log.kind(of: sdp(2, "a")) == .usual)
        log = DescriptionLog()
        log.accepted(answer: sdp(3, "c"))
        #expect(log.kind(of: sdp(4, "d")) == .renewed && log.isKnown(answer: sdp(3, "c")) && !log.isKnown(answer: sdp(3, "d")))
    }

    @Test func aRepeatedOfferBringsItsCandidatesAgain() {
        var log = DescriptionLog()
        #expect(log.offered("one") == [])
        let candidate = DescriptionLog.Candidate(sdp: "candidate:1", mid: "0", mLineIndex: 0)
        log.told(candidate)
        #expect(log.offered("one") == [candidate])
        #expect(log.offered("two") == [] && log.candidates == [])
        for _ in 0..<1000 { log.told(candidate) }
        #expect(log.candidates.count == 64)
    }

    @Test(arguments: ["", "o=", "o=-", "a=ice-ufrag:", "\r\n\r\n", "o=- 1 1\na=ice-ufrag:"])
    func anythingMayCome(text: String) {
        var log = DescriptionLog()
        log.answered(text, with: "answer")
        #expect(log.kind(of: text) == .repeated(answer: "answer"))
        _ = log.kind(of: sdp(1, "a"))
    }
}
