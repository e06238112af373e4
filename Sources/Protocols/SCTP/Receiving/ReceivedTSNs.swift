import ByteCoding

/// Which TSNs have come: all up to one, and stretches beyond it.
struct ReceivedTSNs: Sendable {
    struct Stretch: Sendable, Equatable {
        var first: Int64
        var last: Int64
    }

    enum Standing { case next, ahead, duplicate, outOfReach }

    /// As far as a gap block reaches.
    private static let reach: Int64 = 65_535
    private static let stretchLimit = 2048
    private static let duplicateLimit = 16

    private(set) var cumulative: Int64
    /// Rising, none touching another or the cumulative one.
    private(set) var stretches: [Stretch] = []
    private var duplicates: [UInt32] = []

    init(initialTSN: UInt32) { cumulative = Int64(initialTSN) + 1 << 32 - 1 }

    var hasGaps: Bool { !stretches.isEmpty }
    var wireCumulative: UInt32 { UInt32(truncatingIfNeeded: cumulative) }

    func unwrap(_ tsn: UInt32) -> Int64 { cumulative + Int64(tsn.serialDistance(from: wireCumulative)) }

    /// The place where a TSN is, or would be put: the first stretch that does not end before it.
    private func place(_ tsn: Int64) -> Int {
        guard let last = stretches.last else { return 0 }
        if tsn > last.last { return stretches.count }
        var low = 0
        var high = stretches.count
        while low < high {
            let middle = (low + high) / 2
            if stretches[middle].last < tsn { low = middle + 1 } else { high = middle }
        }
        return low
    }

    func standing(_ tsn: Int64) -> Standing {
        if tsn == cumulative + 1 { return .next }
        if tsn <= cumulative { return .duplicate }
        if tsn - cumulative > Self.reach { return .outOfReach }
        guard hasGaps else { return .ahead }
        let index = place(tsn)
        if index < stretches.count, stretches[index].first <= tsn { return .duplicate }
        return stretches.count < Self.stretchLimit || joins(tsn, at: index) ? .ahead : .outOfReach
    }

    private func joins(_ tsn: Int64, at index: Int) -> Bool {
        index < stretches.count && stretches[index].first == tsn + 1 || index > 0 && stretches[index - 1].last == tsn - 1
    }

    mutating func noteDuplicate(_ tsn: UInt32) {
        if duplicates.count < Self.duplicateLimit { duplicates.append(tsn) }
    }

    /// A TSN whose standing is `next` or `ahead`.
    mutating func insert(_ tsn: Int64) {
        if tsn == cumulative + 1 {
            cumulative = tsn
            if hasGaps { absorb() }
            return
        }
        let index = place(tsn)
        let joinsNext = index < stretches.count && stretches[index].first == tsn + 1
        if index > 0, stretches[index - 1].last == tsn - 1 {
            stretches[index - 1].last = joinsNext ? stretches[index].last : tsn
            if joinsNext { stretches.remove(at: index) }
        } else if joinsNext {
            stretches[index].first = tsn
        } else {
            stretches.insert(Stretch(first: tsn, last: tsn), at: index)
        }
    }

    /// Counts everything up to a TSN as come (RFC 3758, section 3.6).
    mutating func advance(to tsn: Int64) {
        guard tsn > cumulative else { return }
        cumulative = tsn
        absorb()
    }

    private mutating func absorb() {
        var count = 0
        while count < stretches.count, stretches[count].first <= cumulative + 1 {
            cumulative = max(cumulative, stretches[count].last)
            count += 1
        }
        if count > 0 { stretches.removeFirst(count) }
    }

    /// As many blocks as fit into `room` bytes; the duplicates are reported once.
    mutating func sack(window: UInt32, room: Int) -> SackChunk {
        var sack = SackChunk(cumulativeTSN: wireCumulative, window: window)
        var left = max(0, (room - SackChunk.fixedSize) / 4)
        for stretch in stretches.prefix(left) {
            let start = stretch.first - cumulative
            guard start <= Self.reach else { break }
            sack.blocks.append(
                SackChunk.Block(
                    start: UInt16(truncatingIfNeeded: start), end: UInt16(truncatingIfNeeded: min(Self.reach, stretch.last - cumulative))))
            left -= 1
        }
        sack.duplicates = Array(duplicates.prefix(max(0, left)))
        duplicates.removeAll(keepingCapacity: true)
        return sack
    }
}
