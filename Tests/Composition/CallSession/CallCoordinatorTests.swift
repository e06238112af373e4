import Primitives
import Testing

@testable import CallSession

@Suite struct CallCoordinatorTests {
    let peer = CallCoordinator.MemberID.anonymous
    let start = Instant.zero

    @Test func theFirstMemberCalls() {
        var first = CallCoordinator()
        _ = first.joined(isFirst: true)
        #expect(first.ready(isAlive: false, now: start) == [.makePeer(peer, isPolite: false), .sendOffer(peer)])
    }

    @Test func theSecondMemberCallsWhenNoOfferComes() {
        var second = CallCoordinator()
        _ = second.joined(isFirst: false)
        #expect(second.ready(isAlive: false, now: start) == [.makePeer(peer, isPolite: true)])
        #expect(second.nextTimeout == start + .seconds(2))
        #expect(second.handleTimeout(now: start + .milliseconds(1999)) == [])
        #expect(second.handleTimeout(now: start + .seconds(2)) == [.sendOffer(peer)])
        #expect(second.handleTimeout(now: start + .seconds(3)) == [])
    }

    @Test func anOfferInTimeKeepsTheSecondMemberFromCalling() {
        var second = CallCoordinator()
        _ = second.joined(isFirst: false)
        _ = second.ready(isAlive: false, now: start)
        #expect(second.offerReceived(isNewPeer: false, now: start) == [])
        #expect(second.handleTimeout(now: start + .seconds(5)) == [])
    }

    @Test func anOfferThatOvertakesReadyMakesThePeer() {
        var second = CallCoordinator()
        _ = second.joined(isFirst: false)
        #expect(second.offerReceived(isNewPeer: false, now: start) == [.makePeer(peer, isPolite: true)])
    }

    @Test func anotherPeerTakesThePlaceOfOneThatIsStillConnecting() {
        var second = CallCoordinator()
        _ = second.joined(isFirst: false)
        _ = second.ready(isAlive: false, now: start)
        #expect(second.offerReceived(isNewPeer: true, now: start) == [.makePeer(peer, isPolite: true)])
    }

    @Test func whoStaysIsTheFirstForTheNext() {
        var second = CallCoordinator()
        _ = second.joined(isFirst: false)
        _ = second.ready(isAlive: false, now: start)
        second.connected()
        #expect(second.peerLeft(reason: "left") == [.removePeer(peer, reason: "left"), .wait])
        #expect(second.peerLeft(reason: "left") == [])
        #expect(second.ready(isAlive: false, now: start) == [.makePeer(peer, isPolite: false), .sendOffer(peer)])
    }

    @Test func signalingThatBeginsAnewDoesNotTearALiveCall() {
        var member = CallCoordinator()
        _ = member.joined(isFirst: true)
        _ = member.ready(isAlive: false, now: start)
        member.connected()
        #expect(member.ready(isAlive: true, now: start) == [])
        #expect(member.offerReceived(isNewPeer: false, now: start) == [])
        #expect(member.joined(isFirst: true) == [])
        #expect(member.ready(isAlive: true, now: start) == [])
    }

    @Test func someoneNewTakesThePlaceOfAConnectedPeerAndThePersonIsTold() {
        let taking: [(inout CallCoordinator) -> [CallCoordinator.Action]] = [
            { $0.offerReceived(isNewPeer: true, now: .zero) }, { $0.ready(isAlive: false, now: .zero) },
            { $0.peerArrived(isAlive: false) + $0.ready(isAlive: false, now: .zero) },
        ]
        for take in taking {
            var member = connected(isFirst: true)
            let actions = take(&member)
            #expect(actions.starts(with: [.removePeer(peer, reason: "The other side left."), .wait, .makePeer(peer, isPolite: false)]))
        }
    }

    private func connected(isFirst: Bool) -> CallCoordinator {
        var member = CallCoordinator()
        _ = member.joined(isFirst: isFirst)
        _ = member.ready(isAlive: false, now: start)
        member.connected()
        return member
    }

