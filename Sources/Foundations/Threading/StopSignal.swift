import Primitives

/// Said once, from any thread; whoever paces itself by `sleep` hears it at once.
public final class StopSignal: Sendable {
    private let stopped = Monitor(false)

    public init() {}

    public func stop() { stopped.update { $0 = true } }
    public var isStopped: Bool { stopped.withLock { $0 } }

    /// Returns at `instant`: true; or as soon as it is said: false.
    public func sleep(until instant: Instant) -> Bool {
        let heard: Bool? = stopped.wait(until: instant) { $0 ? true : nil }
        return heard == nil
    }
}
