import PeerConnection
import Primitives
import TestSupport
import Testing

/// Whole calls in simulated time: descriptions, checks, handshake, media both ways.
@Suite struct CallTests {
    @Test(arguments: [1, 2] as [UInt64])
    func connectsAtOnceAndCarriesEverythingOnACleanNetwork(_ seed: UInt64) throws {
        let call = try SimulatedCall(seed: seed)
        call.offer(from: call.a)
        call.run(for: .seconds(10))
        for side in [call.a, call.b] {
            let connected = try #require(side.firstTime(in: .connected), "\(call.story)")
            // Signalling takes 10 ms, a round trip 2 ms: a check, a two-round-trip handshake, and little else.
            #expect(connected - call.start < .milliseconds(60), "\(call.story)")
            let first = try #require(side.receivedVideo.first, "\(call.story)")
            #expect(first.frame.isKeyFrame && first.at - connected < .milliseconds(200), "\(first.at - connected) \(call.story)")
            #expect(side.receivedVideo.count >= 294 && side.receivedAudio.count >= 490, "\(call.story)")
            #expect(side.longestGap(from: first.at, to: call.now) < .milliseconds(100), "\(call.story)")
            #expect(side.corruption(comparedWith: call.other(side)) == nil, "\(call.story)")
            #expect(side.states.map(\.state) == [.connecting, .connected], "\(call.story)")
            let statistics = side.peer.statistics(now: call.now)
            #expect(statistics.pair == "host-host \(side.address) \(call.other(side).address)")
            #expect((900...1300).contains(statistics.sentKilobitsPerSecond), "\(statistics) \(call.story)")
            #expect(statistics.lossPercent == 0 && statistics.discardedDatagrams == 0, "\(statistics) \(call.story)")
            #expect(statistics.roundTripTime.map { $0 <= .milliseconds(4) } == true, "\(statistics)")
        }
        #expect(call.errors.isEmpty, "\(call.story)")
    }

    @Test(arguments: [
        (PathConditions(delay: .milliseconds(20), jitter: .milliseconds(5), loss: 0.05), 0.95),
        (PathConditions(delay: .milliseconds(20), burst: .init(enter: 0.01, leave: 0.2)), 0.95),
        (PathConditions(delay: .milliseconds(20), loss: 0.2), 0.4),
        (PathConditions(delay: .milliseconds(15), burst: .init(enter: 0.05, leave: 0.2)), 0.6),
        (PathConditions(delay: .milliseconds(20), reorder: 0.1, duplicate: 0.1), 0.97),
    ])
    func survivesABadNetwork(_ conditions: PathConditions, _ wanted: Double) throws {
        let call = try SimulatedCall(seed: 11, conditions: conditions)
        call.offer(from: call.b)
        call.run(for: .seconds(3))
        let begin = call.now
        call.run(for: .seconds(8))
        for side in [call.a, call.b] {
            let connected = try #require(side.firstTime(in: .connected), "\(conditions) \(call.story)")
            #expect(connected - call.start < .seconds(2), "\(conditions) \(call.story)")
            #expect(side.corruption(comparedWith: call.other(side)) == nil, "\(call.story)")
            let frames = side.receivedVideo.count { $0.at > begin }
            #expect(Double(frames) >= 240 * wanted, "\(frames) frames; \(conditions) \(call.story)")
        }
        #expect(call.errors.isEmpty, "\(call.story)")
    }

    @Test(arguments: [false, true], [21] as [UInt64])
    func resumesAfterThreeSeconds(withoutRoute: Bool, seed: UInt64) throws {
        let call = try SimulatedCall(seed: seed, conditions: PathConditions(delay: .milliseconds(10)))
        call.offer(from: call.a)
        call.run(for: .seconds(2))
        if withoutRoute { call.network.unroutedHosts = [call.a.address.ip] } else { call.network.isBlackedOut = true }
        call.run(for: .seconds(3))
        call.network.unroutedHosts = []
        call.network.isBlackedOut = false
        let back = call.now
        call.run(for: .seconds(5))
        for side in [call.a, call.b] {
            let first = side.receivedVideo.first { $0.at > back }
            #expect(first.map { $0.at - back < .milliseconds(1500) } == true, "\(call.story)")
            #expect(side.longestGap(from: back + .milliseconds(1500), to: call.now) < .milliseconds(250), "\(call.story)")
            #expect(side.corruption(comparedWith: call.other(side)) == nil, "\(call.story)")
            #expect(side.peer.connectionState == .connected, "\(call.story)")
            #expect(side.firstTime(in: .failed) == nil, "\(call.story)")
        }
        #expect(call.errors.isEmpty, "\(call.story)")
    }

