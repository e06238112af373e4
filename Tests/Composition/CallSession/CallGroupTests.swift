import Primitives
import Testing

@testable import CallSession

/// Channels of more than two: who calls whom, and what survives.
@Suite struct CallGroupTests {
    private typealias ID = CallCoordinator.MemberID
    private let a = ID(id: "a")
    private let c = ID(id: "c")
    private let d = ID(id: "d")
    private let start = Instant.zero
    private let living: CallCoordinator.LifeSign = { _, _ in true }
    private let silent: CallCoordinator.LifeSign = { _, _ in false }

    private func others(_ ids: String...) -> [CallCoordinator.Other] { ids.map { CallCoordinator.Other(id: $0) } }

    /// "b", in a channel with these.
    private func joined(_ ids: [String], connected: Bool = true) -> CallCoordinator {
        var b = CallCoordinator()
        _ = b.joined(as: "b", others: ids.map { CallCoordinator.Other(id: $0) }, isAlive: silent, now: start)
        if connected { for id in ids { b.connected(ID(id: id)) } }
        _ = b.takeArrivals()
        return b
    }

    @Test func whoComesCallsThoseWhoAreThere() {
        var b = CallCoordinator()
        let actions = b.joined(as: "b", others: others("c", "a"), isAlive: silent, now: start)
        // The smaller id is the polite one.
        #expect(actions == [.makePeer(c, isPolite: true), .sendOffer(c), .makePeer(a, isPolite: false), .sendOffer(a)])
        #expect(b.takeArrivals() == [.arrived(c, name: nil), .arrived(a, name: nil)])
    }

    @Test func whoIsThereWaitsForTheOfferAndCallsWhenNoneComes() {
        var b = joined([])
        let other = CallCoordinator.Other(id: "c", name: "Cy")
        #expect(b.memberJoined(other, isAlive: silent, now: start) == [.makePeer(c, isPolite: true)])
        #expect(b.takeArrivals() == [.arrived(c, name: "Cy")])
        var patient = b
        #expect(b.handleTimeout(now: start + .milliseconds(1999)) == [])
        #expect(b.handleTimeout(now: start + .seconds(2)) == [.sendOffer(c)])
        #expect(patient.offerReceived(c, isNewPeer: false, now: start + .seconds(1)) == [])
        #expect(patient.handleTimeout(now: start + .seconds(30)) == [])
    }

    @Test func anOfferIsRepeatedUntilItIsAnswered() {
        var b = CallCoordinator()
        _ = b.joined(as: "b", others: others("c"), isAlive: silent, now: start)
        var times: [Double] = []
        for second in 1..<35 where b.handleTimeout(now: start + .seconds(second)) == [.sendOffer(c)] { times.append(Double(second)) }
        #expect(times == [3, 9, 21])
        b.answerReceived(c)
        #expect(b.handleTimeout(now: start + .seconds(39)) == [])
        #expect(b.handleTimeout(now: start + .seconds(40)) == [.makePeer(c, isPolite: true), .sendOffer(c)])
    }

    /// Theirs is ignored, so that ours must get through.
    @Test func whoIsNotPoliteGoesOnWithItsOwnOffer() {
        var b = CallCoordinator()
        _ = b.joined(as: "b", others: others("a", "c"), isAlive: silent, now: start)
        #expect(b.offerReceived(a, isNewPeer: false, now: start) == [] && b.offerReceived(c, isNewPeer: false, now: start) == [])
        #expect(b.handleTimeout(now: start + .seconds(3)) == [.sendOffer(a)])
    }

    @Test func aLeaverDisturbsNobody() {
        var b = joined(["a", "c"])
        #expect(b.memberLeft(a, reason: "left", isGoodbye: true, isAlive: true, now: start) == [.removePeer(a, reason: "left")])
        #expect(b.takeDepartures() == [.departed(a, reason: "left")])
        #expect(b.hasPeer(c) && b.nextTimeout == nil)
        // Nobody is left: we wait.
        #expect(b.memberLeft(c, reason: "left", isGoodbye: true, isAlive: true, now: start) == [.removePeer(c, reason: "left"), .wait])
        #expect(b.members == [] && b.isInside)
    }

    @Test func aConnectionOutlivesTheSignalingOfEitherEnd() {
        var b = joined(["a", "c"])
        // Theirs is lost, and comes back.
        #expect(b.memberLeft(a, reason: "gone", isGoodbye: false, isAlive: true, now: start) == [])
        #expect(b.doubtedSince(a) == start && b.silenceLimit(a) == CallCoordinator.doubtfulSilence && b.doubtedSince(c) == nil)
        #expect(b.memberJoined(CallCoordinator.Other(id: "a"), isAlive: living, now: start + .milliseconds(50)) == [])
        #expect(b.doubtedSince(a) == nil)
        // Ours is, and the server has forgotten everybody.
        b.signalingLost()
        #expect(b.joined(as: "b", others: [], isAlive: living, now: start + .seconds(3)) == [])
        #expect(b.doubtedSince(c) == start + .seconds(3))
        #expect(b.memberJoined(CallCoordinator.Other(id: "c"), isAlive: living, now: start + .seconds(3)) == [])
        #expect(b.joined(as: "b", others: others("a", "c"), isAlive: living, now: start + .seconds(9)) == [])
        // The person has seen nothing of all that.
        #expect(b.takeArrivals() == [] && b.takeDepartures() == [])
    }

