import Synchronization

/// Room for one thread: started once, joined once, by whoever comes first.
public final class WorkerThread: Sendable {
    private let thread = Mutex<MediaThread?>(nil)

    public init() {}

    /// False when it runs already, or the system has no thread to give.
    @discardableResult
    public func start(name: String, _ body: @escaping @Sendable () -> Void) -> Bool {
        thread.withLock { thread in
            guard thread == nil, let started = MediaThread.start(name: name, body) else { return false }
            thread = consume started
            return true
        }
    }

    public func join() {
        let running = thread.withLock { $0.take() }
        if let running { running.join() }
    }
}