    @Test func aCallOutlivesItsSignaling() {
        var member = connected(isFirst: false)
        let lost = start + .seconds(9)
        #expect(member.peerLost(reason: "gone", isAlive: true, now: lost) == [])
        #expect(member.doubtedSince() == lost && member.silenceLimit() == CallCoordinator.doubtfulSilence)
        #expect(member.peerArrived(isAlive: true) == [])
        #expect(member.ready(isAlive: true, now: lost + .seconds(2)) == [])
        #expect(member.doubtedSince() == nil && member.hasPeer && member.silenceLimit() == CallCoordinator.silence)
    }

    @Test func silenceAndLostSignalingTogetherAreAnEnd() {
        var member = connected(isFirst: false)
        _ = member.peerLost(reason: "gone", isAlive: true, now: start)
        #expect(member.peerSilent(reason: "silent", now: start) == [.removePeer(peer, reason: "silent"), .wait])
        #expect(member.nextTimeout == nil)
        member = connected(isFirst: false)
        #expect(member.peerLost(reason: "gone", isAlive: false, now: start) == [.removePeer(peer, reason: "gone"), .wait])
    }

    /// Two that both take themselves for the first would ignore each other's offers for good.
    @Test func exactlyOneIsTheFirstWhateverCameBefore() {
        var stayed = connected(isFirst: false)
        _ = stayed.peerSilent(reason: "silent", now: start)
        var other = CallCoordinator()
        _ = other.joined(isFirst: false)
        #expect(stayed.ready(isAlive: false, now: start) == [.makePeer(peer, isPolite: false), .sendOffer(peer)])
        #expect(other.ready(isAlive: false, now: start) == [.makePeer(peer, isPolite: true)])

        // One loses its signaling in the middle of a call and comes back as the second.
        var (a, b) = (connected(isFirst: true), connected(isFirst: false))
        _ = b.peerLost(reason: "gone", isAlive: true, now: start)
        _ = a.joined(isFirst: false)
        _ = (a.ready(isAlive: true, now: start), b.ready(isAlive: true, now: start))
        #expect(a.peerSilent(reason: "silent", now: start).contains(.makePeer(peer, isPolite: true)))
        #expect(b.peerSilent(reason: "silent", now: start).contains(.makePeer(peer, isPolite: false)))
    }

    @Test func aGoodbyeOnTheConnectionAloneDoesNotChangeWhoIsFirst() {
        var second = connected(isFirst: false)
        #expect(second.peerClosed(reason: "left", now: start) == [.removePeer(peer, reason: "left"), .wait])
        #expect(second.offerReceived(isNewPeer: false, now: start) == [.makePeer(peer, isPolite: true)])
    }

    @Test func anAttemptEndsWithTheSignalingThatItWasMadeBy() {
        var member = CallCoordinator()
        _ = member.joined(isFirst: true)
        _ = member.ready(isAlive: false, now: start)
        #expect(member.joined(isFirst: true) == [.removePeer(peer, reason: ""), .wait])
        #expect(!member.hasPeer && member.nextTimeout == nil)
    }

    @Test func aSilentPeerIsGivenUpAndCalledAgain() {
        var member = CallCoordinator()
        _ = member.joined(isFirst: true)
        _ = member.ready(isAlive: false, now: start)
        member.connected()
        let actions = member.peerSilent(reason: "silent", now: start)
        #expect(actions == [.removePeer(peer, reason: "silent"), .wait, .makePeer(peer, isPolite: false), .sendOffer(peer)])
    }

    @Test func anAttemptWithoutAPathStartsAnew() {
        var member = CallCoordinator()
        _ = member.joined(isFirst: true)
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
        _ = member.joined(isFirst: true)
        _ = member.ready(isAlive: false, now: start)
        #expect(member.left() == [.removePeer(peer, reason: "")])
        #expect(member.ready(isAlive: false, now: start) == [])
    }
}
