/// Brings pictures to another size: each new pixel is the mean of what it covers, parts of old pixels counted as such.
///
/// The tables of the last pair of sizes are kept, so that a stream of pictures costs one allocation each: the new picture.
public struct I420Scaler: Sendable {
    private struct Geometry: Equatable {
        var width: Int
        var height: Int
        var newWidth: Int
        var newHeight: Int
    }

    private var geometry: Geometry?
    private var luma = PlaneTables()
    private var chroma = PlaneTables()

    public init() {}

    /// - Parameters: the new size, clamped to 1...16384.
    public mutating func scale(_ frame: I420Frame, width newWidth: Int, height newHeight: Int) -> I420Frame {
        guard newWidth != frame.width || newHeight != frame.height else { return frame }
        var result = I420Frame(uninitializedWidth: newWidth, height: newHeight, time: frame.time)
        let wanted = Geometry(width: frame.width, height: frame.height, newWidth: result.width, newHeight: result.height)
        if wanted != geometry {
            geometry = wanted
            luma = PlaneTables(frame.width, frame.height, result.width, result.height)
            chroma = PlaneTables(frame.chromaWidth, frame.chromaHeight, result.chromaWidth, result.chromaHeight)
        }
        let (chromaOffset, chromaCount) = (result.chromaOffset, result.chromaCount)
        frame.bytes.withUnsafeBufferPointer { source in
            result.bytes.withUnsafeMutableBufferPointer { target in
                guard let source = source.baseAddress, let target = target.baseAddress else { return }
                luma.scale(source, into: target)
                chroma.scale(source + frame.chromaOffset, into: target + chromaOffset)
                chroma.scale(source + frame.chromaOffset + frame.chromaCount, into: target + chromaOffset + chromaCount)
            }
        }
        return result
    }
}

extension I420Frame {
    /// The whole picture in another size, clamped to 1...16384; for a single one, as `I420Scaler` keeps its tables for the next.
    public func scaled(width newWidth: Int, height newHeight: Int) -> I420Frame {
        var scaler = I420Scaler()
        return scaler.scale(self, width: newWidth, height: newHeight)
    }
}

/// One plane: rows are weighted and added up into columns of 16 bits, and those along the row.
///
/// The loops run over unsafe pointers whose ranges come from the planes' sizes: a check per sample would cost more than the sample.
private struct PlaneTables: Sendable {
    /// The old samples under each new one, and their shares in 1/256, which add up to 256.
    private struct Axis: Sendable {
        var first: [Int32] = []
        /// `first.count + 1` places in `weights`.
        var starts: [Int32] = [0]
        var weights: [UInt16] = []

        init() {}

        init(old: Int, new: Int) {
            first.reserveCapacity(new)
            starts.reserveCapacity(new + 1)
            weights.reserveCapacity(old + 2 * new)
            for index in 0..<new {
                // In units of 1/new of an old sample.
                let (low, high) = (index * old, (index + 1) * old)
                let begin = low / new
                first.append(Int32(begin))
                var given = 0
                for sample in begin..<(high + new - 1) / new {
                    let covered = min(high, (sample + 1) * new) - low
                    let sum = (covered * 256 + old / 2) / old
                    weights.append(UInt16(sum - given))
                    given = sum
                }
                starts.append(Int32(weights.count))
            }
        }

        /// The same with as many samples under each new one, where need be with no share: a loop of one length is never guessed wrong.
        var evened: Axis {
            let counts = first.indices.map { Int(starts[$0 + 1] - starts[$0]) }
            guard let most = counts.max(), let last = first.last else { return self }
            let old = Int(last) + (counts.last ?? 0)
            var even = Axis()
            for (index, count) in counts.enumerated() {
                let begin = min(Int(first[index]), old - most)
                let (before, place) = (Int(first[index]) - begin, Int(starts[index]))
                even.first.append(Int32(begin))
                even.weights += repeatElement(0, count: before)
                even.weights += weights[place..<place + count]
                even.weights += repeatElement(0, count: most - before - count)
                even.starts.append(Int32(even.weights.count))
            }
            return even
        }
    }

    private var across = Axis()
    private var down = Axis()
    private var stride = 0
    /// Samples under each new one of a row.
    private var taps = 0
    /// Every new sample is the mean of just this many old ones, when that is a power of two up to four.
    private var whole = 0
    private var columns: [UInt16] = []

    init() {}

