import ByteCoding
import Primitives

/// Chunks with a TSN that the peer has not acknowledged for good, in the order of their TSNs.
struct Outstanding: Sendable {
    /// A gap block reaches 65535 TSNs far.
    static let limit = 32_768
    private static let missesForLoss = 3

    struct Acknowledgement: Sendable {
        var bytes = 0
        var hasAdvanced = false
        var hasLoss = false
        var roundTrip: Interval?
    }

    private(set) var chunks = RingBuffer(filler: OutgoingChunk.none)
    /// Of the chunk in front; TSNs do not wrap here.
    private(set) var firstTSN: Int64
    /// Payload bytes under way.
    private(set) var flightBytes = 0
    /// To be sent again, in the order of noticing; those that are not lost any more are passed over.
    private var lost = RingBuffer<Int64>(filler: 0)
    private var lostCount = 0
    private var abandonedCount = 0
    /// The TSN whose acknowledgement gives the next round-trip time, and when it left.
    private var probe: (tsn: Int64, sent: Instant)?
    private(set) var retransmissions = 0

    init(initialTSN: UInt32) { firstTSN = Int64(initialTSN) + 1 << 32 }

    var nextTSN: Int64 { firstTSN + Int64(chunks.count) }
    var cumulativeTSN: Int64 { firstTSN - 1 }
    var isEmpty: Bool { chunks.isEmpty }
    var hasLost: Bool { lostCount > 0 }
    var isFull: Bool { chunks.count >= Self.limit }

    /// Takes its TSN and counts as sent.
    mutating func append(_ chunk: OutgoingChunk, now: Instant) -> UInt32 {
        let tsn = nextTSN
        var chunk = chunk
        chunk.transmissions = 1
        chunk.fence = tsn
        flightBytes += chunk.count
        chunks.append(chunk)
        if probe == nil { probe = (tsn, now) }
        return UInt32(truncatingIfNeeded: tsn)
    }

    // MARK: Acknowledgement

    /// nil: older than what is known, or about TSNs that were never sent.
    mutating func acknowledge(_ sack: SackChunk, isRecovering: Bool, now: Instant) -> Acknowledgement? {
        let distance = sack.cumulativeTSN.serialDistance(from: UInt32(truncatingIfNeeded: cumulativeTSN))
        guard distance >= 0, distance <= chunks.count else { return nil }
        var result = Acknowledgement()
        for _ in 0..<distance {
            guard let chunk = chunks.popFirst() else { break }
            leave(chunk, &result)
            if let probe, probe.tsn == firstTSN {
                result.roundTrip = now - probe.sent
                self.probe = nil
            }
            firstTSN += 1
        }
        result.hasAdvanced = distance > 0
        guard !sack.blocks.isEmpty else { return result }
        var highest: Int?
        for block in sack.blocks {
            guard Int(block.start) <= chunks.count else { break }
            for index in Int(block.start) - 1..<min(Int(block.end), chunks.count)
            where chunks[index].state == .inFlight || chunks[index].state == .lost {
                leave(chunks[index], &result)
                chunks[index].state = .acknowledged
                highest = index
                if let probe, probe.tsn == firstTSN + Int64(index) {
                    result.roundTrip = now - probe.sent
                    self.probe = nil
                }
            }
        }
        if let highest { countMisses(before: highest, &result) }
        // In recovery every step forward says that what is still missing was not just late (section 7.2.4).
        if isRecovering, result.hasAdvanced, highest == nil, let last = sack.blocks.last {
            countMisses(before: min(Int(last.end) - 1, chunks.count), &result)
        }
        return result
    }

    private mutating func leave(_ chunk: OutgoingChunk, _ result: inout Acknowledgement) {
        switch chunk.state {
        case .inFlight:
            flightBytes -= chunk.count
            result.bytes += chunk.count
        case .lost:
            lostCount -= 1
            result.bytes += chunk.count
        case .acknowledged: break
        case .abandoned: abandonedCount -= 1
        }
    }

    private mutating func countMisses(before end: Int, _ result: inout Acknowledgement) {
        let newest = firstTSN + Int64(end)
        for index in 0..<end where chunks[index].state == .inFlight && chunks[index].fence <= newest {
            chunks[index].misses += 1
            guard chunks[index].misses >= Self.missesForLoss else { continue }
            markLost(index)
            result.hasLoss = true
        }
    }

