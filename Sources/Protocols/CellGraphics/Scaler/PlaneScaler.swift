/// Area average of one 8-bit plane: rows are weighted and summed into 16-bit columns, and those are summed along the row.
///
/// The loops run over unsafe pointers whose ranges `AxisMap` bounds by the plane's size:
/// a check per sample would cost more than the sample.
struct PlaneScaler: Sendable {
    private var horizontal: AxisMap
    private var vertical: AxisMap
    private let stride: Int
    private var columns: [UInt16]
    private var reciprocals: [Float]
    /// Bits of a row's weight: as many of four as keep the sum of a target row within 16 bits.
    private let weightBits: Int32
    /// Above 255 source rows a target row, only every so many is read.
    private let rowStep: Int

    /// - Parameter stride: the plane's width, which the map's limit must not pass.
    init(horizontal: AxisMap, vertical: AxisMap, stride: Int) {
        self.horizontal = horizontal
        self.vertical = vertical
        self.stride = stride
        columns = Array(repeating: 0, count: horizontal.sourceCount + 1)
        reciprocals = zip(horizontal.low, horizontal.high).map { 1 / Float($1 - $0) }
        let tallest = zip(vertical.low, vertical.high).map { Int($1 - $0) }.max() ?? 16
        var bits: Int32 = 4
        while bits > 0, tallest << Int(bits) > 257 * 16 - 32 { bits -= 1 }
        weightBits = bits
        rowStep = max(1, (tallest / 16 + 254) / 255)
    }

    /// One target row of averages.
    @inline(__always)
    mutating func scaleRow(_ y: Int, of plane: UnsafePointer<UInt8>, into output: UnsafeMutablePointer<UInt8>) {
        let total = sumRows(y, of: plane)
        let base = Int32(truncatingIfNeeded: horizontal.firstSource * 16)
        let inverse = 1 / Float(total)
        let count = horizontal.low.count
        columns.withUnsafeBufferPointer { columns in
            guard let sums = columns.baseAddress else { return }
            switch horizontal.uniform {
            case 1: Self.average1(sums, inverse, output, count)
            case 2: Self.average2(sums, inverse, output, count)
            case 4: Self.average4(sums, inverse, output, count)
            default:
                horizontal.low.withUnsafeBufferPointer { low in
                    horizontal.high.withUnsafeBufferPointer { high in
                        reciprocals.withUnsafeBufferPointer { reciprocals in
                            for x in 0..<count {
                                let sum = Self.sum(sums, low[x] &- base, high[x] &- base)
                                output[x] = UInt8(truncatingIfNeeded: Int32(sum * (inverse * reciprocals[x]) + 0.5))
                            }
                        }
                    }
                }
            }
        }
    }

    /// Weighted sums of the rows under target row `y`; gives the sum of the weights.
    @inline(__always)
    private mutating func sumRows(_ y: Int, of plane: UnsafePointer<UInt8>) -> Int32 {
        let low = vertical.low[y]
        let high = vertical.high[y]
        let firstRow = Int(low >> 4)
        let endRow = Int((high + 15) >> 4)
        let count = horizontal.sourceCount
        let start = plane + horizontal.firstSource
        var total: Int32 = 0
        let bits = weightBits
        @inline(__always) func weight(_ row: Int) -> Int32 {
            let top = Int32(truncatingIfNeeded: row &* 16)
            return (min(top &+ 16, high) &- max(top, low)) >> (4 &- bits)
        }
        columns.withUnsafeMutableBufferPointer { buffer in
            guard let columns = buffer.baseAddress else { return }
            var row = firstRow
            var isFirst = true
            // Two rows a pass: half the traffic on the sums.
            while row < endRow {
                let a = max(1, weight(row))
                let next = row &+ rowStep
                let b = next < endRow ? weight(next) : 0
                total &+= a &+ b
                let upper = start + row &* stride
                let lower = b > 0 ? start + next &* stride : upper
                let (wa, wb) = (UInt16(truncatingIfNeeded: a), UInt16(truncatingIfNeeded: b))
                if isFirst {
                    for x in 0..<count { columns[x] = UInt16(upper[x]) &* wa &+ UInt16(lower[x]) &* wb }
                } else {
                    for x in 0..<count { columns[x] = columns[x] &+ (UInt16(upper[x]) &* wa &+ UInt16(lower[x]) &* wb) }
                }
                isFirst = false
                row = next &+ rowStep
            }
        }
        return max(1, total)
    }

    @inline(__always)
    private static func sum(_ sums: UnsafePointer<UInt16>, _ low: Int32, _ high: Int32) -> Float {
        let first = Int(low >> 4)
        let last = Int(high >> 4)
        guard first < last else { return Float(UInt32(sums[first]) &* UInt32(truncatingIfNeeded: high &- low)) }
        var total = UInt64(sums[first]) &* UInt64(truncatingIfNeeded: 16 &- (low & 15))
        var x = first &+ 1
        while x < last {
            total &+= UInt64(sums[x]) << 4
            x &+= 1
        }
        // Sums hold one entry more than the source, so that this may be read when its weight is zero.
        total &+= UInt64(sums[last]) &* UInt64(truncatingIfNeeded: high & 15)
        return Float(total)
    }

    @inline(__always)
    private static func average1(_ sums: UnsafePointer<UInt16>, _ inverse: Float, _ output: UnsafeMutablePointer<UInt8>, _ count: Int) {
        for x in 0..<count { output[x] = UInt8(truncatingIfNeeded: Int32(Float(sums[x]) * inverse + 0.5)) }
    }

    @inline(__always)
    private static func average2(_ sums: UnsafePointer<UInt16>, _ inverse: Float, _ output: UnsafeMutablePointer<UInt8>, _ count: Int) {
        let half = inverse * 0.5
        for x in 0..<count {
            let sum = Int32(sums[2 &* x]) &+ Int32(sums[2 &* x &+ 1])
            output[x] = UInt8(truncatingIfNeeded: Int32(Float(sum) * half + 0.5))
        }
    }

    @inline(__always)
    private static func average4(_ sums: UnsafePointer<UInt16>, _ inverse: Float, _ output: UnsafeMutablePointer<UInt8>, _ count: Int) {
        let quarter = inverse * 0.25
        for x in 0..<count {
            let i = 4 &* x
            let sum = Int32(sums[i]) &+ Int32(sums[i &+ 1]) &+ (Int32(sums[i &+ 2]) &+ Int32(sums[i &+ 3]))
            output[x] = UInt8(truncatingIfNeeded: Int32(Float(sum) * quarter + 0.5))
        }
    }
}
