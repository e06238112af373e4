import PeerConnection
import Primitives
import TestSupport
import Testing

@Suite struct ClosingTests {
    @Test func theOtherSideIsTold() throws {
        let call = try SimulatedCall(seed: 121)
        call.offer(from: call.a)
        call.run(for: .seconds(2))
        call.b.peer.close(now: call.now)
        call.drain(call.b)
        #expect(call.b.peer.connectionState == .closed && call.b.peer.nextTimeout(now: call.now) == nil)
        call.run(for: .milliseconds(50))
        #expect(call.a.remoteClosed != nil, "\(call.story)")
        let count = call.a.receivedVideo.count
        call.run(for: .seconds(2))
        #expect(call.a.receivedVideo.count == count && call.b.states.last?.state == .closed, "\(call.story)")
    }

    @Test(arguments: [true, false])
    func oneOfTheTwoWordsIsEnough(_ losesHandshakeRecords: Bool) throws {
        let call = try SimulatedCall(seed: 131)
        call.offer(from: call.a)
        call.run(for: .seconds(2))
        call.tap = { _, payload in
            let isHandshake = (20...63).contains(payload[0])
            return isHandshake == losesHandshakeRecords ? [] : [payload]
        }
        call.b.peer.close(now: call.now)
        call.drain(call.b)
        call.run(for: .milliseconds(50))
        #expect(call.a.remoteClosed == (losesHandshakeRecords ? .bye : .closeNotify), "\(call.story)")
    }

    @Test func closingBeforeAnythingIsHarmless() throws {
        let call = try SimulatedCall(seed: 141)
        call.a.peer.close(now: call.now)
        call.a.peer.close(now: call.now)
        call.drain(call.a)
        #expect(call.a.states.map(\.state) == [.closed])
        call.a.peer.handle([0x80, 0, 0, 0].span, from: call.b.address, base: call.a.address, now: call.now)
        #expect(call.a.peer.poll() == nil)
    }
}
