import Synchronization
import Threading

/// Room for one thread: started once, joined once, by whoever comes first.
final class WorkerThread: Sendable {
    private let thread = Mutex<MediaThread?>(nil)

    /// False when it runs already, or the system has no thread to give.
    func start(name: String, _ body: @escaping @Sendable () -> Void) -> Bool {
        thread.withLock { thread in
            guard thread == nil, let started = MediaThread.start(name: name, body) else { return false }
            thread = consume started
            return true
        }
    }

    func join() {
        let running = thread.withLock { $0.take() }
        if let running { running.join() }
    }
}
