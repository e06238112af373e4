import DTLS
import PeerConnection
import Primitives
import TestSupport
import Testing

@Suite struct NegotiationTests {
    @Test(arguments: [61, 62, 63] as [UInt64], [true, false])
    func glareEndsInOneCall(_ seed: UInt64, candidatesInSDP: Bool) throws {
        let call = try SimulatedCall(seed: seed) { $0.candidatesInSDP = candidatesInSDP }
        call.offer(from: call.a)
        // The second offer leaves while the first is on its way.
        call.run(for: .milliseconds(Int(seed % 3) * 2))
        call.offer(from: call.b)
        call.run(for: .seconds(3))
        for side in [call.a, call.b] {
            #expect(side.peer.connectionState == .connected, "\(call.story)")
            #expect(side.receivedVideo.count > 50, "\(call.story)")
        }
        #expect(call.errors.isEmpty, "\(call.story)")
    }

    @Test func aClientHelloThatOvertakesTheAnswerIsNotLost() throws {
        let call = try SimulatedCall(seed: 71)
        call.answerDelay = .milliseconds(400)
        call.offer(from: call.a)
        call.run(for: .seconds(2))
        let connected = try #require(call.a.firstTime(in: .connected), "\(call.story)")
        #expect(connected - call.start < .milliseconds(450), "\(call.story)")
    }

    @Test func aFurtherOfferKeepsTheCall() throws {
        let call = try SimulatedCall(seed: 81)
        call.offer(from: call.a)
        call.run(for: .seconds(2))
        call.offer(from: call.b)
        call.run(for: .seconds(1))
        let before = call.a.receivedVideo.count
        call.offer(from: call.a)
        call.run(for: .seconds(2))
        #expect(call.errors.isEmpty && call.a.receivedVideo.count > before + 50, "\(call.story)")
        #expect(call.a.states.map(\.state) == [.connecting, .connected], "\(call.story)")
    }

    @Test(arguments: [85, 86] as [UInt64])
    func aNewPathTakesOverWithoutAGap(_ seed: UInt64) throws {
        let call = try SimulatedCall(seed: seed) { $0.candidatesInSDP = seed == 85 }
        call.offer(from: call.a)
        call.run(for: .seconds(2))
        let begin = call.now
        call.offer(from: call.b, restartingICE: true)
        call.run(for: .seconds(2))
        for side in [call.a, call.b] {
            #expect(side.longestGap(from: begin, to: call.now) < .milliseconds(100), "\(call.story)")
            #expect(side.states.map(\.state) == [.connecting, .connected], "\(call.story)")
        }
        #expect(call.errors.isEmpty, "\(call.story)")
    }

    @Test func aFailedCallIsRevivedByANewPath() throws {
        let call = try SimulatedCall(seed: 87)
        call.offer(from: call.a)
        call.run(for: .seconds(2))
        call.network.isBlackedOut = true
        call.run(for: .seconds(60))
        #expect(call.a.peer.connectionState == .failed, "\(call.story)")
        call.network.isBlackedOut = false
        call.offer(from: call.a, restartingICE: true)
        let back = call.now
        call.run(for: .seconds(3))
        #expect(call.a.peer.connectionState == .connected && call.b.peer.connectionState == .connected, "\(call.story)")
        #expect(call.b.receivedVideo.contains { $0.at > back }, "\(call.story)")
    }

    @Test func nothingIsReleasedToAnotherCertificate() throws {
        let call = try SimulatedCall(seed: 91)
        let other = try DTLSCertificate.generate().fingerprint.sdp
        let offer = try call.a.peer.createOffer(now: call.now)
        let answer = try #require(try call.b.peer.handleOffer(offer, now: call.now))
        let forged = answer.split(separator: "\r\n").map { $0.hasPrefix("a=fingerprint:") ? "a=fingerprint:" + other : String($0) }
        try call.a.peer.handleAnswer(forged.joined(separator: "\r\n"), now: call.now)
        call.drain(call.a)
        call.drain(call.b)
        call.run(for: .seconds(5))
        #expect(call.a.peer.connectionState == .failed && call.a.peer.failureReason != nil, "\(call.story)")
        #expect(call.a.receivedVideo.isEmpty && call.a.receivedAudio.isEmpty && call.b.receivedVideo.isEmpty, "\(call.story)")
    }

