/// The printable ASCII glyphs in the order of their ink, made ready to be compared with what eight sub-cells of a picture want.
///
/// Ink is counted in levels: 255 is the mean of the densest glyph, which stands for white, so that a sub-cell's may be more.
struct GlyphChoice: Sendable {
    static let count = 95
    /// So many neighbours in the order are compared: enough shapes of about the same ink, for eight lanes at once.
    private static let window = 8
    /// What a sub-cell's wrong shape counts beside wrong ink of the whole: the eye (and the blur that stands for it) sees less of it.
    private static let shapeWeight: Float = 0.15
    /// Wanted ink that has an entry of its own in `starts`.
    private static let levels = 320

    /// By place in the order: the picture word.
    let words: [UInt32]
    /// Mean ink.
    let inks: [Float]
    /// Eight planes, a sub-cell each: the glyph's difference from its mean there, weighted.
    private let shapes: [Float]
    /// The square of each glyph's shape, weighted.
    private let squares: [Float]
    /// Where the window for a wanted ink begins.
    private let starts: [UInt8]

    init() {
        let subcells = GlyphCoverage.subcells
        func total(_ glyph: Int) -> Int { subcells[8 * glyph..<8 * glyph + 8].reduce(0) { $0 + Int($1) } }
        let order = (0..<Self.count).sorted { (total($0), $0) < (total($1), $1) }
        let scale = 255 * 8 / Float(max(1, total(order[Self.count - 1])))
        let inks = order.map { Float(total($0)) / 8 * scale }
        words = order.map { UInt32(0x20 + $0) | GlyphWord.picture }
        self.inks = inks
        var shapes = [Float](repeating: 0, count: 8 * Self.count)
        var squares = [Float](repeating: 0, count: Self.count)
        for (place, glyph) in order.enumerated() {
            for k in 0..<8 {
                let difference = Float(subcells[8 * glyph + k]) * scale - inks[place]
                shapes[k * Self.count + place] = 2 * Self.shapeWeight * difference
                squares[place] += Self.shapeWeight * difference * difference
            }
        }
        self.shapes = shapes
        self.squares = squares
        starts = (0..<Self.levels).map { level in
            let nearest = inks.indices.min { abs(inks[$0] - Float(level)) < abs(inks[$1] - Float(level)) } ?? 0
            return UInt8(max(0, min(Self.count - Self.window, nearest - Self.window / 2)))
        }
    }

    /// Calls `body` with the tables as they lie in memory, for many cells at once.
    func withTables<Result>(_ body: (borrowing Tables) -> Result) -> Result {
        words.withUnsafeBufferPointer { words in
            inks.withUnsafeBytes { inks in
                shapes.withUnsafeBytes { shapes in
                    squares.withUnsafeBytes { squares in
                        starts.withUnsafeBufferPointer { starts in
                            body(Tables(words: words, inks: inks, shapes: shapes, squares: squares, starts: starts))
                        }
                    }
                }
            }
        }
    }

    /// Valid inside `withTables` only.
    struct Tables {
        let words: UnsafeBufferPointer<UInt32>
        let inks: UnsafeRawBufferPointer
        let shapes: UnsafeRawBufferPointer
        let squares: UnsafeRawBufferPointer
        let starts: UnsafeBufferPointer<UInt8>

        @inline(__always)
        func ink(_ place: Int) -> Float { inks.loadUnaligned(fromByteOffset: 4 &* place, as: Float.self) }

        /// The place of the best glyph, or `shown` (`GlyphChoice.count`: none) while it would be better with `slack` more or less of the wanted ink.
        /// - Parameters:
        ///   - wanted: mean ink, with what neighbours still owe.
        ///   - shape: the sub-cells' differences from their own mean.
        @inline(__always)
        func place(wanted: Float, shape: SIMD8<Float>, shown: Int, slack: Float) -> Int {
            let start = Int(starts[Int(max(0, min(Float(GlyphChoice.levels - 1), wanted)))])
            @inline(__always) func lanes(_ table: UnsafeRawBufferPointer, _ first: Int) -> SIMD8<Float> {
                table.loadUnaligned(fromByteOffset: 4 &* first, as: SIMD8<Float>.self)
            }
            let off = lanes(inks, start) - wanted
            var cost = off * off * 8 + lanes(squares, start)
            for k in 0..<8 { cost -= lanes(shapes, k &* GlyphChoice.count &+ start) * shape[k] }
            var (best, least, nearest) = (0, cost[0], 0)
            for lane in 1..<8 where cost[lane] < least { (best, least) = (lane, cost[lane]) }
            guard shown < GlyphChoice.count, shown != start &+ best else { return start &+ best }
            // The outermost may be there only because noise moved the window: they are no reason to leave the shown one.
            let (inner, end) = (start == 0 ? 0 : 1, start == GlyphChoice.count &- GlyphChoice.window ? 8 : 7)
            (least, nearest) = (cost[inner], inner)
            for lane in inner..<end where cost[lane] < least { (least, nearest) = (cost[lane], lane) }
            let shownOff = ink(shown) - wanted
            var shownCost = shownOff * shownOff * 8 + squares.loadUnaligned(fromByteOffset: 4 &* shown, as: Float.self)
            for k in 0..<8 {
                shownCost -= shapes.loadUnaligned(fromByteOffset: 4 &* (k &* GlyphChoice.count &+ shown), as: Float.self) * shape[k]
            }
            // What moving the wanted ink changes between the two, and what noise between the sub-cells does.
            let allowed = 16 * slack * abs(ink(shown) - ink(start &+ nearest)) + 128 * slack
            return shownCost <= least + allowed ? shown : start &+ best
        }
    }
}
