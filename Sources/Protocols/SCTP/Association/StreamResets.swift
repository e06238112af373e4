import ByteCoding
import Primitives

/// The state of stream resets (RFC 6525): one request of ours at a time, and what is known of the peer's last.
struct StreamResets: Sendable {
    static let streamLimit = 128

    struct Request: Sendable {
        var sequence: UInt32
        var streams: [UInt16]
        var due: Instant
        var tries = 0
    }

    /// A request of the peer's whose last TSN has not come yet.
    struct Deferred: Sendable {
        var sequence: UInt32
        var lastTSN: Int64
        var streams: [UInt16]
    }

    /// Streams that are to be reset once nothing is under way on them.
    private(set) var wanted: [UInt16] = []
    private var wantedSet: Set<UInt16> = []
    var request: Request?
    private(set) var nextSequence: UInt32
    /// Of the last request that was taken from the peer.
    var peerSequence: UInt32
    var peerResult = ReconfigurationParameter.Result.nothingToDo
    var deferred: Deferred?

    init(localInitialTSN: UInt32, peerInitialTSN: UInt32, keeping old: StreamResets? = nil) {
        nextSequence = localInitialTSN
        peerSequence = peerInitialTSN &- 1
        if let old {
            wanted = old.wanted
            wantedSet = old.wantedSet
        }
    }

    var due: Instant? { request?.due }

    mutating func want(_ stream: UInt16) {
        guard wantedSet.insert(stream).inserted else { return }
        wanted.append(stream)
    }

    /// Those of the wanted streams that are ready, no longer wanted.
    mutating func take(where isReady: (UInt16) -> Bool) -> [UInt16] {
        guard !wanted.isEmpty else { return [] }
        let ready = Array(wanted.lazy.filter(isReady).prefix(Self.streamLimit))
        guard !ready.isEmpty else { return [] }
        wantedSet.subtract(ready)
        wanted.removeAll { !wantedSet.contains($0) }
        return ready
    }

    mutating func drawSequence() -> UInt32 {
        defer { nextSequence &+= 1 }
        return nextSequence
    }
}
