import Primitives

/// A check that awaits its response.
struct CheckTransaction: Sendable {
    enum Kind: Sendable {
        /// Retransmitted; its outcome is the pair's.
        case check
        /// Sent once: the next one asks again (RFC 7675 §5.1).
        case keepalive
    }

    let id: STUNTransactionID
    let pairID: Int
    let base: SocketAddress
    let destination: SocketAddress
    let kind: Kind
    let role: ICERole
    let nominates: Bool
    /// The PRIORITY it carries: what a peer-reflexive candidate found by it gets.
    let priority: UInt32
    let payload: [UInt8]
    let sentAt: Instant
    var sends = 1
    /// A newer check of the pair took over; only the response is still of use.
    var isSuperseded = false
    /// When to retransmit, or else to give up.
    var due: Instant
}

/// Every check in flight, bounded.
struct TransactionTable: Sendable {
    private(set) var all: [CheckTransaction] = []

    subscript(_ index: Int) -> CheckTransaction {
        get { all[index] }
        set { all[index] = newValue }
    }

    var nextTimeout: Instant? { all.reduce(nil) { least, next in min(least ?? next.due, next.due) } }

    func index(of id: STUNTransactionID) -> Int? { all.firstIndex { $0.id == id } }

    mutating func add(_ transaction: CheckTransaction) {
        if all.count >= ICEAgent.Limit.transactions {
            // A pair's live check stays, or the pair would wait for ever; there is at most one for each.
            all.remove(at: all.firstIndex { $0.isSuperseded || $0.kind == .keepalive } ?? 0)
        }
        all.append(transaction)
    }

    mutating func remove(at index: Int) -> CheckTransaction { all.remove(at: index) }

    mutating func removeAll(of pairID: Int) { all.removeAll { $0.pairID == pairID } }

    /// Stops the retransmission of a pair's earlier checks; they are forgotten at `expiry`.
    mutating func supersede(pairID: Int, expiry: Instant) {
        for i in all.indices where all[i].pairID == pairID && all[i].kind == .check && !all[i].isSuperseded {
            all[i].isSuperseded = true
            all[i].due = expiry
        }
    }
}