    @Test func whoIsLostByBothIsGone() {
        var b = joined(["a", "c"])
        _ = b.memberLeft(a, reason: "gone", isGoodbye: false, isAlive: true, now: start)
        #expect(b.peerSilent(a, reason: "silent", now: start) == [.removePeer(a, reason: "silent")])
        #expect(b.takeDepartures() == [.departed(a, reason: "silent")])
        #expect(b.memberLeft(c, reason: "gone", isGoodbye: false, isAlive: false, now: start) == [.removePeer(c, reason: "gone"), .wait])
    }

    @Test func attemptsBeginAgainWithTheNextPlace() {
        var b = joined(["a", "c"], connected: false)
        b.connected(c)
        let actions = b.joined(as: "b", others: others("a", "c", "d"), isAlive: { id, _ in id == self.c }, now: start)
        #expect(actions == [.makePeer(a, isPolite: false), .sendOffer(a), .makePeer(d, isPolite: true), .sendOffer(d)])
        #expect(
            b.joined(as: "b", others: others("c", "d"), isAlive: { id, _ in id == self.c }, now: start).first
                == .removePeer(a, reason: "The other side is gone."))
    }

    @Test func whoHasLostTheConnectionMakesANewOne() {
        var b = joined(["a", "c"])
        #expect(
            b.offerReceived(a, isNewPeer: true, now: start) == [
                .removePeer(a, reason: CallCoordinator.replaced), .makePeer(a, isPolite: false),
            ])
        #expect(
            b.peerSilent(c, reason: "silent", now: start) == [
                .removePeer(c, reason: "silent"), .makePeer(c, isPolite: true), .sendOffer(c),
            ])
    }

    @Test func whoClosesAndStaysIsCalledAfterAWhile() {
        var b = joined(["a"])
        #expect(b.peerClosed(a, reason: "left", now: start) == [.removePeer(a, reason: "left"), .wait])
        #expect(b.takeDepartures() == [])
        #expect(b.handleTimeout(now: start + CallCoordinator.recallAfter) == [.makePeer(a, isPolite: false), .sendOffer(a)])
    }

    @Test func withoutSignalingNobodyIsCalled() {
        var b = joined(["a", "c"])
        b.signalingLost()
        #expect(b.peerSilent(a, reason: "silent", now: start) == [.removePeer(a, reason: "silent")])
        #expect(b.takeDepartures() == [.departed(a, reason: "silent")])
        #expect(b.nextTimeout == nil && b.hasPeer(c))
        var attempting = joined(["a"], connected: false)
        attempting.signalingLost()
        #expect(attempting.handleTimeout(now: start + .seconds(20)) == [])
        #expect(attempting.handleTimeout(now: start + .seconds(40)) == [.removePeer(a, reason: "The other side is gone."), .wait])
    }

    @Test func aPlainMemberCallsWhoComesAndIsCalledByWhoIsThere() {
        let plain = CallCoordinator.Other(id: "p", isPlain: true)
        var b = CallCoordinator()
        #expect(b.joined(as: "b", others: [plain], isAlive: silent, now: start) == [.makePeer(.anonymous, isPolite: true)])
        #expect(b.handleTimeout(now: start + .seconds(2)) == [.sendOffer(.anonymous)])
        #expect(b.sender("p") == .anonymous && b.address(of: .anonymous) == "p" && b.sender("c") == c)
        // No repeats: such a page may not take them.
        #expect(b.nextTimeout == start + CallCoordinator.attemptLimit)
        b = joined([])
        #expect(b.memberJoined(plain, isAlive: silent, now: start) == [.makePeer(.anonymous, isPolite: false), .sendOffer(.anonymous)])
        #expect(b.takeArrivals() == [.arrived(.anonymous, name: nil)])
        #expect(b.peerLeft(reason: "left") == [.removePeer(.anonymous, reason: "left"), .wait])
        #expect(b.address(of: .anonymous) == nil && b.sender(nil) == nil)
    }

    @Test func moreThanAServerLetsInAreNotCalled() {
        var b = CallCoordinator()
        let many = (0..<1000).map { CallCoordinator.Other(id: "m\($0)") }
        _ = b.joined(as: "b", others: many, isAlive: silent, now: start)
        #expect(b.members.count == CallCoordinator.mostMembers)
        #expect(b.offerReceived(ID(id: "x"), isNewPeer: false, now: start) == [] && b.members.count == CallCoordinator.mostMembers)
    }

    @Test func leavingEndsEverything() {
        var b = joined(["a", "c"])
        #expect(b.left() == [.removePeer(a, reason: ""), .removePeer(c, reason: "")])
        #expect(!b.isInside && b.memberJoined(CallCoordinator.Other(id: "d"), isAlive: silent, now: start) == [])
        #expect(b.offerReceived(d, isNewPeer: false, now: start) == [])
    }

    @Test func aLostPlainMemberIsNotReachedThroughEverybody() {
        var b = joined([])
        _ = b.memberJoined(CallCoordinator.Other(id: "p", isPlain: true), isAlive: silent, now: start)
        b.connected(.anonymous)
        #expect(b.canReach(.anonymous))
        _ = b.peerLost(reason: "gone", isAlive: true, now: start)
        #expect(b.hasPeer(.anonymous) && !b.canReach(.anonymous))
    }
}
