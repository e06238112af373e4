import Synchronization
import Threading

/// Does what may block for a second, one after the other, on a thread that is there while there is something to do. Of several orders of
/// one name that wait, the last one counts: whoever leafs through devices wants the one they stop at.
final class DeviceThread: Sendable {
    typealias Job = @Sendable () -> Void

    private struct State {
        var waiting: [(name: String, job: Job)] = []
        var thread: WorkerThread?
        var isRunning = false
        var isStopped = false
    }

    private let state = Mutex(State())

    func run(_ name: String, _ job: @escaping Job) {
        state.withLock { state in
            guard !state.isStopped else { return }
            state.waiting.removeAll { $0.name == name }
            state.waiting.append((name, job))
            guard !state.isRunning else { return }
            let (former, thread) = (state.thread, WorkerThread())
            let isRunning = thread.start(name: "devices") { [self] in
                former?.join()
                while let job = next() { job() }
            }
            // Without a thread the order is lost, as it is said of all threads at the start.
            if isRunning { (state.thread, state.isRunning) = (thread, true) } else { state.waiting = [] }
        }
    }

    private func next() -> Job? {
        state.withLock { state in
            guard !state.waiting.isEmpty, !state.isStopped else {
                state.isRunning = false
                return nil
            }
            return state.waiting.removeFirst().job
        }
    }

    /// Waits for what is being done; what waits is not done.
    func stop() {
        let thread = state.withLock { state in
            state.isStopped = true
            return state.thread
        }
        thread?.join()
    }
}
