import ByteCoding

/// A whole message, or word of one that is larger than it may be.
struct ReceivedMessage: Sendable {
    static let none = ReceivedMessage(stream: 0, payloadType: 0, bytes: [], isOversized: false)

    let stream: UInt16
    let payloadType: UInt32
    let bytes: [UInt8]
    let isOversized: Bool
}

/// What has come of messages on one stream, until they are whole and, when ordered, their turn has come.
struct InboundStream: Sendable {
    /// Parts that follow each other without a gap.
    struct Run: Sendable {
        var first: Int64
        var last: Int64
        let sequence: UInt16
        let payloadType: UInt32
        let isUnordered: Bool
        var hasBeginning: Bool
        var hasEnd: Bool
        /// More than a message may have: no longer kept, only followed to its end.
        var isOversized = false
        var bytes: [UInt8]

        /// Whether `next`, which begins right behind, continues the message.
        func continues(with next: Run) -> Bool {
            last + 1 == next.first && !hasEnd && !next.hasBeginning && isUnordered == next.isUnordered
                && (isUnordered || sequence == next.sequence)
        }
    }

    let id: UInt16
    /// In the order of their TSNs.
    private(set) var runs: [Run] = []
    /// Whole ordered messages whose turn has not come.
    private(set) var waiting: [UInt16: Run] = [:]
    var nextSequence: UInt16 = 0
    /// Of everything above.
    private(set) var heldBytes = 0
    /// What bookkeeping costs, so that many small parts cannot hold much more than they count for.
    static let overhead = 96

    init(id: UInt16) { self.id = id }

    var cost: Int { heldBytes + Self.overhead * (runs.count + waiting.count) }

    /// Whole messages that can be delivered now go into `messages`.
    mutating func add(_ part: consuming Run, limit: Int, into messages: inout RingBuffer<ReceivedMessage>) {
        if part.hasBeginning, part.hasEnd {
            finish(part, into: &messages)
            return
        }
        heldBytes += part.bytes.count
        var index = place(part.first)
        let joinsNext = index < runs.count && part.continues(with: runs[index])
        if index > 0, runs[index - 1].continues(with: part) {
            index -= 1
            append(part, at: index, limit: limit)
        } else {
            runs.insert(part, at: index)
        }
        if joinsNext { append(runs.remove(at: index + 1), at: index, limit: limit) }
        guard runs[index].hasBeginning, runs[index].hasEnd else { return }
        let whole = runs.remove(at: index)
        heldBytes -= whole.bytes.count
        finish(whole, into: &messages)
    }

    /// A part that continues the newest run goes straight from the packet to the end of it; false: it is not like that.
    mutating func extendNewest(with part: Run, payload: Span<UInt8>, limit: Int, into messages: inout RingBuffer<ReceivedMessage>) -> Bool {
        let index = runs.count - 1
        guard index >= 0, runs[index].continues(with: part) else { return false }
        runs[index].last = part.last
        runs[index].hasEnd = part.hasEnd
        if runs[index].isOversized || runs[index].bytes.count + payload.count > limit {
            drop(at: index)
        } else {
            heldBytes += payload.count
            payload.withUnsafeBufferPointer { runs[index].bytes.append(contentsOf: $0) }
        }
        guard runs[index].hasBeginning, runs[index].hasEnd else { return true }
        let whole = runs.removeLast()
        heldBytes -= whole.bytes.count
        finish(whole, into: &messages)
        return true
    }

    /// The first run that begins behind a TSN.
    private func place(_ tsn: Int64) -> Int {
        guard let last = runs.last, last.first > tsn else { return runs.count }
        var low = 0
        var high = runs.count
        while low < high {
            let middle = (low + high) / 2
            if runs[middle].first <= tsn { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private mutating func append(_ part: Run, at index: Int, limit: Int) {
        runs[index].last = part.last
        runs[index].hasEnd = part.hasEnd
        if runs[index].isOversized || part.isOversized || runs[index].bytes.count + part.bytes.count > limit {
            heldBytes -= part.bytes.count
            drop(at: index)
        } else {
            runs[index].bytes.append(contentsOf: part.bytes)
        }
    }

    private mutating func drop(at index: Int) {
        heldBytes -= runs[index].bytes.count
        runs[index].bytes = []
        runs[index].isOversized = true
    }

    private mutating func finish(_ message: Run, into messages: inout RingBuffer<ReceivedMessage>) {
        if message.isUnordered { return deliver(message, into: &messages) }
        if message.sequence == nextSequence {
            nextSequence &+= 1
            deliver(message, into: &messages)
            if !waiting.isEmpty { deliverWaiting(into: &messages) }
        } else if message.sequence.serialDistance(from: nextSequence) > 0, waiting[message.sequence] == nil {
            heldBytes += message.bytes.count
            waiting[message.sequence] = message
        }
    }

    private func deliver(_ run: Run, into messages: inout RingBuffer<ReceivedMessage>) {
        messages.append(ReceivedMessage(stream: id, payloadType: run.payloadType, bytes: run.bytes, isOversized: run.isOversized))
    }

    private mutating func deliverWaiting(into messages: inout RingBuffer<ReceivedMessage>) {
        while let message = waiting.removeValue(forKey: nextSequence) {
            heldBytes -= message.bytes.count
            nextSequence &+= 1
            deliver(message, into: &messages)
        }
    }

    /// Messages up to `sequence` are given up by the sender (RFC 3758, section 3.6); those that are whole are delivered all the same.
    mutating func skip(to sequence: UInt16, into messages: inout RingBuffer<ReceivedMessage>) {
        guard sequence.serialDistance(from: nextSequence) >= 0 else { return }
        let passed = waiting.keys.filter { sequence.serialDistance(from: $0) >= 0 }
            .sorted { $0.serialDistance(from: nextSequence) < $1.serialDistance(from: nextSequence) }
        for key in passed {
            guard let message = waiting.removeValue(forKey: key) else { continue }
            heldBytes -= message.bytes.count
            deliver(message, into: &messages)
        }
        nextSequence = sequence &+ 1
        deliverWaiting(into: &messages)
    }

    /// Parts of messages of which no more will come.
    mutating func removeRuns(upTo tsn: Int64) {
        var count = 0
        while count < runs.count, runs[count].first <= tsn {
            heldBytes -= runs[count].bytes.count
            count += 1
        }
        if count > 0 { runs.removeFirst(count) }
    }
}
