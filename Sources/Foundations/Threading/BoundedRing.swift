import Primitives

/// A first-in, first-out queue of fixed room between two threads. When it is full the newcomer is dropped and counted.
public final class BoundedRing<Value: Sendable>: Sendable {
    private struct State {
        var slots: [Value?]
        var head = 0
        var count = 0
        var dropped = 0
        var isClosed = false

        mutating func pop() -> Value? {
            guard count > 0 else { return nil }
            defer {
                slots[head] = nil
                head = (head + 1) % slots.count
                count -= 1
            }
            return slots[head]
        }
    }

    private let state: Monitor<State>

    public init(capacity: Int) {
        state = Monitor(State(slots: Array(repeating: nil, count: max(1, capacity))))
    }

    /// False: full or closed, the value is gone.
    @discardableResult
    public func push(_ value: Value) -> Bool {
        state.update { state in
            guard !state.isClosed else { return false }
            guard state.count < state.slots.count else {
                state.dropped &+= 1
                return false
            }
            state.slots[(state.head + state.count) % state.slots.count] = value
            state.count += 1
            return true
        }
    }

    public func pop() -> Value? { state.withLock { $0.pop() } }

    /// Sleeps until a value is there; nil when the time has come, or the ring is closed and empty.
    public func wait(until deadline: Instant?) -> Value? {
        let taken: Value?? = state.wait(until: deadline) { state in
            if let value = state.pop() { return .some(value) }
            return state.isClosed ? .some(nil) : nil
        }
        return taken ?? nil
    }

    public var count: Int { state.withLock { $0.count } }
    /// How many were turned away for want of room.
    public var dropped: Int { state.withLock { $0.dropped } }
    public var isClosed: Bool { state.withLock { $0.isClosed } }

    /// Takes no more; what is in it can still be popped.
    public func close() { state.update { $0.isClosed = true } }
}
