/// For each target sample along one axis, the source samples under it, in sixteenths of a sample. Built once a geometry.
struct AxisMap: Equatable, Sendable {
    private(set) var low: [Int32]
    private(set) var high: [Int32]
    /// When every target sample covers the same whole number of source samples, that number; else 0.
    private(set) var uniform: Int
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
        let step = Int(high.first ?? 0) - Int(low.first ?? 0)
        let regular = step & 15 == 0 && zip(low, high).allSatisfy { Int($1 - $0) == step && $0 & 15 == 0 }
        uniform = regular && !mirrored ? step >> 4 : 0
        if mirrored {
            low.reverse()
            high.reverse()
        }
    }
}
