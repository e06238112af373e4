import Testing

@testable import SDP

@Suite struct SessionDescriptionTests {
    @Test func readsChromiumsOffer() throws {
        let offer = try SessionDescription(parsing: Captured.chromiumOffer)
        #expect(offer.bundleGroups == [["0", "1", "2"]])
        #expect(offer.media.map(\.kind) == ["audio", "video", "application"])
        #expect(offer.transport(of: 0).ufrag == "fhf8")
        #expect(offer.transport(of: 1).setup == .actpass)
        #expect(offer.media[0].codecs.first { $0.payloadType == 111 }?.parameter("useinbandfec") == "1")
        let vp8 = try #require(offer.media[1].codecs.first { $0.isNamed("vp8", clockRate: 90000) })
        #expect(vp8.payloadType == 96)
        #expect(vp8.feedback == ["goog-remb", "transport-cc", "ccm fir", "nack", "nack pli"])
        #expect(offer.media[1].repairPairs.map(\.primary) == [4_238_667_839])
        #expect(offer.media[1].sources.map(\.cname) == ["513Qh28uH5yc8D/E", "513Qh28uH5yc8D/E"])
        #expect(offer.media[1].extensions.first { $0.uri == HeaderExtensionURI.mid }?.id == 4)
        #expect(offer.media[2].codecs.isEmpty)
    }

    @Test func readsCandidatesAndFingerprintsOfAiortc() throws {
        let transport = try SessionDescription(parsing: Captured.aiortcAnswer).transport(of: 0)
        #expect(transport.candidates == ["candidate:16572de626da4e5384a0ce2d0d93678a 1 udp 2130706431 127.0.0.1 41450 typ host"])
        #expect(transport.hasEndOfCandidates)
        #expect(transport.fingerprints.count == 3)
        #expect(transport.setup == .active)
    }

    @Test(arguments: Captured.all.indices)
    func writesWhatItReads(_ index: Int) throws {
        let first = try SessionDescription(parsing: Captured.all[index])
        #expect(try SessionDescription(parsing: first.text) == first)
    }

    @Test func takesSessionLevelAttributesAndWildcardFeedback() throws {
        let text = """
            v=0
            o=mozilla...THIS_IS_SDPARTA 123 0 IN IP4 0.0.0.0
            a=sendonly
            a=ice-ufrag:abcd
            a=ice-pwd:0123456789012345678901
            a=fingerprint:sha-256 AB
            a=setup:PASSIVE
            m=video 9 UDP/TLS/RTP/SAVPF 120 121
            a=rtpmap:120 VP8/90000
            a=rtpmap:121 VP9/90000
            a=rtcp-fb:* nack pli
            a=recvwhatever
            """
        let session = try SessionDescription(parsing: text)
        #expect(session.sessionID == 123)
        #expect(session.direction(of: 0) == .sendonly)
        let transport = session.transport(of: 0)
        #expect(transport.ufrag == "abcd" && transport.setup == .passive && transport.fingerprints == ["sha-256 AB"])
        #expect(session.media[0].codecs.map(\.feedback) == [["nack pli"], ["nack pli"]])
    }

    @Test(arguments: [
        "", "v=1\r\n", "o=- 1 1 IN IP4 0.0.0.0\r\nv=0", "v=0\r\nhello", "v=0\nm=audio", "v=0\nm=audio 70000 RTP/AVP 0", "v=0\na=\u{0}",
    ])
    func refuses(_ text: String) {
        #expect(throws: SDPError.self) { try SessionDescription(parsing: text) }
    }

    @Test func isBounded() throws {
        #expect(throws: SDPError.tooLarge) { try SessionDescription(parsing: "v=0\r\na=" + String(repeating: "x", count: SDPLimits.bytes)) }
        #expect(throws: SDPError.tooLarge) {
            try SessionDescription(parsing: "v=0\n" + String(repeating: "m=audio 9 RTP/AVP 0\n", count: SDPLimits.mediaSections + 1))
        }
        #expect(throws: SDPError.tooLarge) { try SessionDescription(parsing: "v=0\n" + String(repeating: "a=\n", count: SDPLimits.lines)) }
        let many = (0..<2000).map { "a=candidate:\($0)\na=ssrc:\($0) cname:x\na=extmap:1 u\n" }.joined()
        let section = try SessionDescription(parsing: "v=0\nm=audio 9 RTP/SAVPF 0\n" + many).media[0]
        let counts = [section.transport.candidates.count, section.sources.count, section.extensions.count]
        #expect(counts.allSatisfy { $0 == SDPLimits.repeats })
    }
}
