import Synchronization
import Threading

/// A camera or microphone and the thread that reads it: what comes next starts, replaces and ends both together.
///
/// A source is known by its turn, which no other one gets.
final class CaptureThread<Source: Sendable>: Sendable {
    typealias Turn = Int
    /// Reads a source until it ends.
    typealias Body = @Sendable (Source, Turn) -> Void

    private struct State {
        var source: Source?
        var turn = 0
        var thread: WorkerThread?
        var isStarted = false
        var isStopped = false
    }

    private let name: String
    private let stopSource: @Sendable (Source) -> Void
    private let state: Mutex<State>

    /// - Parameters:
    ///   - source: nil: none for now.
    ///   - name: of the thread.
    ///   - stopSource: from any thread: has its reader come to an end.
    init(_ source: Source?, name: String, stopSource: @escaping @Sendable (Source) -> Void) {
        self.name = name
        self.stopSource = stopSource
        state = Mutex(State(source: source))
    }

    deinit { if let source { stopSource(source) } }

    /// Nil: none, as after a failure.
    var source: Source? { state.withLock { $0.source } }
    /// The source with its turn.
    var current: (source: Source, turn: Turn)? { state.withLock { state in state.source.map { ($0, state.turn) } } }

    /// False when the system has no thread to give.
    func start(_ body: @escaping Body) -> Bool {
        state.withLock { state in
            state.isStarted = true
            return begin(&state, body)
        }
    }

    private func begin(_ state: inout State, _ body: @escaping Body) -> Bool {
        guard let source = state.source else { return true }
        let (thread, turn) = (WorkerThread(), state.turn)
        state.thread = thread
        return thread.start(name: name) { body(source, turn) }
    }

    /// Ends the thread, and waits for it. There will be no other.
    func stop() {
        let (source, thread) = state.withLock { state in
            state.isStopped = true
            return (state.source, state.thread)
        }
        if let source { stopSource(source) }
        thread?.join()
    }

    /// The former source is stopped and its thread waited for; then the new one's begins. Must not be called on that thread.
    /// - Parameters:
    ///   - between: when the one has ended and the other has not begun.
    ///   - body: reads the new one.
    /// - Returns: false when the system has no thread to give.
    func replace(with replacement: Source?, between: () -> Void, _ body: @escaping Body) -> Bool {
        let (former, thread, turn) = state.withLock { state in
            let former = (state.source, state.thread)
            (state.source, state.thread) = (state.isStopped ? nil : replacement, nil)
            state.turn += 1
            return (former.0, former.1, state.turn)
        }
        if let former { stopSource(former) }
        thread?.join()
        between()
        return state.withLock { state in
            // Another one may have come meanwhile.
            guard !state.isStopped, state.turn == turn else {
                if let replacement { stopSource(replacement) }
                return true
            }
            return !state.isStarted || begin(&state, body)
        }
    }

    func isInUse(_ turn: Turn) -> Bool { state.withLock { $0.source != nil && $0.turn == turn } }

    /// Takes a source that has failed out of use. False: it was not in use any more, and has nothing to say.
    func drop(_ turn: Turn) -> Bool {
        let dropped = state.withLock { state -> Source? in
            guard state.turn == turn else { return nil }
            return state.source.take()
        }
        guard let dropped else { return false }
        stopSource(dropped)
        return true
    }
}
