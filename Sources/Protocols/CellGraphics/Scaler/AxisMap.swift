/// For each target sample along one axis, the source samples under it, in sixteenths of a sample. Built once a geometry.
struct AxisMap: Equatable, Sendable {
    private(set) var low: [Int32]
    private(set) var high: [Int32]
    /// The source samples touched.
    private(set) var firstSource: Int
    private(set) var sourceCount: Int

    /// `offset` and `length` in sixteenths; what reaches past `limit` source samples is cut.
    init(offset: Int, length: Int, limit: Int, count: Int, mirrored: Bool = false) {
        let end = limit * 16
        let start = max(0, min(offset, end - 1))
        let span = max(1, min(length, end - start))
        low = []
        high = []
        low.reserveCapacity(count)
        high.reserveCapacity(count)
        for i in 0..<count {
            let a = min(end - 1, start + i * span / count)
            let b = min(end, max(a + 1, start + (i + 1) * span / count))
            low.append(Int32(truncatingIfNeeded: a))
            high.append(Int32(truncatingIfNeeded: b))
        }
        firstSource = Int(low.first ?? 0) >> 4
        sourceCount = max(1, (Int(high.last ?? 16) + 15) >> 4 - firstSource)
        if mirrored {
            low.reverse()
            high.reverse()
        }
    }
}
