/// Divides a cell's samples among two colours so that the squared error, over all three channels, is least.
///
/// A set of n of N samples, and the rest, are each shown as their mean. With x the samples less the mean of all, that takes
/// |sum of the set's x|² · N / (n(N - n)) off the error: the most of that is wanted. All sets without the first sample are tried, four at a
/// time; sums are whole numbers that a Float holds exactly. Each gain's lowest bits give way to its set, so that the largest names it.
///
/// The set chosen before stays as long as noise may be all that speaks against it.
enum BlockSplit {
    struct Result {
        /// Which samples are ink, a bit each; never the first. 0: all are paper.
        var parts: UInt32
        var ink: UInt32
        var paper: UInt32
    }

    /// Of 2x2 samples, 0x00RRGGBB, row by row.
    /// - Parameters:
    ///   - former: the parts that were ink before.
    ///   - tolerance: of `tolerance(noise:)`.
    @inline(__always)
    static func quadrants(_ s: (UInt32, UInt32, UInt32, UInt32), former: UInt32 = 0, tolerance: Float = 0) -> Result {
        let l = (ColorDistance.spread(s.0), ColorDistance.spread(s.1), ColorDistance.spread(s.2), ColorDistance.spread(s.3))
        let total = l.0 &+ l.1 &+ l.2 &+ l.3
        let low = (
            four(x(l.1, total, 0, 4), x(l.2, total, 0, 4)), four(x(l.1, total, 16, 4), x(l.2, total, 16, 4)),
            four(x(l.1, total, 32, 4), x(l.2, total, 32, 4))
        )
        let third = (x(l.3, total, 0, 4), x(l.3, total, 16, 4), x(l.3, total, 32, 4))
        // By how many are in the set: 1/3, 1/4, 1/3.
        let a = marked(gain(low, (0, 0, 0), SIMD4(0, 4, 4, 3)), SIMD4(0, 1, 2, 3), 7)
        let b = marked(gain(low, third, SIMD4(4, 3, 3, 4)), SIMD4(4, 5, 6, 7), 7)
        @inline(__always) func inked(_ parts: UInt32) -> UInt64 {
            chosen(l.1, parts, 1) &+ chosen(l.2, parts, 2) &+ chosen(l.3, parts, 3)
        }
        var (parts, most) = largest(greater(a, b), 7)
        if parts != former {
            let n = former.nonzeroBitCount
            let lost = most - gain(inked(former), total, n, 4) * (n == 2 ? 3 : 4)
            if lost * lost <= tolerance * 48 * most { parts = former }
        }
        guard parts != 0 else { return plain(total, 4) }
        return result(parts, inked(parts), total, count: 4)
    }

    /// Of 2x3 samples.
    @inline(__always)
    static func sextants(
        _ s: (UInt32, UInt32, UInt32, UInt32, UInt32, UInt32), former: UInt32 = 0, tolerance: Float = 0
    ) -> Result {
        let l = (
            ColorDistance.spread(s.0), ColorDistance.spread(s.1), ColorDistance.spread(s.2), ColorDistance.spread(s.3),
            ColorDistance.spread(s.4), ColorDistance.spread(s.5)
        )
        let total = l.0 &+ l.1 &+ l.2 &+ l.3 &+ l.4 &+ l.5
        let low = (
            four(x(l.1, total, 0, 6), x(l.2, total, 0, 6)), four(x(l.1, total, 16, 6), x(l.2, total, 16, 6)),
            four(x(l.1, total, 32, 6), x(l.2, total, 32, 6))
        )
        let third = (x(l.3, total, 0, 6), x(l.3, total, 16, 6), x(l.3, total, 32, 6))
        let fourth = (x(l.4, total, 0, 6), x(l.4, total, 16, 6), x(l.4, total, 32, 6))
        let fifth = (x(l.5, total, 0, 6), x(l.5, total, 16, 6), x(l.5, total, 32, 6))
        // By how many are in the set, 1...5: 1/5, 1/8, 1/9, 1/8, 1/5, in 360ths.
        let (none, one, two, three) = (
            SIMD4<Float>(0, 72, 72, 45), SIMD4<Float>(72, 45, 45, 40), SIMD4<Float>(45, 40, 40, 45), SIMD4<Float>(40, 45, 45, 72)
        )
        let index = SIMD4<UInt32>(0, 1, 2, 3)
        let a = marked(gain(low, (0, 0, 0), none), index, 31)
        let b = marked(gain(low, third, one), index &+ 4, 31)
        let c = marked(gain(low, fourth, one), index &+ 8, 31)
        let d = marked(gain(low, sum(third, fourth), two), index &+ 12, 31)
        let e = marked(gain(low, fifth, one), index &+ 16, 31)
        let f = marked(gain(low, sum(third, fifth), two), index &+ 20, 31)
        let g = marked(gain(low, sum(fourth, fifth), two), index &+ 24, 31)
        let h = marked(gain(low, sum(sum(third, fourth), fifth), three), index &+ 28, 31)
        @inline(__always) func inked(_ parts: UInt32) -> UInt64 {
            chosen(l.1, parts, 1) &+ chosen(l.2, parts, 2) &+ chosen(l.3, parts, 3) &+ chosen(l.4, parts, 4) &+ chosen(l.5, parts, 5)
        }
        var (parts, most) = largest(greater(greater(greater(a, b), greater(c, d)), greater(greater(e, f), greater(g, h))), 31)
        if parts != former {
            let n = former.nonzeroBitCount
            let lost = most - gain(inked(former), total, n, 6) * (n == 3 ? 40 : n == 1 || n == 5 ? 72 : 45)
            if lost * lost <= tolerance * 2160 * most { parts = former }
        }
        guard parts != 0 else { return plain(total, 6) }
        return result(parts, inked(parts), total, count: 6)
    }

