import Primitives
import Testing

@testable import Signaling

private final class Owner: Timed {
    var timer = TimerQueue.Place()
    var nextTimeout: Instant?
    var calls: [Instant] = []

    init(_ next: Instant?) { nextTimeout = next }

    func handleTimeout(now: Instant) {
        calls.append(now)
        nextTimeout = nil
    }
}

private func at(_ milliseconds: Int) -> Instant { .zero + .milliseconds(milliseconds) }

extension TimerQueue {
    fileprivate mutating func run(_ now: Instant) {
        while let owner = popDue(now: now) {
            owner.handleTimeout(now: now)
            update(owner)
        }
    }
}

@Suite struct TimerQueueTests {
    @Test func callsWhoIsDueAndNobodyElse() {
        var queue = TimerQueue()
        let (early, late, never) = (Owner(at(100)), Owner(at(500)), Owner(nil))
        for owner in [early, late, never] { queue.add(owner) }
        queue.run(at(99))
        #expect(early.calls.isEmpty)
        queue.run(at(111))
        #expect(early.calls == [at(111)] && late.calls.isEmpty)
        queue.run(at(10_000))
        #expect(late.calls.count == 1 && never.calls.isEmpty && queue.next == nil)
    }

    @Test func aTimeThatMovesAwayIsFollowed() {
        var queue = TimerQueue()
        let owner = Owner(at(100))
        queue.add(owner)
        owner.nextTimeout = at(1000)
        queue.update(owner)
        queue.run(at(200))
        #expect(owner.calls.isEmpty)
        queue.run(at(1010))
        #expect(owner.calls == [at(1010)])
    }

    @Test func aTimeThatComesNearerIsKept() {
        var queue = TimerQueue()
        let owner = Owner(at(1000))
        queue.add(owner)
        owner.nextTimeout = at(100)
        queue.update(owner)
        queue.run(at(110))
        #expect(owner.calls == [at(110)])
        queue.run(at(2000))
        #expect(owner.calls.count == 1)
    }

    @Test func whoIsRemovedIsNotCalledAndNotKept() {
        var queue = TimerQueue()
        weak var weakly: Owner?
        do {
            let owner = Owner(at(100))
            weakly = owner
            queue.add(owner)
            queue.add(Owner(at(200)))
            queue.remove(owner)
        }
        #expect(weakly == nil)
        queue.run(at(150))
        #expect(queue.count == 1)
    }

    @Test func aCrowdIsCalledAtFewTimes() {
        var queue = TimerQueue()
        let owners = (0..<1000).map { Owner(.zero + .microseconds(Int64($0) * 100)) }
        for owner in owners { queue.add(owner) }
        var wakes = 0
        while let next = queue.next {
            queue.run(next)
            wakes += 1
        }
        #expect(wakes <= 11 && owners.allSatisfy { $0.calls.count == 1 && $0.calls[0] - .zero <= .milliseconds(110) })
    }
}
