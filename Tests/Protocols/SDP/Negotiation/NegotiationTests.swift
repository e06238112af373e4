import SDP
import Testing

@Suite struct NegotiationTests {
    @Test func offersInTheShapeOfBrowsers() {
        let text = SessionDescription.offer(Local.parameters()).text
        let lines = text.split(separator: "\r\n").map(String.init)
        for line in [
            "a=group:BUNDLE 0 1 2", "m=audio 9 UDP/TLS/RTP/SAVPF 111 63", "a=rtpmap:63 red/48000/2", "a=fmtp:63 111/111",
            "m=application 9 UDP/DTLS/SCTP webrtc-datachannel", "a=sctp-port:5000", "a=max-message-size:262144", "a=mid:2",
            "m=video 9 UDP/TLS/RTP/SAVPF 96 97", "a=rtpmap:111 opus/48000/2",
            "a=fmtp:111 minptime=10;useinbandfec=1", "a=rtpmap:96 VP8/90000", "a=rtcp-fb:96 nack", "a=rtcp-fb:96 nack pli",
            "a=rtcp-fb:96 ccm fir", "a=rtpmap:97 rtx/90000", "a=fmtp:97 apt=96", "a=rtcp-mux", "a=rtcp-rsize", "a=mid:0", "a=mid:1",
            "a=setup:actpass", "a=ice-ufrag:ufra", "a=ice-options:trickle", "a=ssrc-group:FID 2 3", "a=ssrc:2 cname:name",
            "a=msid:stream picture", "a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid", "a=sendrecv",
            "a=extmap:2 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01", "a=rtcp-fb:111 transport-cc",
            "a=extmap:3 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time", "a=rtcp-fb:96 transport-cc", "a=rtcp-fb:96 goog-remb",
            "a=fingerprint:\(Local.fingerprint)",
        ] {
            #expect(lines.contains(line), "\(line) is not in\n\(text)")
        }
        #expect(text.hasSuffix("\r\n") && lines.first == "v=0")
    }

    @Test func answersChromium() throws {
        let offer = try SessionDescription(parsing: Captured.chromiumOffer)
        let answer = try SessionDescription.answer(to: offer, Local.parameters())
        #expect(answer.media.map(\.kind) == ["audio", "video", "application"])
        #expect(answer.media.map(\.port) == [9, 9, 9])
        #expect(answer.media.map(\.formats) == [["111", "63"], ["96", "97"], ["webrtc-datachannel"]])
        #expect(answer.bundleGroups == [["0", "1", "2"]])
        #expect(answer.media[2].sctpPort == 5000 && answer.media[2].maximumMessageSize == 262_144)
        #expect(
            answer.media[1].extensions == [
                HeaderExtension(id: 4, uri: HeaderExtensionURI.mid), HeaderExtension(id: 3, uri: HeaderExtensionURI.transportSequence),
            ])
        #expect(answer.media[0].codecs[0].feedback == ["transport-cc"])
        #expect(answer.transport(of: 0).setup == .active)
        #expect(answer.media[1].codecs[0].feedback.sorted() == ["ccm fir", "nack", "nack pli", "transport-cc"])