    /// The former set stays where the best one's lead is what noise of so many levels can make: a sample halfway between two colours d
    /// apart leads by 2d for each level that it moves, and to tell the colours apart gains about d².
    static func tolerance(noise: UInt8) -> Float { 12 * Float(noise) * Float(noise) }

    private typealias Color = (Float, Float, Float)

    /// A sample's channel less the mean of all, times their number.
    @inline(__always)
    private static func x(_ lanes: UInt64, _ total: UInt64, _ shift: UInt64, _ count: Int32) -> Float {
        let value = Int32(truncatingIfNeeded: lanes >> shift & 0xffff)
        return Float(value &* count &- Int32(truncatingIfNeeded: total >> shift & 0xffff))
    }

    /// The sums of no sample, the first, the second, both.
    @inline(__always)
    private static func four(_ first: Float, _ second: Float) -> SIMD4<Float> { SIMD4(0, first, second, first + second) }

    @inline(__always)
    private static func sum(_ a: Color, _ b: Color) -> Color { (a.0 + b.0, a.1 + b.1, a.2 + b.2) }

    @inline(__always)
    private static func gain(
        _ low: (SIMD4<Float>, SIMD4<Float>, SIMD4<Float>), _ offset: Color, _ weights: SIMD4<Float>
    ) -> SIMD4<Float> {
        let (blue, green, red) = (low.0 + offset.0, low.1 + offset.1, low.2 + offset.2)
        return (blue * blue + green * green + red * red) * weights
    }

    @inline(__always)
    private static func marked(_ gains: SIMD4<Float>, _ sets: SIMD4<UInt32>, _ mask: UInt32) -> SIMD4<Float> {
        let bits = unsafeBitCast(gains, to: SIMD4<UInt32>.self) & SIMD4(repeating: ~mask)
        return unsafeBitCast(bits | sets, to: SIMD4<Float>.self)
    }

    /// Lane by lane.
    @inline(__always)
    private static func greater(_ a: SIMD4<Float>, _ b: SIMD4<Float>) -> SIMD4<Float> { a.replacing(with: b, where: a .< b) }

    /// The parts marked in the largest, none where nothing is gained; and that gain.
    @inline(__always)
    private static func largest(_ gains: SIMD4<Float>, _ mask: UInt32) -> (parts: UInt32, gain: Float) {
        let bits = unsafeBitCast(gains, to: SIMD4<UInt32>.self)
        let best = max(max(bits.x, bits.y), max(bits.z, bits.w))
        return best > mask ? ((best & mask) << 1, Float(bitPattern: best)) : (0, 0)
    }

    /// What a set of n samples gains, unweighted.
    @inline(__always)
    private static func gain(_ ink: UInt64, _ total: UInt64, _ n: Int, _ count: Int32) -> Float {
        @inline(__always) func square(_ shift: UInt64) -> Float {
            let all = Int32(truncatingIfNeeded: total >> shift & 0xffff)
            let x = Float(Int32(truncatingIfNeeded: ink >> shift & 0xffff) &* count &- all &* Int32(truncatingIfNeeded: n))
            return x * x
        }
        return square(0) + square(16) + square(32)
    }

    /// All samples in one colour.
    @inline(__always)
    private static func plain(_ total: UInt64, _ count: Int) -> Result {
        let mean = mean(total, count)
        return Result(parts: 0, ink: mean, paper: mean)
    }

    @inline(__always)
    private static func chosen(_ lanes: UInt64, _ parts: UInt32, _ bit: UInt32) -> UInt64 {
        lanes & (0 &- UInt64(truncatingIfNeeded: parts >> bit & 1))
    }

    @inline(__always)
    private static func result(_ parts: UInt32, _ ink: UInt64, _ total: UInt64, count: Int) -> Result {
        let n = parts.nonzeroBitCount
        return Result(parts: parts, ink: mean(ink, n), paper: mean(total &- ink, count &- n))
    }

    /// Of 1...6 colours' sum, rounded.
    @inline(__always)
    private static func mean(_ sum: UInt64, _ count: Int) -> UInt32 {
        // Rounded up, the reciprocal is exact for sums this small.
        let reciprocal = (65536 &+ UInt64(truncatingIfNeeded: count) &- 1) / UInt64(truncatingIfNeeded: count)
        let half = UInt64(truncatingIfNeeded: count >> 1)
        @inline(__always) func channel(_ shift: UInt64) -> UInt32 {
            UInt32(truncatingIfNeeded: (((sum >> shift & 0xffff) &+ half) &* reciprocal) >> 16)
        }
        return channel(32) << 16 | channel(16) << 8 | channel(0)
    }
}