    init(_ width: Int, _ height: Int, _ newWidth: Int, _ newHeight: Int) {
        across = Axis(old: width, new: newWidth).evened
        taps = across.first.isEmpty ? 0 : across.weights.count / across.first.count
        down = Axis(old: height, new: newHeight)
        stride = width
        if newWidth * 2 == width { whole = 2 } else if newWidth * 4 == width { whole = 4 } else if newWidth == width { whole = 1 }
        columns = Array(repeating: 0, count: width)
    }

    mutating func scale(_ source: UnsafePointer<UInt8>, into target: UnsafeMutablePointer<UInt8>) {
        let (width, count) = (stride, across.first.count)
        for row in 0..<down.first.count {
            let line = target + row * count
            columns.withUnsafeMutableBufferPointer { columns in
                guard let sums = columns.baseAddress else { return }
                var place = Int(down.starts[row])
                let end = Int(down.starts[row + 1])
                var old = source + Int(down.first[row]) * width
                if end - place >= 3 {
                    let weights = (down.weights[place], down.weights[place + 1], down.weights[place + 2])
                    Self.set(sums, old, weights, width)
                    old += 2 * width
                    place += 3
                } else {
                    Self.set(sums, old, down.weights[place], width)
                    place += 1
                }
                while place < end {
                    old += width
                    if down.weights[place] > 0 { Self.add(sums, old, down.weights[place], width) }
                    place += 1
                }
                switch whole {
                case 1: for x in 0..<count { line[x] = UInt8(truncatingIfNeeded: (UInt32(sums[x]) &+ 128) >> 8) }
                case 2:
                    for x in 0..<count {
                        line[x] = UInt8(truncatingIfNeeded: (UInt32(sums[2 &* x]) &+ UInt32(sums[2 &* x &+ 1]) &+ 256) >> 9)
                    }
                case 4:
                    for x in 0..<count {
                        let (i, half) = (4 &* x, UInt32(512))
                        let sum = UInt32(sums[i]) &+ UInt32(sums[i &+ 1]) &+ (UInt32(sums[i &+ 2]) &+ UInt32(sums[i &+ 3]))
                        line[x] = UInt8(truncatingIfNeeded: (sum &+ half) >> 10)
                    }
                default: Self.average(sums, across, taps, line)
                }
            }
        }
    }

    @inline(__always)
    private static func set(_ sums: UnsafeMutablePointer<UInt16>, _ row: UnsafePointer<UInt8>, _ weight: UInt16, _ count: Int) {
        for x in 0..<count { sums[x] = UInt16(row[x]) &* weight }
    }

    @inline(__always)
    private static func add(_ sums: UnsafeMutablePointer<UInt16>, _ row: UnsafePointer<UInt8>, _ weight: UInt16, _ count: Int) {
        for x in 0..<count { sums[x] = sums[x] &+ UInt16(row[x]) &* weight }
    }

    /// Three rows at once, so that the sums are written once.
    @inline(__always)
    private static func set(
        _ sums: UnsafeMutablePointer<UInt16>, _ row: UnsafePointer<UInt8>, _ weights: (UInt16, UInt16, UInt16), _ count: Int
    ) {
        let (second, third) = (row + count, row + 2 * count)
        for x in 0..<count {
            sums[x] = UInt16(row[x]) &* weights.0 &+ UInt16(second[x]) &* weights.1 &+ UInt16(third[x]) &* weights.2
        }
    }

    @inline(__always)
    private static func average(
        _ sums: UnsafePointer<UInt16>, _ across: Axis, _ taps: Int, _ line: UnsafeMutablePointer<UInt8>
    ) {
        across.first.withUnsafeBufferPointer { first in
            across.weights.withUnsafeBufferPointer { weights in
                guard let weights = weights.baseAddress else { return }
                // The usual counts as constants, for loops that are unrolled.
                switch taps {
                case 2: average(sums, first, weights, 2, line)
                case 3: average(sums, first, weights, 3, line)
                case 4: average(sums, first, weights, 4, line)
                case 5: average(sums, first, weights, 5, line)
                default: average(sums, first, weights, taps, line)
                }
            }
        }
    }

    @inline(__always)
    private static func average(
        _ sums: UnsafePointer<UInt16>, _ first: UnsafeBufferPointer<Int32>, _ weights: UnsafePointer<UInt16>, _ taps: Int,
        _ line: UnsafeMutablePointer<UInt8>
    ) {
        var shares = weights
        for x in 0..<first.count {
            let old = sums + Int(first[x])
            var sum: UInt32 = 1 << 15
            for tap in 0..<taps { sum &+= UInt32(old[tap]) &* UInt32(shares[tap]) }
            line[x] = UInt8(truncatingIfNeeded: sum >> 16)
            shares += taps
        }
    }
}
