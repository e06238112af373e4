import Primitives
import Testing
import Threading

@Suite struct ThreadClockTests {
    @Test func anotherThreadsWorkDoesNotCount() {
        let work = Interval.milliseconds(20)
        let start = ThreadClock.now()
        let other = WorkerThread()
        #expect(
            other.start(name: "works") {
                let begin = ThreadClock.now()
                while ThreadClock.now() - begin < work {}
            })
        other.join()
        #expect(ThreadClock.now() - start < work)
    }
}
