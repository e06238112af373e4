import Primitives
import Synchronization

/// The queues of all streams that stand, between the owner's thread and the loop's.
final class FlowTable: Sendable {
    private struct Flow {
        var outgoing = SendQueue()
        var incoming = ReceiveCredit()
        /// The loop writes, or has been asked to.
        var isPumping = false
    }

    private let flows = Mutex<[StreamID: Flow]>([:])

    func open(_ id: StreamID) { flows.withLock { $0[id] = Flow() } }
    func close(_ id: StreamID) { flows.withLock { $0[id] = nil } }

    // MARK: - The owner's side

    /// True: the loop has to be asked to write.
    func append(_ bytes: [UInt8], to id: StreamID, now: Instant) -> Bool {
        flows.withLock { flows in
            guard flows[id]?.outgoing.append(bytes, now: now) == true, flows[id]?.isPumping == false else { return false }
            flows[id]?.isPumping = true
            return true
        }
    }

    /// True: the loop has to go on reading.
    func consumed(_ count: Int, of id: StreamID) -> Bool {
        flows.withLock { $0[id]?.incoming.consumed(count) ?? false }
    }

    func droppedCount(of id: StreamID) -> Int { flows.withLock { $0[id]?.outgoing.droppedCount ?? 0 } }

    // MARK: - The loop's side

    /// What to write next; empty: nothing, and the loop will be asked again.
    func take(from id: StreamID, now: Instant) -> [[UInt8]] {
        flows.withLock { flows in
            let taken = flows[id]?.outgoing.take(now: now) ?? []
            if taken.isEmpty { flows[id]?.isPumping = false }
            return taken
        }
    }

    func wrote(to id: StreamID) { flows.withLock { $0[id]?.outgoing.wrote() } }

    func isIdle(_ id: StreamID) -> Bool { flows.withLock { $0[id]?.isPumping != true } }

    enum Reading { case goesOn, pauses, isExceeded }

    func received(_ count: Int, from id: StreamID) -> Reading {
        flows.withLock { flows in
            let pauses = flows[id]?.incoming.received(count) ?? false
            if flows[id]?.incoming.isExceeded == true { return .isExceeded }
            return pauses ? .pauses : .goesOn
        }
    }
}
