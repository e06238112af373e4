import CallSession
import Primitives
import Testing
import Threading

@testable import tchat

@Suite struct SnapshotWriterTests {
    private func at(_ milliseconds: Int) -> Instant { Instant.zero + .milliseconds(milliseconds) }

    /// Thirty repeats a second, for three seconds.
    @Test func aHeldKeyIsOneSnapshotASecond() {
        let told = BoundedRing<CallEvent>(capacity: 16)
        let writer = SnapshotWriter { told.push($0) }
        var begun = 0
        for repetition in 0..<90 {
            guard writer.begin(now: at(repetition * 1000 / 30), { .message("saved") }) == .begun else { continue }
            begun += 1
            #expect(told.wait(until: nil) == .message("saved"))
        }
        #expect(begun == 3 && writer.finish() == nil && told.pop() == nil)
    }

    @Test func whileOneIsBeingWrittenThereIsNoOther() {
        let (told, gate) = (BoundedRing<CallEvent>(capacity: 16), BoundedRing<Bool>(capacity: 1))
        let writer = SnapshotWriter { told.push($0) }
        let slow: SnapshotWriter.Job = {
            _ = gate.wait(until: nil)
            return .message("slow")
        }
        #expect(writer.begin(now: at(0), slow) == .begun)
        for second in 1..<100 { #expect(writer.begin(now: at(second * 1000), { .message("too soon") }) == .tooSoon) }
        gate.push(true)
        #expect(told.wait(until: nil) == .message("slow"))
        #expect(writer.begin(now: at(100_000), { .error("failed") }) == .begun)
        #expect(told.wait(until: nil) == .error("failed"))
    }

    /// Who presses the key and quits at once has the picture, or hears why not.
    @Test func theEndWaitsForTheOneThatHasBegun() {
        let (told, gate) = (BoundedRing<CallEvent>(capacity: 16), BoundedRing<Bool>(capacity: 1))
        let writer = SnapshotWriter { told.push($0) }
        let answer = writer.begin(now: at(0)) {
            _ = gate.wait(until: nil)
            return .error("The disk is full.")
        }
        #expect(answer == .begun)
        let end = BoundedRing<CallEvent?>(capacity: 1)
        let quitting = WorkerThread()
        quitting.start(name: "quitting") { end.push(writer.finish()) }
        // From then on nobody listens.
        while !writer.isOver { MonotonicClock.sleep(until: MonotonicClock.now() + .milliseconds(1)) }
        gate.push(true)
        #expect(end.wait(until: nil) == .some(.error("The disk is full.")))
        quitting.join()
        #expect(told.pop() == nil && writer.begin(now: at(9000), { .message("late") }) == .tooSoon)
    }
}
