import Primitives

/// Room for one value between two threads: the newest wins, an older one that nobody took is dropped.
public final class LatestValueMailbox<Value: Sendable>: Sendable {
    private struct State {
        var value: Value?
        var isClosed = false
    }

    private let state: Monitor<State>
    private let onPut: (@Sendable () -> Void)?

    /// - Parameter onPut: called after each put, on the putting thread, for a taker that sleeps elsewhere.
    public init(onPut: (@Sendable () -> Void)? = nil) {
        state = Monitor(State())
        self.onPut = onPut
    }

    public func put(_ value: Value) {
        state.update { if !$0.isClosed { $0.value = value } }
        onPut?()
    }

    /// The value, if one waits; then nothing does.
    public func take() -> Value? {
        state.withLock { state in
            defer { state.value = nil }
            return state.value
        }
    }

    /// Sleeps until a value is there; nil when the time has come, or the mailbox is closed.
    public func wait(until deadline: Instant?) -> Value? {
        let taken: Value?? = state.wait(until: deadline) { state in
            if let value = state.value {
                state.value = nil
                return .some(value)
            }
            return state.isClosed ? .some(nil) : nil
        }
        return taken ?? nil
    }

    public var isClosed: Bool { state.withLock { $0.isClosed } }

    /// Drops what is in it and wakes whoever waits; what is put later goes nowhere.
    public func close() {
        state.update {
            $0.value = nil
            $0.isClosed = true
        }
    }
}
