/// What the terminal shows, as far as has been written to it, and where a grid differs from that.
///
/// For a picture cell the colours are those really shown, after elision, so that small changes add up against them and errors do not drift.
struct GridDiff: Sendable {
    let columns: Int
    let rows: Int
    var glyphs: [UInt32]
    var foregrounds: [UInt32]
    var backgrounds: [UInt32]
    /// In the indexed modes, what each picture cell was sent as: an `EntryPair`. Its colours are then those of the grid that last chose it.
    var entries: [UInt32]

    init(columns: Int, rows: Int) {
        self.columns = columns
        self.rows = rows
        glyphs = Array(repeating: GlyphWord.unknown, count: columns * rows)
        foregrounds = Array(repeating: CellColor.defaultValue, count: columns * rows)
        backgrounds = foregrounds
        entries = Array(repeating: EntryPair.unknown, count: columns * rows)
    }

    /// As after clearing the screen.
    mutating func reset() {
        for index in glyphs.indices {
            glyphs[index] = GlyphWord.space
            foregrounds[index] = CellColor.defaultValue
            backgrounds[index] = CellColor.defaultValue
        }
    }

    /// What is shown has not been chosen from a palette.
    mutating func forgetEntries() {
        for index in entries.indices { entries[index] = EntryPair.unknown }
    }

    /// What pixels lie on stays blank: their picture covers it again when it is sent (`PixelLayer.repaint(rows:)`), and blanking it would show.
    mutating func forget(row: Int) {
        guard row >= 0, row < rows else { return }
        for index in row * columns..<(row + 1) * columns where glyphs[index] != GlyphWord.hole { glyphs[index] = GlyphWord.unknown }
    }
}

/// The three arrays of a grid or of what is shown, while a frame is encoded.
struct CellPointers {
    let glyphs: UnsafePointer<UInt32>
    let foregrounds: UnsafePointer<UInt32>
    let backgrounds: UnsafePointer<UInt32>
}

extension CellPointers {
    /// The first index from `index` up to `end` where the two differ: picture cells by more than the threshold in a channel, others at all.
    @inline(__always)
    func firstDifference(to shown: CellPointers, from index: Int, end: Int, limit: SIMD16<UInt8>, distance: ColorDistance) -> Int {
        var i = index
        while i &+ 4 <= end {
            let words = Self.four(glyphs, i)
            guard words == Self.four(shown.glyphs, i), words.x & words.y & words.z & words.w & GlyphWord.picture != 0,
                Self.areNear(Self.sixteen(foregrounds, i), Self.sixteen(shown.foregrounds, i), limit),
                Self.areNear(Self.sixteen(backgrounds, i), Self.sixteen(shown.backgrounds, i), limit)
            else {
                for j in i..<i &+ 4 where differs(from: shown, at: j, distance: distance) { return j }
                i &+= 4
                continue
            }
            i &+= 4
        }
        while i < end, !differs(from: shown, at: i, distance: distance) { i &+= 1 }
        return i
    }

    @inline(__always)
    func differs(from shown: CellPointers, at i: Int, distance: ColorDistance) -> Bool {
        let word = glyphs[i]
        if word != shown.glyphs[i] { return true }
        let (f, b) = (foregrounds[i], backgrounds[i])
        let (sf, sb) = (shown.foregrounds[i], shown.backgrounds[i])
        if f == sf && b == sb { return false }
        guard word & GlyphWord.picture != 0 else { return true }
        return !(Self.isNear(f, sf, distance) && Self.isNear(b, sb, distance))
    }

    @inline(__always)
    private static func isNear(_ a: UInt32, _ b: UInt32, _ distance: ColorDistance) -> Bool {
        a == b || distance.isNear(ColorDistance.spreadPen(a), ColorDistance.spreadPen(b))
    }

    @inline(__always)
    private static func four(_ pointer: UnsafePointer<UInt32>, _ index: Int) -> SIMD4<UInt32> {
        UnsafeRawPointer(pointer + index).loadUnaligned(as: SIMD4<UInt32>.self)
    }

    @inline(__always)
    private static func sixteen(_ pointer: UnsafePointer<UInt32>, _ index: Int) -> SIMD16<UInt8> {
        UnsafeRawPointer(pointer + index).loadUnaligned(as: SIMD16<UInt8>.self)
    }

    /// The packed words' top bytes tell default from colour, so they take part: 1 against 0 must not pass as near.
    @inline(__always)
    private static func areNear(_ a: SIMD16<UInt8>, _ b: SIMD16<UInt8>, _ limit: SIMD16<UInt8>) -> Bool {
        let greater = a .> b
        let difference = b.replacing(with: a, where: greater) &- a.replacing(with: b, where: greater)
        // As two words: a mask's `all` is not vectorised.
        let over = unsafeBitCast(difference.replacing(with: 0, where: difference .<= limit), to: SIMD2<UInt64>.self)
        return over.x | over.y == 0
    }
}
