/// Shifts colours up and down by a pattern fixed to the screen, so that neighbours round to different entries of a palette
/// and their mean comes near the picture. The same colour in the same place always becomes the same entry.
struct OrderedDither {
    /// From the lowest to the highest shift, in levels of a channel: about the distance of the palette's entries; 0: none.
    let spread: Int32

    init(_ mode: ColorMode, isOn: Bool) {
        spread = !isOn ? 0 : mode == .indexed256 ? 32 : mode == .indexed16 ? 128 : 0
    }

    /// Bayer's 4x4 matrix, a nibble for each place, row by row from the lowest bit on.
    private static let matrix: UInt64 = 0x5d7f_91b3_6e4c_a280

    /// Each channel goes by the pattern moved elsewhere, so that hues mix as well as brightness.
    /// - Parameters:
    ///   - rgb: packed, no default colour.
    ///   - x, y: the sample's place on the screen.
    @inline(__always)
    func applied(to rgb: UInt32, x: Int, y: Int) -> UInt32 {
        guard spread > 0 else { return rgb }
        return channel(rgb >> 16, x, y) << 16 | channel(rgb >> 8, x, y &+ 2) << 8 | channel(rgb, x &+ 2, y &+ 3)
    }

    @inline(__always)
    private func channel(_ value: UInt32, _ x: Int, _ y: Int) -> UInt32 {
        let rank = Int32(truncatingIfNeeded: Self.matrix >> UInt64(truncatingIfNeeded: (y & 3) << 4 | (x & 3) << 2) & 15)
        let shifted = Int32(truncatingIfNeeded: value & 255) &+ (2 &* rank &- 15) &* spread / 32
        return UInt32(truncatingIfNeeded: max(0, min(255, shifted)))
    }
}