    @Test func refusesWhatDoesNotBelong() throws {
        let call = try SimulatedCall(seed: 101)
        let stranger = try SimulatedCall(seed: 102)
        let now = call.now
        #expect(throws: PeerError.unexpectedAnswer) { try call.a.peer.handleAnswer("v=0\r\n", now: now) }
        #expect(throws: PeerError.description(.notSDP)) { try call.a.peer.handleOffer("", now: now) }
        call.offer(from: call.a)
        call.run(for: .seconds(1))
        let foreign = try stranger.a.peer.createOffer(now: now)
        #expect(throws: PeerError.differentPeer) { try call.b.peer.handleOffer(foreign, now: call.now) }
        call.a.peer.close(now: call.now)
        #expect(throws: PeerError.closed) { try call.a.peer.createOffer(now: call.now) }
    }

    /// Both sides' programs go on, so the certificates are the ones from before: only the description tells that the connection is another.
    @Test func aNewConnectionOfTheSameProgramIsNotARestart() throws {
        let certificate = try DTLSCertificate.generate()
        let call = try SimulatedCall(seed: 121) { $0.certificate = certificate }
        let second = try SimulatedCall(seed: 122) { $0.certificate = certificate }
        call.offer(from: call.a)
        call.run(for: .seconds(1))
        let offer = try second.a.peer.createOffer(now: call.now)
        #expect(throws: PeerError.differentPeer) { try call.b.peer.handleOffer(offer, now: call.now) }
        call.run(for: .seconds(1))
        #expect(call.b.peer.connectionState == .connected, "\(call.story)")
    }

    /// The other side left and came back: its answer to the offer of before overtook what tells that.
    @Test(arguments: [131, 132] as [UInt64])
    func theAnswerThatComesLastCounts(_ seed: UInt64) throws {
        let gone = try SimulatedCall(seed: seed + 1000)
        let call = try SimulatedCall(seed: seed)
        let offer = try call.a.peer.createOffer(now: call.now)
        let stale = try #require(try gone.b.peer.handleOffer(offer, now: call.now))
        try call.a.peer.handleAnswer(stale, now: call.now)
        call.drain(call.a)
        call.run(for: .milliseconds(seed == 131 ? 5 : 2000))
        #expect(call.a.peer.connectionState == .connecting, "\(call.story)")
        let answer = try #require(try call.b.peer.handleOffer(offer, now: call.now))
        try call.a.peer.handleAnswer(answer, now: call.now)
        call.drain(call.a)
        call.drain(call.b)
        call.run(for: .seconds(2))
        #expect(call.a.peer.connectionState == .connected && call.b.receivedVideo.count > 30, "\(call.story)")
        #expect(throws: PeerError.unexpectedAnswer) { try call.a.peer.handleAnswer(stale, now: call.now) }
    }

    @Test func candidatesMayComeFirstAndForeignOnesAreIgnored() throws {
        let call = try SimulatedCall(seed: 111) { $0.candidatesInSDP = false }
        let offer = try call.a.peer.createOffer(now: call.now)
        var candidates: [(String, String?, Int)] = []
        while let output = call.a.peer.poll() {
            if case .event(.localCandidate(let sdp, let mid, let index)) = output { candidates.append((sdp, mid, index)) }
        }
        #expect(candidates.count == 1 && candidates[0].1 == "0" && candidates[0].2 == 0)
        #expect(!offer.contains("a=candidate"))
        for (sdp, mid, index) in candidates { call.b.peer.addRemoteCandidate(sdp, mid: mid, mLineIndex: index, now: call.now) }
        for text in ["", "nonsense", "candidate:1 1 udp 1 10.0.0.9 9 typ host ufrag other", "candidate:1 1 tcp 1 10.0.0.9 9 typ host"] {
            call.b.peer.addRemoteCandidate(text, mid: "1", mLineIndex: 1, now: call.now)
        }
        let answer = try #require(try call.b.peer.handleOffer(offer, now: call.now))
        try call.a.peer.handleAnswer(answer, now: call.now)
        call.drain(call.a)
        call.drain(call.b)
        call.run(for: .seconds(2))
        #expect(call.a.peer.connectionState == .connected && call.b.receivedVideo.count > 30, "\(call.story)")
    }
}
