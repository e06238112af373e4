import Primitives
import Testing

@testable import StreamSockets

/// #expect takes no mutating calls.
private final class Queue {
    private var queue = SendQueue()
    var byteCount: Int { queue.byteCount }
    var droppedCount: Int { queue.droppedCount }

    func append(_ bytes: [UInt8], now: Instant) -> Bool { queue.append(bytes, now: now) }
    func take(now: Instant) -> [[UInt8]] { queue.take(now: now) }
    func wrote() { queue.wrote() }
}

@Suite struct QueueTests {
    private func payload(_ count: Int, _ mark: UInt8 = 0) -> [UInt8] { [UInt8](repeating: mark, count: count) }

    @Test func payloadsComeOutInOrderAndInChunks() {
        let queue = Queue()
        for mark in 0..<40 { #expect(queue.append(payload(1000, UInt8(mark)), now: .zero)) }
        var marks: [UInt8] = []
        while true {
            let chunk = queue.take(now: .zero)
            if chunk.isEmpty { break }
            #expect(chunk.reduce(0) { $0 + $1.count } <= SendQueue.chunkBytes)
            marks += chunk.map { $0[0] }
            queue.wrote()
        }
        #expect(marks == (0..<40).map { UInt8($0) })
        #expect(queue.byteCount == 0 && queue.droppedCount == 0)
    }

    @Test func aPayloadLongerThanAChunkIsNotCut() {
        let queue = Queue()
        #expect(queue.append(payload(100_000), now: .zero))
        #expect(queue.take(now: .zero).map(\.count) == [100_000])
    }

    @Test func wholePayloadsAreDroppedBeyondTheLimit() {
        let queue = Queue()
        var accepted = 0
        for _ in 0..<1000 where queue.append(payload(1000), now: .zero) { accepted += 1 }
        #expect(accepted == SendQueue.byteLimit / 1000)
        #expect(queue.droppedCount == 1000 - accepted)
        // What the connection has, and the system has not taken, counts as well.
        let chunk = queue.take(now: .zero)
        #expect(!queue.append(payload(1000), now: .zero))
        queue.wrote()
        #expect(queue.append(payload(1000), now: .zero))
        #expect(chunk.count == SendQueue.chunkBytes / 1000)
    }

    @Test func whatHasWaitedForASecondIsNotSentAnyMore() {
        let queue = Queue()
        for tenth in 0..<20 { _ = queue.append(payload(100, UInt8(tenth)), now: .zero + .milliseconds(100 * tenth)) }
        #expect(queue.take(now: .zero + .milliseconds(2000)).map { $0[0] } == (10..<20).map { UInt8($0) })
        #expect(queue.droppedCount == 10)
    }

    @Test func freshPayloadsTakeThePlaceOfStaleOnes() {
        let queue = Queue()
        while queue.append(payload(1000), now: .zero) {}
        // The connection is stalled: nothing is taken out, and still the newest second is what waits.
        let later = Instant.zero + .milliseconds(1500)
        #expect(queue.append(payload(1000, 9), now: later))
        #expect(queue.take(now: later).map { $0[0] } == [9])
    }

    @Test func readingStopsAtTheUpperMarkAndGoesOnAtTheLower() {
        var credit = ReceiveCredit()
        var pauses = 0
        for _ in 0..<100 where credit.received(10_000) { pauses += 1 }
        #expect(pauses == 1 && credit.isPaused && !credit.isExceeded)
        var resumes: [Int] = []
        for _ in 0..<100 where credit.consumed(10_000) { resumes.append(credit.byteCount) }
        #expect(resumes.count == 1)
        #expect(resumes.allSatisfy { $0 <= ReceiveCredit.resumeBytes && $0 > ReceiveCredit.resumeBytes - 10_000 })
        // More than was received, or less than nothing, is no credit.
        _ = credit.consumed(.max)
        _ = credit.consumed(-5)
        #expect(credit.byteCount == 0)
        _ = credit.received(ReceiveCredit.limitBytes + 1)
        #expect(credit.isExceeded)
    }

    @Test func aRateIsCountedBySeconds() {
        var rate = RateLimit(perSecond: 3)
        let admitted = (0..<30).map { rate.admits(now: .zero + .milliseconds(100 * $0)) }
        #expect(admitted.filter { $0 }.count == 9)
        #expect(admitted[..<3].allSatisfy { $0 } && !admitted[3])
    }
}