    @Test func mediaDoesNotWaitForNomination() throws {
        let call = try SimulatedCall(seed: 25)
        // STUN's USE-CANDIDATE never gets through (RFC 8445 section 16.1).
        call.tap = { _, payload in
            let isNomination = payload[0] == 0 && (20..<payload.count - 3).contains { payload[$0...].starts(with: [0, 0x25, 0, 0]) }
            return isNomination ? [] : [payload]
        }
        call.offer(from: call.a)
        call.run(for: .seconds(1))
        #expect(call.a.receivedVideo.count > 20 && call.b.receivedVideo.count > 20, "\(call.story)")
    }

    @Test func seesADeadPeer() throws {
        let call = try SimulatedCall(seed: 31)
        call.offer(from: call.a)
        call.run(for: .seconds(3))
        let died = call.now
        call.network.setConditions(PathConditions(loss: 1), from: call.b.address.ip, to: call.a.address.ip)
        call.run(for: .seconds(8))
        let seen = try #require(call.a.firstTime(in: .disconnected, since: died), "\(call.story)")
        #expect(seen - died < .seconds(7), "\(call.story)")
        call.run(for: .seconds(60))
        #expect(call.a.peer.connectionState == .failed && call.a.peer.failureReason != nil, "\(call.story)")
    }

    @Test func aSideThatOnlyWatchesSendsNothing() throws {
        let call = try SimulatedCall(seed: 41) { $0.sendsVideo = false }
        call.offer(from: call.a)
        call.run(for: .seconds(2))
        #expect(call.a.receivedVideo.isEmpty && call.b.receivedVideo.isEmpty, "\(call.story)")
        #expect(call.a.receivedAudio.count > 80 && call.b.receivedAudio.count > 80, "\(call.story)")
    }

    @Test func runsOverAPathThatIsFoundOutOnlyByChecks() throws {
        let call = try SimulatedCall(seed: 51)
        call.network.add(SimulatedNAT(publicAddress: .v4(0xc000_0201), inside: [call.a.address.ip]))
        call.offer(from: call.a)
        call.run(for: .seconds(3))
        #expect(call.b.peer.connectionState == .connected && call.b.receivedVideo.count > 50, "\(call.story)")
        #expect(call.b.peer.statistics(now: call.now).pair?.hasPrefix("host-prflx") == true, "\(call.story)")
    }

    @Test func theRateFollowsTheNetwork() throws {
        let call = try SimulatedCall(
            seed: 61, conditions: PathConditions(delay: .milliseconds(30), bitsPerSecond: 500_000, queueBytes: 32_000))
        call.offer(from: call.a)
        call.run(for: .seconds(15))
        for side in [call.a, call.b] {
            let statistics = side.peer.statistics(now: call.now).rtp
            #expect((300_000...600_000).contains(statistics.availableOutgoingBitrate ?? 0), "\(statistics) \(call.story)")
            #expect(statistics.targetBitrate == side.targetBitrates.last, "\(statistics)")
            #expect(statistics.transportFeedbackSent > 100 && statistics.transportFeedbackReceived > 100, "\(statistics)")
            #expect(side.targetBitrates.first.map { $0 < 300_000 } == true && (10...15).contains(side.audioLosses.count), "\(call.story)")
            #expect(side.corruption(comparedWith: call.other(side)) == nil, "\(call.story)")
        }
    }

    /// The address changed, and signaling went with it: the other side never hears of the restart.
    @Test(arguments: [31, 32] as [UInt64])
    func anUnansweredRestartLeavesTheOldPathInUse(_ seed: UInt64) throws {
        let call = try SimulatedCall(seed: seed, conditions: PathConditions(delay: .milliseconds(10)))
        call.offer(from: call.a)
        call.run(for: .seconds(2))
        call.signallingDelay = .seconds(3600)
        call.offer(from: call.a, restartingICE: true)
        call.offer(from: call.b, restartingICE: true)
        let begin = call.now
        call.run(for: .seconds(10))
        for side in [call.a, call.b] {
            #expect(side.longestGap(from: begin, to: call.now) < .milliseconds(250), "\(call.story)")
            let last = side.peer.lastReceived
            #expect(last.map { call.now - $0 < .milliseconds(500) } == true, "\(call.story)")
        }
        #expect(call.errors.isEmpty, "\(call.story)")
    }
}
