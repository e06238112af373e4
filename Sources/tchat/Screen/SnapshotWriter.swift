import CallSession
import Primitives
import Synchronization
import Threading

/// Writes snapshots, one after the other and at most one a second: a key that is held asks for thirty.
final class SnapshotWriter: Sendable {
    /// What came of it, for the person: a message or an error.
    typealias Job = @Sendable () -> CallEvent
    enum Answer { case begun, tooSoon, noThread }

    static let pause = Interval.seconds(1)

    private struct State {
        var thread: WorkerThread?
        var isBusy = false
        var isOver = false
        var last: Instant?
        /// What nobody would have heard any more.
        var lateAnswer: CallEvent?
    }

    private let state = Mutex(State())
    private let tell: @Sendable (CallEvent) -> Void

    /// - Parameter tell: on the thread that writes.
    init(tell: @escaping @Sendable (CallEvent) -> Void) { self.tell = tell }

    /// Returns at once. While one is being written, and for a second after it has begun, nothing is done.
    func begin(now: Instant, _ job: @escaping Job) -> Answer {
        state.withLock { state in
            guard !state.isBusy, !state.isOver, state.last.map({ now - $0 >= Self.pause }) ?? true else { return .tooSoon }
            let (former, thread) = (state.thread, WorkerThread())
            let isRunning = thread.start(name: "snapshot") { [self] in
                former?.join()
                ended(job())
            }
            guard isRunning else { return .noThread }
            (state.thread, state.isBusy, state.last) = (thread, true, now)
            return .begun
        }
    }

    private func ended(_ answer: CallEvent) {
        let isOver = state.withLock { state in
            state.isBusy = false
            if state.isOver { state.lateAnswer = answer }
            return state.isOver
        }
        if !isOver { tell(answer) }
    }

    var isOver: Bool { state.withLock { $0.isOver } }

    /// Waits until the one that has begun is in its file; gives what came of it, if it had to be waited for. There will be no other.
    func finish() -> CallEvent? {
        let thread = state.withLock { state in
            state.isOver = true
            return state.thread
        }
        thread?.join()
        return state.withLock { $0.lateAnswer.take() }
    }
}