        let session = try NegotiatedSession(offer: offer, answer: answer, isOfferer: false)
        #expect(session.isDTLSClient)
        #expect(session.transportMID == "0" && session.transportIndex == 0)
        #expect(session.remoteUfrag == "fhf8")
        let video = try #require(session.video)
        #expect(video.payloadType == 96 && video.repairPayloadType == 97 && video.midExtensionID == 4)
        #expect(video.remoteSSRC == 4_238_667_839 && video.remoteRepairSSRC == 55_010_556)
        #expect(video.hasNACK && video.hasPLI && video.hasFIR && video.hasReducedSizeRTCP && video.sends && video.receives)
        #expect(session.data?.remotePort == 5000 && session.data?.remoteMaximumMessageSize == 262_144)
        #expect(session.audio?.redundancyPayloadType == 63)
        #expect(session.audio?.payloadType == 111 && session.audio?.remoteSSRC == 2_049_474_867)
        // Of two kinds of feedback the better one is taken.
        #expect(video.transportSequenceExtensionID == 3 && session.audio?.transportSequenceExtensionID == 3)
        #expect(video.sendTimeExtensionID == nil && !video.hasREMB)
    }

    @Test func answersAiortcWithItsNumbers() throws {
        let offer = try SessionDescription(parsing: Captured.aiortcOffer)
        let answer = try SessionDescription.answer(to: offer, Local.parameters())
        let session = try NegotiatedSession(offer: offer, answer: answer, isOfferer: false)
        #expect(session.audio?.payloadType == 96 && session.video?.payloadType == 97 && session.video?.repairPayloadType == 98)
        #expect(session.audio?.midExtensionID == 1)
        #expect(session.video?.hasReducedSizeRTCP == false)
        // It knows no transport-wide feedback, but estimates what it receives.
        #expect(session.video?.transportSequenceExtensionID == nil && session.audio?.transportSequenceExtensionID == nil)
        #expect(session.video?.hasREMB == true && session.video?.sendTimeExtensionID == 3)
        #expect(session.remoteCandidates == ["candidate:16572de626da4e5384a0ce2d0d93678a 1 udp 2130706431 127.0.0.1 33913 typ host"])
        #expect(session.hasEndOfCandidates && session.remoteFingerprints.count == 3)
    }

    @Test func takesAnAnswerToItsOwnOffer() throws {
        let offer = SessionDescription.offer(Local.parameters())
        var text = try SessionDescription.answer(to: offer, Local.parameters { $0.ufrag = "them" }).text
        var session = try NegotiatedSession(offer: offer, answer: SessionDescription(parsing: text), isOfferer: true)
        #expect(!session.isDTLSClient && session.remoteUfrag == "them")
        #expect(session.video?.remoteSSRC == 2 && session.video?.remoteRepairSSRC == 3 && session.audio?.remoteSSRC == 1)
        text = text.split(separator: "\r\n").map { $0 == "a=setup:active" ? "a=setup:passive" : String($0) }.joined(separator: "\n")
        session = try NegotiatedSession(offer: offer, answer: SessionDescription(parsing: text), isOfferer: true)
        #expect(session.isDTLSClient)
    }

    @Test func takesChromiumsAnswerToItsOwnOffer() throws {
        let answer = try SessionDescription(parsing: Captured.chromiumAnswerToOurs)
        let session = try NegotiatedSession(offer: .offer(Local.parameters { $0.offersData = false }), answer: answer, isOfferer: true)
        #expect(!session.isDTLSClient && session.remoteUfrag == "JWV8" && session.audio?.remoteSSRC == 2_192_799_132)
        let video = try #require(session.video)
        #expect(video.repairPayloadType == 97 && video.remoteRepairSSRC == 1_252_793_530 && video.hasReducedSizeRTCP && video.hasPLI)
    }

    @Test func aSequenceNumberWithoutFeedbackOnItIsOfNoUse() throws {
        let text = Captured.chromiumOffer.split(separator: "\n").filter { !$0.hasSuffix(" transport-cc") }.joined(separator: "\n")
        let offer = try SessionDescription(parsing: text)
        let answer = try SessionDescription.answer(to: offer, Local.parameters())
        let video = try #require(try NegotiatedSession(offer: offer, answer: answer, isOfferer: false).video)
        #expect(video.transportSequenceExtensionID == nil && video.hasREMB && video.sendTimeExtensionID == 2)
    }

    @Test func rejectsWhatIsNotSpokenHere() throws {
        var offer = SessionDescription.offer(Local.parameters { $0.offersData = false })
        offer.media[1].codecs = offer.media[1].codecs.prefix(1).map {
            var codec = $0
            codec.name = "H264"
            return codec
        }
        offer.media.append(offer.media[0])
        offer.media[2].mid = "2"
        offer.bundleGroups = [["0", "1", "2"]]
        let answer = try SessionDescription.answer(to: offer, Local.parameters())
        #expect(answer.media.map(\.port) == [9, 0, 0])
        #expect(answer.media.map(\.mid) == ["0", "1", "2"])
        #expect(answer.bundleGroups == [["0"]])
        let session = try NegotiatedSession(offer: offer, answer: answer, isOfferer: false)
        #expect(session.video == nil && session.audio != nil)
        let data = try SessionDescription(parsing: "v=0\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel")
        #expect(try SessionDescription.answer(to: data, Local.parameters()).media.map(\.port) == [9])
        let old = try SessionDescription(parsing: "v=0\nm=application 9 DTLS/SCTP 5000\na=sctpmap:5000 webrtc-datachannel 256")
        #expect(throws: SDPError.nothingInCommon) { try SessionDescription.answer(to: old, Local.parameters()) }
    }

    @Test(arguments: [(Direction.sendonly, Direction.recvonly), (.recvonly, .sendonly), (.inactive, .inactive), (.sendrecv, .sendrecv)])
    func mirrorsDirections(_ offered: Direction, _ answered: Direction) throws {
        var offer = SessionDescription.offer(Local.parameters())
        offer.media[1].direction = offered
        let answer = try SessionDescription.answer(to: offer, Local.parameters())
        #expect(answer.direction(of: 1) == answered)
        #expect(answer.media[1].sources.isEmpty == !answered.sends)
        let session = try NegotiatedSession(offer: offer, answer: answer, isOfferer: false)
        #expect(session.video?.sends == answered.sends && session.video?.receives == answered.receives)
    }

    @Test(arguments: [(SetupRole.actpass, SetupRole.active), (.passive, .active), (.active, .passive)])
    func choosesTheClient(_ offered: SetupRole, _ answered: SetupRole) throws {
        var offer = SessionDescription.offer(Local.parameters())
        for i in offer.media.indices { offer.media[i].transport.setup = offered }
        #expect(try SessionDescription.answer(to: offer, Local.parameters()).transport(of: 0).setup == answered)
    }

    @Test func aFurtherNegotiationKeepsRolesAndNumbers() throws {
        let theirs = try SessionDescription(parsing: Captured.aiortcOffer)
        let first = try SessionDescription.answer(to: theirs, Local.parameters())
        let again = Local.parameters {
            $0.sessionVersion = 3; $0.isDTLSClient = false; $0.sendsVideo = false
        }
        let offer = SessionDescription.offer(again, renewing: first)
        #expect(offer.media.map(\.formats) == first.media.map(\.formats))
        #expect(offer.transport(of: 1).setup == .actpass && offer.direction(of: 1) == .recvonly && offer.sessionVersion == 3)
        #expect(try SessionDescription.answer(to: theirs, again).transport(of: 0).setup == .passive)
    }

    @Test func ownCandidatesAreToldOnce() {
        let local = Local.parameters {
            $0.candidates = ["candidate:1 1 udp 1 192.0.2.1 9 typ host"]; $0.hasEndOfCandidates = true
        }
        let offer = SessionDescription.offer(local)
        #expect(offer.media.map { $0.transport.candidates.count } == [1, 0, 0])
        #expect(offer.text.contains("\r\na=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\na=end-of-candidates\r\n"))
    }

    @Test(arguments: Captured.all.indices)
    func brokenOffersAndAnswersNeverTrap(_ index: Int) {
        let ours = SessionDescription.offer(Local.parameters())
        for text in brokenTwins(of: Captured.all[index]) {
            guard let remote = try? SessionDescription(parsing: text) else { continue }
            if let answer = try? SessionDescription.answer(to: remote, Local.parameters()) {
                #expect(answer.media.count == remote.media.count)
                _ = try? NegotiatedSession(offer: remote, answer: answer, isOfferer: false)
            }
            _ = try? NegotiatedSession(offer: ours, answer: remote, isOfferer: true)
        }
    }

    @Test func whatMustBeThereIsMissed() throws {
        let lines = Captured.aiortcOffer.split(separator: "\n")
        func session(without prefix: String) throws -> NegotiatedSession {
            let offer = try SessionDescription(parsing: lines.filter { !$0.hasPrefix(prefix) }.joined(separator: "\n"))
            let answer = try SessionDescription.answer(to: offer, Local.parameters())
            return try NegotiatedSession(offer: offer, answer: answer, isOfferer: false)
        }
        #expect(throws: SDPError.missingICECredentials) { try session(without: "a=ice-pwd") }
        #expect(throws: SDPError.missingFingerprint) { try session(without: "a=fingerprint") }
        #expect(throws: SDPError.nothingInCommon) { try session(without: "a=rtpmap") }
        #expect(try session(without: "a=setup").isDTLSClient)
        #expect(try session(without: "a=ssrc").video?.remoteSSRC == nil)
        // Without a group each section would have a path of its own: only the first is taken.
        #expect(try session(without: "a=group").video == nil)
        #expect(try session(without: "a=candidate").remoteCandidates.isEmpty)
        let answer = SessionDescription.offer(Local.parameters { $0.offersData = false })
        #expect(throws: SDPError.answerDoesNotMatchOffer) {
            try NegotiatedSession(offer: SessionDescription(parsing: Captured.chromiumOffer), answer: answer, isOfferer: false)
        }
    }
}
