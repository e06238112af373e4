import PeerConnection
import Primitives
import SCTP
import TestSupport
import Testing

/// Somebody on the way, or on the other end, who means harm: the call goes on, or ends because it must, and nothing grows.
@Suite(.serialized) struct HostilePeerTests {
    /// Two who are connected, with nothing wrong so far.
    private func connected(seed: UInt64) throws -> SimulatedCall {
        let call = try SimulatedCall(seed: seed, conditions: PathConditions(delay: .milliseconds(10)))
        call.offer(from: call.a)
        call.run(for: .seconds(2))
        #expect(call.a.firstTime(in: .connected) != nil, "\(call.story)")
        return call
    }

    private func expectUndisturbed(_ call: SimulatedCall, since begin: Instant) {
        for side in [call.a, call.b] {
            #expect(side.peer.connectionState == .connected, "\(call.story)")
            #expect(side.corruption(comparedWith: call.other(side)) == nil, "\(call.story)")
            #expect(side.longestGap(from: begin, to: call.now) < .milliseconds(250), "\(call.story)")
        }
        #expect(call.errors.isEmpty, "\(call.story)")
    }

    @Test(arguments: [UInt64(1), 2])
    func whatIsReplayedIsPlayedOnce(seed: UInt64) throws {
        let call = try connected(seed: seed)
        let begin = call.now
        // Everything comes twice from the peer's own address, and once more from a stranger's.
        call.tap = { _, payload in [payload, payload] }
        call.stranger = { payload in [payload] }
        call.run(for: .seconds(4))
        expectUndisturbed(call, since: begin)
        for side in [call.a, call.b] {
            let times = side.receivedAudio.filter { !$0.isRedundant }.map(\.timestamp)
            #expect(Set(times).count == times.count, "\(call.story)")
            #expect(side.peer.statistics(now: call.now).discardedDatagrams > 100)
        }
    }

    @Test(arguments: [UInt64(3), 4])
    func aFloodOfEveryKindOfDatagramDoesNotDisturb(seed: UInt64) throws {
        let call = try connected(seed: seed)
        var random = RandomSource.seeded(seed)
        let begin = call.now
        // First bytes of STUN, DTLS, ChannelData, SRTP, SRTCP and nothing: a hundred for each datagram of the call's.
        call.stranger = { _ in
            (0..<100).map { index in
                var bytes = random.bytes(20 + index * 13)
                bytes[0] = [0, 1, 22, 64, 128, 144, 250][index % 7]
                return bytes
            }
        }
        call.run(for: .seconds(1))
        call.stranger = nil
        call.run(for: .seconds(2))
        expectUndisturbed(call, since: begin)
    }

    /// Whoever can only see and send datagrams cannot give consent in the peer's name (RFC 7675).
    @Test func consentCannotBeSpoofed() throws {
        let call = try connected(seed: 5)
        var answers: [[UInt8]] = []
        // The peer is gone; somebody answers each check with what the peer answered before, under the new transaction's number.
        call.tap = { side, payload in
            guard side === call.b else { return [payload] }
            if payload.count > 20, payload[0] == 1, payload[1] == 1 { answers.append(payload) }
            return []
        }
        call.stranger = { payload in
            guard payload.count > 20, payload[0] == 0, payload[1] == 1, let old = answers.last else { return [] }
            return [Array(old[..<8]) + Array(payload[8..<20]) + Array(old[20...])]
        }
        call.run(for: .seconds(45))
        #expect(call.a.peer.connectionState == .failed, "\(call.story)")
    }

    /// A signaling server that puts another certificate into the description gets no media.
    @Test func aFingerprintThatDoesNotMatchGetsNothing() throws {
        let call = try SimulatedCall(seed: 6)
        call.describe = { text in
            text.split(separator: "\r\n", omittingEmptySubsequences: false).map { line in
                guard line.hasPrefix("a=fingerprint:"), let last = line.last else { return String(line) }
                return line.dropLast() + (last == "0" ? "1" : "0")
            }.joined(separator: "\r\n")
        }
        call.offer(from: call.a)
        call.run(for: .seconds(5))
        for side in [call.a, call.b] {
            #expect(side.receivedVideo.isEmpty && side.receivedAudio.isEmpty, "\(call.story)")
            #expect(side.firstTime(in: .connected) == nil, "\(call.story)")
        }
        #expect(call.a.peer.connectionState == .failed || call.b.peer.connectionState == .failed, "\(call.story)")
        #expect("\(call.a.peer.failureReason ?? "")\(call.b.peer.failureReason ?? "")".contains("certificate"), "\(call.story)")
    }

    @Test func aMessageThatIsTooLargeIsRefusedHere() throws {
        let call = try connected(seed: 7)
        let id = try call.a.peer.openDataChannel(DataChannelOptions(label: "chat"), now: call.now)
        #expect(throws: PeerError.self) {
            try call.a.peer.sendData(.binary(Array(repeating: 0, count: 262_145)), on: id, now: call.now)
        }
        let begin = call.now
        call.run(for: .seconds(1))
        expectUndisturbed(call, since: begin)
    }
}
