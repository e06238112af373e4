import ICE
import PeerConnection
import Primitives
import TestSupport
import Testing

/// Calls over TCP, with names for addresses, and across a change of networks.
@Suite struct PathTests {
    private func longestPause(_ side: Endpoint, after start: Instant) -> Interval {
        let times = side.receivedVideo.map(\.at).filter { $0 >= start }
        return zip(times, times.dropFirst()).map { $1 - $0 }.max() ?? .seconds(1000)
    }

    @Test(arguments: [1, 2] as [UInt64])
    func goesOverTCPWhereUDPIsBlocked(seed: UInt64) throws {
        let call = try SimulatedCall(seed: seed, conditions: PathConditions(delay: .milliseconds(5)))
        call.udpBlocked = true
        call.addTCPListener(SocketAddress(call.b.address.ip, port: 443), to: call.b)
        call.offer(from: call.a)
        call.run(for: .seconds(4))
        for side in [call.a, call.b] {
            let connected = try #require(side.firstTime(in: .connected), "\(call.story)")
            // Half a second in the hope of a path over UDP; media flow before.
            #expect(connected - call.start < .milliseconds(700), "\(call.story)")
            #expect(side.receivedVideo.count >= 90 && side.receivedAudio.count >= 160, "\(call.story)")
            #expect(side.corruption(comparedWith: call.other(side)) == nil, "\(call.story)")
            #expect(side.peer.statistics(now: call.now).discardedDatagrams == 0)
        }
        #expect(call.errors.isEmpty, "\(call.story)")
        for side in [call.a, call.b] {
            side.peer.close(now: call.now)
            call.drain(side)
        }
        call.run(for: .milliseconds(50))
        #expect(call.streams.openCount == 0)
    }

    @Test(arguments: [7, 8] as [UInt64])
    func theDescriptionsAloneAreEnough(seed: UInt64) throws {
        let call = try SimulatedCall(seed: seed, conditions: PathConditions(delay: .milliseconds(20)))
        call.losesCandidates = true
        call.offer(from: call.b)
        call.run(for: .seconds(2))
        for side in [call.a, call.b] {
            let connected = try #require(side.firstTime(in: .connected), "\(call.story)")
            #expect(connected - call.start < .milliseconds(400) && call.errors.isEmpty, "\(call.story)")
            #expect(side.peer.selectedPair?.isRelayed == false && side.peer.selectedPair?.transport == .udp)
        }
    }

    @Test func aNameIsLookedUpAndItsAddressIsThePeers() throws {
        let call = try SimulatedCall(seed: 3)
        call.offer(from: call.a)
        call.run(for: .milliseconds(1))
        call.a.peer.addRemoteCandidate("candidate:1 1 udp 99 Abc.local 5000 typ host", mid: "0", mLineIndex: 0, now: call.now)
        call.drain(call.a)
        call.run(for: .seconds(1))
        #expect(call.resolutions == ["abc.local"])
        call.a.peer.resolved(name: "abc.local", address: call.b.address.ip, now: call.now)
        call.drain(call.a)
        call.run(for: .seconds(1))
        #expect(call.a.peer.connectionState == .connected && call.errors.isEmpty, "\(call.story)")
    }

    /// The owner's part: an offer with a restart when it is asked for. The keys stay.
    @Test(arguments: [true, false], [4, 5] as [UInt64])
    func theCallGoesOnAtAnotherAddress(offerer: Bool, seed: UInt64) throws {
        let call = try SimulatedCall(seed: seed, conditions: PathConditions(delay: .milliseconds(20), loss: 0.01))
        call.signallingDelay = .milliseconds(30)
        call.offer(from: call.a)
        call.run(for: .seconds(3))
        let side = offerer ? call.a : call.b
        let states = side.states.count
        let moved = call.now
        call.move(side, to: SocketAddress(.v4(0x0a00_0077), port: 7000))
        #expect(call.restartsNeeded.count == 1 && call.restartsNeeded[0].side === side)
        call.offer(from: side, restartingICE: true)
        call.run(for: .seconds(6))
        for side in [call.a, call.b] {
            #expect(side.peer.connectionState == .connected, "\(call.story)")
            #expect(longestPause(side, after: moved - .milliseconds(100)) < .milliseconds(1500), "\(call.story)")
            #expect(side.receivedVideo.count { $0.at > moved } > 130, "\(call.story)")
            #expect(side.corruption(comparedWith: call.other(side)) == nil, "\(call.story)")
        }
        #expect(side.states.count <= states + 2 && call.errors.isEmpty, "\(call.story)")
    }
}
