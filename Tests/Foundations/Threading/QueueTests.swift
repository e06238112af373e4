import Primitives
import Synchronization
import Testing
import Threading

@Suite struct LatestValueMailboxTests {
    @Test func theNewestWins() {
        let mailbox = LatestValueMailbox<Int>()
        mailbox.put(1)
        mailbox.put(2)
        #expect(mailbox.take() == 2)
        #expect(mailbox.take() == nil)
    }

    @Test func aWaiterIsWokenByAnotherThread() {
        let mailbox = LatestValueMailbox<Int>()
        let thread = MediaThread.start(name: "putter") { mailbox.put(7) }
        #expect(mailbox.wait(until: nil) == 7)
        thread?.join()
    }

    @Test func aDeadlineThatHasPassedGivesNothing() {
        #expect(LatestValueMailbox<Int>().wait(until: .zero) == nil)
    }

    @Test func closingWakesTheWaiterAndTakesNoMore() {
        let mailbox = LatestValueMailbox<Int>()
        let thread = MediaThread.start(name: "closer") { mailbox.close() }
        #expect(mailbox.wait(until: nil) == nil)
        thread?.join()
        mailbox.put(1)
        #expect(mailbox.take() == nil)
    }

    @Test func eachPutIsAnnounced() {
        let calls = Atomic<Int>(0)
        let mailbox = LatestValueMailbox<Int> { calls.add(1, ordering: .relaxed) }
        mailbox.put(1)
        mailbox.put(2)
        #expect(calls.load(ordering: .relaxed) == 2)
    }
}

@Suite struct BoundedRingTests {
    @Test func keepsOrderAndTurnsTheNewcomerAwayWhenFull() {
        let ring = BoundedRing<Int>(capacity: 3)
        #expect((1...5).map { ring.push($0) } == [true, true, true, false, false])
        #expect(ring.dropped == 2)
        #expect([ring.pop(), ring.pop()] == [1, 2])
        #expect(ring.push(6))
        #expect([ring.pop(), ring.pop(), ring.pop()] == [3, 6, nil])
    }

    @Test func everyValueOfAnotherThreadArrivesOnceAndInOrder() {
        let ring = BoundedRing<Int>(capacity: 8)
        let thread = MediaThread.start(name: "pusher") {
            for value in 0..<1000 { while !ring.push(value) {} }
            ring.close()
        }
        var received: [Int] = []
        while let value = ring.wait(until: nil) { received.append(value) }
        thread?.join()
        #expect(received == Array(0..<1000))
    }

    @Test func aClosedRingGivesWhatItStillHolds() {
        let ring = BoundedRing<Int>(capacity: 2)
        ring.push(1)
        ring.close()
        #expect(!ring.push(2))
        #expect(ring.wait(until: nil) == 1)
        #expect(ring.wait(until: nil) == nil)
    }
}

@Suite struct EventDescriptorTests {
    @Test func drainingForgetsEverySignal() throws {
        let event = try #require(EventDescriptor())
        event.signal()
        event.signal()
        #expect(isReadable(event.fileDescriptor))
        event.drain()
        #expect(!isReadable(event.fileDescriptor))
    }
}

@Suite struct ClockTests {
    @Test func sleepingEndsAtTheInstantOrLater() {
        let due = MonotonicClock.now() + .milliseconds(2)
        MonotonicClock.sleep(until: due)
        #expect(MonotonicClock.now() >= due)
    }

    @Test func anInstantThatHasPassedDoesNotSleep() {
        MonotonicClock.sleep(until: .zero)
        MonotonicClock.sleep(until: Instant(microseconds: -5))
    }
}