    private mutating func markLost(_ index: Int) {
        chunks[index].state = .lost
        chunks[index].misses = 0
        flightBytes -= chunks[index].count
        let tsn = firstTSN + Int64(index)
        lost.append(tsn)
        lostCount += 1
        // Which of the two sendings an acknowledgement is for cannot be told (Karn's rule).
        if probe?.tsn == tsn { probe = nil }
    }

    /// No acknowledgement has come in time: everything is sent again. When gap blocks say that everything is there, the peer has thought
    /// better of it (section 6.2), and that is sent again too.
    mutating func timeOut() {
        probe = nil
        let areAllAcknowledged = flightBytes == 0 && lostCount == 0 && abandonedCount == 0
        for index in 0..<chunks.count {
            switch chunks[index].state {
            case .inFlight: markLost(index)
            case .acknowledged where areAllAcknowledged:
                flightBytes += chunks[index].count
                markLost(index)
            default: break
            }
        }
    }

    // MARK: Retransmission

    /// The next chunk to be sent again, still counted as lost; nil when none is.
    mutating func nextLost() -> Int? {
        while let tsn = lost.first {
            let index = Int(tsn - firstTSN)
            if index >= 0, index < chunks.count, chunks[index].state == .lost { return index }
            _ = lost.popFirst()
        }
        return nil
    }

    /// It is on its way again.
    mutating func retransmitted(_ index: Int) {
        _ = lost.popFirst()
        lostCount -= 1
        retransmissions += 1
        flightBytes += chunks[index].count
        chunks[index].state = .inFlight
        chunks[index].transmissions += 1
        chunks[index].fence = nextTSN
    }

    // MARK: Giving up (RFC 3758)

    /// All parts of the chunk's message that have a TSN; true when its last part is among them.
    mutating func abandonMessage(at index: Int) -> Bool {
        let number = chunks[index].number
        var start = index
        while start > 0, chunks[start - 1].number == number { start -= 1 }
        var isWhole = false
        for index in start..<chunks.count {
            guard chunks[index].number == number else { break }
            if chunks[index].flags.contains(.end) { isWhole = true }
            abandon(index)
        }
        return isWhole
    }

    private mutating func abandon(_ index: Int) {
        switch chunks[index].state {
        case .inFlight: flightBytes -= chunks[index].count
        case .lost: lostCount -= 1
        case .acknowledged: break
        case .abandoned: return
        }
        if probe?.tsn == firstTSN + Int64(index) { probe = nil }
        chunks[index].state = .abandoned
        abandonedCount += 1
    }

    /// Stands for the parts that were never sent, so that the peer can be told to forget the ones that were.
    mutating func appendAbandonedEnd(_ current: SendQueue.Current) {
        var index = chunks.count
        while index > 0, chunks[index - 1].number == current.number {
            index -= 1
            abandon(index)
        }
        var chunk = OutgoingChunk(
            message: current.message, number: current.number, sequence: current.sequence, offset: current.offset, count: 0, flags: .end)
        if !current.message.isOrdered { chunk.flags.insert(.unordered) }
        chunk.state = .abandoned
        chunks.append(chunk)
        abandonedCount += 1
    }

    /// nil: the peer waits for nothing that has been given up. It goes no further than the first chunk that has not been: what has come
    /// behind a gap is thrown away by some receivers when they are told to pass its sequence number.
    func forwardTSN() -> ForwardTSNChunk? {
        guard abandonedCount > 0 else { return nil }
        var skips: [UInt16: UInt16] = [:]
        var end = 0
        while end < chunks.count, chunks[end].state == .abandoned {
            let chunk = chunks[end]
            if !chunk.flags.contains(.unordered) {
                if skips[chunk.message.stream] == nil, skips.count == ForwardTSNChunk.maximumSkips { break }
                skips[chunk.message.stream] = chunk.sequence
            }
            end += 1
        }
        guard end > 0 else { return nil }
        let order = skips.keys.sorted()
        return ForwardTSNChunk(
            cumulativeTSN: UInt32(truncatingIfNeeded: firstTSN + Int64(end) - 1),
            skips: order.map { ForwardTSNChunk.Skip(stream: $0, sequence: skips[$0] ?? 0) })
    }

    /// Whether anything of a stream is not acknowledged yet.
    func holds(_ stream: UInt16) -> Bool {
        for index in 0..<chunks.count where chunks[index].message.stream == stream { return true }
        return false
    }
}
