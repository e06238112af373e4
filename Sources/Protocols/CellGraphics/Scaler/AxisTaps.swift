/// An axis map as a filter: each target sample is a weighted sum of `width` neighbouring source samples.
struct AxisTaps: Sendable {
    /// The first source sample of each, from the map's first on.
    private let first: [Int32]
    /// `width` for each target sample, in 65536ths, 65536 together; those that reach past what lies under it are 0.
    private let weights: [UInt16]
    /// A multiple of four.
    let width: Int
    /// Above this the halves of a unit that each product loses would show.
    private static let mostShortTaps = 32

    init(_ map: AxisMap) {
        let spans = zip(map.low, map.high)
        let widest = spans.map { Int(($1 + 15) >> 4 - $0 >> 4) }.max() ?? 1
        let width = (widest + 3) / 4 * 4
        self.width = width
        first = map.low.map { $0 >> 4 - Int32(map.firstSource) }
        weights = spans.flatMap { low, high in
            let start = Int(low) / 16 * 16
            // Rounded as a running sum, so that no error is left over.
            func share(_ edge: Int) -> Int {
                let covered = max(Int(low), min(Int(high), edge)) - Int(low)
                return (covered * 65536 + Int(high - low) / 2) / Int(high - low)
            }
            return (0..<width).map { UInt16(min(65535, share(start + 16 * ($0 + 1)) - share(start + 16 * $0))) }
        }
    }

    /// - Parameters:
    ///   - sums: the source samples times `total`, 16 bits each, with `width` more readable after the last.
    ///   - total: 1...257.
    @inline(__always)
    func average(_ sums: UnsafePointer<UInt16>, total: Int, into output: UnsafeMutablePointer<UInt8>) {
        let inverse = (UInt64(1) << 32) / UInt64(truncatingIfNeeded: total)
        // Each short product loses half a unit on the average.
        let bias = (width <= Self.mostShortTaps ? UInt64(truncatingIfNeeded: width / 2) : 0) &* inverse &+ (1 << 31)
        first.withUnsafeBufferPointer { first in
            weights.withUnsafeBufferPointer { weights in
                guard let first = first.baseAddress, let weights = weights.baseAddress else { return }
                let count = self.first.count
                switch width {
                case 4: Self.average(sums, first, weights, width: 4, count, inverse, bias, output)
                case 8: Self.average(sums, first, weights, width: 8, count, inverse, bias, output)
                case ...Self.mostShortTaps: Self.average(sums, first, weights, width: width, count, inverse, bias, output)
                default: Self.averageMany(sums, first, weights, width: width, count, inverse, bias, output)
                }
            }
        }
    }

    @inline(__always)
    private static func average(
        _ sums: UnsafePointer<UInt16>, _ first: UnsafePointer<Int32>, _ weights: UnsafePointer<UInt16>, width: Int, _ count: Int,
        _ inverse: UInt64, _ bias: UInt64, _ output: UnsafeMutablePointer<UInt8>
    ) {
        for x in 0..<count {
            let source = UnsafeRawPointer(sums + Int(first[x]))
            let weight = UnsafeRawPointer(weights + x &* width)
            var four = highProduct(source.loadUnaligned(as: SIMD4<UInt16>.self), weight.loadUnaligned(as: SIMD4<UInt16>.self))
            var tap = 4
            while tap < width {
                four &+= highProduct(
                    source.loadUnaligned(fromByteOffset: 2 &* tap, as: SIMD4<UInt16>.self),
                    weight.loadUnaligned(fromByteOffset: 2 &* tap, as: SIMD4<UInt16>.self))
                tap &+= 4
            }
            // One multiplication adds four lanes into the highest: together they are at most 16 bits.
            let sum = (unsafeBitCast(four, to: UInt64.self) &* 0x0001_0001_0001_0001) >> 48
            output[x] = UInt8(truncatingIfNeeded: (sum &* inverse &+ bias) >> 32)
        }
    }

    private static func averageMany(
        _ sums: UnsafePointer<UInt16>, _ first: UnsafePointer<Int32>, _ weights: UnsafePointer<UInt16>, width: Int, _ count: Int,
        _ inverse: UInt64, _ bias: UInt64, _ output: UnsafeMutablePointer<UInt8>
    ) {
        for x in 0..<count {
            let source = sums + Int(first[x])
            let weight = weights + x &* width
            var sum: UInt64 = 0x8000
            for tap in 0..<width { sum &+= UInt64(UInt32(source[tap]) &* UInt32(weight[tap])) }
            output[x] = UInt8(truncatingIfNeeded: ((sum >> 16) &* inverse &+ bias) >> 32)
        }
    }

    /// The upper half of each product.
    @inline(__always)
    private static func highProduct(_ a: SIMD4<UInt16>, _ b: SIMD4<UInt16>) -> SIMD4<UInt16> {
        let product = SIMD4<UInt32>(truncatingIfNeeded: a) &* SIMD4<UInt32>(truncatingIfNeeded: b)
        return SIMD4<UInt16>(truncatingIfNeeded: product &>> 16)
    }
}
