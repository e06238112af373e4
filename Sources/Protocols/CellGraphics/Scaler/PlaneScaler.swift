/// Area average of one 8-bit plane: rows are weighted and summed into 16-bit columns, and those are summed along the row.
///
/// The loops run over unsafe pointers whose ranges `AxisMap` bounds by the plane's size:
/// a check per sample would cost more than the sample.
struct PlaneScaler: Sendable {
    private let vertical: AxisMap
    private let taps: AxisTaps
    private let stride: Int
    private let firstSource: Int
    private let sourceCount: Int
    /// Sums of a target row's source rows, and zeros for taps that reach past the last.
    private var columns: [UInt16]
    /// How far a row's weight in sixteenths is shifted up (or down) so that a target row's sum fills 16 bits.
    private let weightShift: Int
    /// Above 255 source rows a target row, only every so many is read.
    private let rowStep: Int

    /// - Parameter stride: the plane's width, which the map's limit must not pass.
    init(horizontal: AxisMap, vertical: AxisMap, stride: Int) {
        self.vertical = vertical
        self.stride = stride
        firstSource = horizontal.firstSource
        sourceCount = horizontal.sourceCount
        taps = AxisTaps(horizontal)
        columns = Array(repeating: 0, count: horizontal.sourceCount + taps.width)
        let tallest = zip(vertical.low, vertical.high).map { Int($1 - $0) }.max() ?? 16
        var shift = 4
        while shift > -4, Self.shifted(tallest, shift) > 255 { shift -= 1 }
        weightShift = shift
        rowStep = max(1, (tallest / 16 + 254) / 255)
    }

    private static func shifted(_ value: Int, _ shift: Int) -> Int { shift < 0 ? value &>> -shift : value &<< shift }

    /// One target row of averages.
    @inline(__always)
    mutating func scaleRow(_ y: Int, of plane: UnsafePointer<UInt8>, into output: UnsafeMutablePointer<UInt8>) {
        let total = sumRows(y, of: plane)
        columns.withUnsafeBufferPointer { columns in
            guard let sums = columns.baseAddress else { return }
            taps.average(sums, total: total, into: output)
        }
    }

    /// Weighted sums of the rows under target row `y`; gives the sum of the weights, at most 257.
    @inline(__always)
    private mutating func sumRows(_ y: Int, of plane: UnsafePointer<UInt8>) -> Int {
        let low = Int(vertical.low[y])
        let high = Int(vertical.high[y])
        let endRow = (high + 15) >> 4
        let count = sourceCount
        let start = plane + firstSource
        let (step, shift, stride) = (rowStep, weightShift, stride)
        var total = 0
        /// Past the last row: any row, weighted with nothing.
        @inline(__always) func line(_ row: Int) -> (samples: UnsafePointer<UInt8>, weight: UInt16) {
            guard row < endRow else { return (start, 0) }
            let top = row &* 16
            let weight = max(1, Self.shifted(min(top &+ 16, high) &- max(top, low), shift))
            total &+= weight
            return (start + row &* stride, UInt16(truncatingIfNeeded: weight))
        }
        columns.withUnsafeMutableBufferPointer { buffer in
            guard let columns = buffer.baseAddress else { return }
            var row = low >> 4
            var isFirst = true
            // Several rows a pass: less traffic on the sums.
            while row < endRow {
                let (a, b) = (line(row), line(row &+ step))
                if row &+ 2 &* step >= endRow {
                    if isFirst {
                        for x in 0..<count { columns[x] = UInt16(a.samples[x]) &* a.weight &+ UInt16(b.samples[x]) &* b.weight }
                    } else {
                        for x in 0..<count {
                            columns[x] = columns[x] &+ (UInt16(a.samples[x]) &* a.weight &+ UInt16(b.samples[x]) &* b.weight)
                        }
                    }
                } else {
                    let (c, d) = (line(row &+ 2 &* step), line(row &+ 3 &* step))
                    @inline(__always) func sum(_ x: Int) -> UInt16 {
                        UInt16(a.samples[x]) &* a.weight &+ UInt16(b.samples[x]) &* b.weight
                            &+ (UInt16(c.samples[x]) &* c.weight &+ UInt16(d.samples[x]) &* d.weight)
                    }
                    if isFirst {
                        for x in 0..<count { columns[x] = sum(x) }
                    } else {
                        for x in 0..<count { columns[x] = columns[x] &+ sum(x) }
                    }
                }
                isFirst = false
                row &+= 4 &* step
            }
        }
        return max(1, total)
    }
}
