/// For every colour the palette entry that looks most like it, and how far off that is; made once, in a few milliseconds.
struct PaletteTable: Sendable {
    /// By `Palette.key`: the packed OKLab colour, the entry from bit 32 on, and from bit 40 on its distance in OKLab's 1023rds.
    let colors: [UInt64]
    /// Each entry's packed OKLab colour.
    let entries: [UInt32]

    /// The cube and the greys: the named colours are left out, since users change them.
    static let indexed256 = PaletteTable { rgb, visit in
        // Of the cube what lies around the colour on each axis, of the greys those about as bright.
        func levels(_ value: UInt32) -> (UInt32, UInt32) {
            let low: UInt32 = value < 95 ? 0 : min(4, (value - 55) / 40)
            return (low, low + 1)
        }
        let (red, green, blue) = (levels(rgb >> 16), levels(rgb >> 8 & 255), levels(rgb & 255))
        for corner in UInt32(0)..<8 {
            let r = corner & 1 == 0 ? red.0 : red.1
            let g = corner & 2 == 0 ? green.0 : green.1
            let b = corner & 4 == 0 ? blue.0 : blue.1
            visit(Int(16 + 36 * r + 6 * g + b))
        }
        let mean = Int((2 * (rgb >> 16) + 5 * (rgb >> 8 & 255) + (rgb & 255)) / 8)
        let grey = max(1, min(22, (mean - 3) / 10))
        for index in grey - 1...grey + 1 { visit(232 + index) }
    }
    static let indexed16 = PaletteTable { _, visit in
        for index in 0..<16 { visit(index) }
    }
    /// What Linux's console has for backgrounds.
    static let indexed8 = PaletteTable { _, visit in
        for index in 0..<8 { visit(index) }
    }

    /// - Parameter candidates: calls its second argument with each entry that may be nearest to its first.
    private init(candidates: (UInt32, (Int) -> Void) -> Void) {
        let linear = OKLab.linear
        let palette = (0..<256).map { OKLab(rgb: Palette.rgb(UInt8($0)), linear: linear) }
        let entries = palette.map(\.packed)
        self.entries = entries
        colors = (UInt32(0)..<32768).map { key in
            let rgb = Palette.rgb(key: key)
            let color = OKLab(rgb: rgb, linear: linear)
            var nearest = 0
            var least = Float.infinity
            candidates(rgb) { index in
                let distance = color.squaredDistance(to: palette[index])
                if distance < least { (least, nearest) = (distance, index) }
            }
            let packed = color.packed
            let distance = Float(OKLab.squaredDistance(packed, entries[nearest])).squareRoot().rounded(.up)
            return UInt64(packed) | UInt64(nearest) << 32 | UInt64(distance) << 40
        }
    }

    /// Nil for the modes without a palette.
    static func withView(_ mode: ColorMode, isConsole: Bool = false, _ body: (PaletteView?) -> Void) {
        guard mode == .indexed256 || mode == .indexed16 else { return body(nil) }
        let table = mode == .indexed256 ? indexed256 : indexed16
        table.colors.withUnsafeBufferPointer { colors in
            (isConsole ? indexed8 : table).colors.withUnsafeBufferPointer { backgrounds in
                table.entries.withUnsafeBufferPointer { entries in
                    guard let colors = colors.baseAddress, let backgrounds = backgrounds.baseAddress, let entries = entries.baseAddress
                    else { return body(nil) }
                    body(PaletteView(colors: colors, backgrounds: backgrounds, entries: entries))
                }
            }
        }
    }
}

/// A table while a frame is encoded.
struct PaletteView {
    fileprivate let colors: UnsafePointer<UInt64>
    fileprivate let backgrounds: UnsafePointer<UInt64>
    fileprivate let entries: UnsafePointer<UInt32>

    /// A colour as the table knows it.
    struct Color {
        fileprivate let word: UInt64
        /// The entry nearest to it.
        @inline(__always) var nearest: UInt32 { UInt32(truncatingIfNeeded: word >> 32 & 255) }
    }

    @inline(__always)
    func color(_ rgb: UInt32) -> Color { Color(word: colors[Palette.key(rgb)]) }

    /// For what may be a cell's background, of which Linux's console has fewer.
    @inline(__always)
    func background(_ rgb: UInt32) -> Color { Color(word: backgrounds[Palette.key(rgb)]) }

    /// The square of an entry's distance, in 1023rds of OKLab. The entry is below 256.
    @inline(__always)
    func squaredDistance(_ entry: UInt32, to color: Color) -> Int32 {
        OKLab.squaredDistance(UInt32(truncatingIfNeeded: color.word), entries[Int(entry & 255)])
    }

    /// Whether an entry may stand for the colour: farther off than the nearest by at most `margin`, in 1023rds of OKLab.
    /// What is no entry, such as the pen's default colour, may not.
    @inline(__always)
    func serves(_ entry: UInt32, for color: Color, margin: Int32) -> Bool {
        guard entry < 256 else { return false }
        let limit = Int32(truncatingIfNeeded: color.word >> 40) &+ margin
        return OKLab.squaredDistance(UInt32(truncatingIfNeeded: color.word), entries[Int(entry)]) <= limit &* limit
    }
}
