import Primitives
import Testing

@testable import CallSession

@Suite struct CallCoordinatorTests {
    let peer = CallCoordinator.MemberID.anonymous
    let start = Instant.zero

    @Test func theFirstMemberCalls() {
        var first = CallCoordinator()
        first.joined(isFirst: true)
        #expect(first.ready(isAlive: false, now: start) == [.makePeer(peer, isPolite: false), .sendOffer(peer)])
    }

    @Test func theSecondMemberCallsWhenNoOfferComes() {
        var second = CallCoordinator()
        second.joined(isFirst: false)
        #expect(second.ready(isAlive: false, now: start) == [.makePeer(peer, isPolite: true)])
        #expect(second.nextTimeout == start + .seconds(2))
        #expect(second.handleTimeout(now: start + .milliseconds(1999)) == [])
        #expect(second.handleTimeout(now: start + .seconds(2)) == [.sendOffer(peer)])
        #expect(second.handleTimeout(now: start + .seconds(3)) == [])
    }

    @Test func anOfferInTimeKeepsTheSecondMemberFromCalling() {
        var second = CallCoordinator()
        second.joined(isFirst: false)
        _ = second.ready(isAlive: false, now: start)
        #expect(second.offerReceived(isNewPeer: false, now: start) == [])
        #expect(second.handleTimeout(now: start + .seconds(5)) == [])
    }

    @Test func anOfferThatOvertakesReadyMakesThePeer() {
        var second = CallCoordinator()
        second.joined(isFirst: false)
        #expect(second.offerReceived(isNewPeer: false, now: start) == [.makePeer(peer, isPolite: true)])
    }

    @Test func anotherPeerTakesThePlaceOfOneThatIsStillConnecting() {
        var second = CallCoordinator()
        second.joined(isFirst: false)
        _ = second.ready(isAlive: false, now: start)
        #expect(second.offerReceived(isNewPeer: true, now: start) == [.makePeer(peer, isPolite: true)])
    }

    @Test func whoStaysIsTheFirstForTheNext() {
        var second = CallCoordinator()
        second.joined(isFirst: false)
        _ = second.ready(isAlive: false, now: start)
        second.connected()
        #expect(second.peerLeft(reason: "left") == [.removePeer(peer, reason: "left"), .wait])
        #expect(second.peerLeft(reason: "left") == [])
        #expect(second.ready(isAlive: false, now: start) == [.makePeer(peer, isPolite: false), .sendOffer(peer)])
    }

    @Test func signalingThatBeginsAnewDoesNotTearALiveCall() {
        var member = CallCoordinator()
        member.joined(isFirst: true)
        _ = member.ready(isAlive: false, now: start)
        member.connected()
        #expect(member.ready(isAlive: true, now: start) == [])
        #expect(member.offerReceived(isNewPeer: false, now: start) == [])
        #expect(member.offerReceived(isNewPeer: true, now: start) == [.makePeer(peer, isPolite: false)])
    }

    @Test func aSilentPeerIsGivenUpAndCalledAgain() {
        var member = CallCoordinator()
        member.joined(isFirst: true)
        _ = member.ready(isAlive: false, now: start)
        member.connected()
        let actions = member.peerSilent(reason: "silent", now: start)
        #expect(actions == [.removePeer(peer, reason: "silent"), .wait, .makePeer(peer, isPolite: false), .sendOffer(peer)])
    }

    @Test func anAttemptWithoutAPathStartsAnew() {
        var member = CallCoordinator()
        member.joined(isFirst: true)
        _ = member.ready(isAlive: false, now: start)
        member.answerReceived()
        let due = member.nextTimeout
        #expect(due == start + CallCoordinator.attemptLimit)
        #expect(member.handleTimeout(now: start + CallCoordinator.attemptLimit) == [.makePeer(peer, isPolite: false), .sendOffer(peer)])
    }

    @Test func outsideNothingIsAnswered() {
        var member = CallCoordinator()
        #expect(member.ready(isAlive: false, now: start) == [])
        #expect(member.offerReceived(isNewPeer: true, now: start) == [])
        member.joined(isFirst: true)
        _ = member.ready(isAlive: false, now: start)
        #expect(member.left() == [.removePeer(peer, reason: "")])
        #expect(member.ready(isAlive: false, now: start) == [])
    }
}
