/// How a picture is made lighter or darker, harder or softer, before it becomes cells; for dark rooms and pale terminals.
public struct PictureTone: Hashable, Sendable {
    /// Both scales run from -8 to 8; 0 leaves the picture as it is.
    public static let range = -8...8
    public static let neutral = PictureTone()

    /// A step is 10 of luma's 219.
    public var brightness: Int { didSet { brightness = Self.limited(brightness) } }
    /// From half (-8) over one to twice (8) the distance from middle grey.
    public var contrast: Int { didSet { contrast = Self.limited(contrast) } }

    public init(brightness: Int = 0, contrast: Int = 0) {
        self.brightness = Self.limited(brightness)
        self.contrast = Self.limited(contrast)
    }

    private static func limited(_ value: Int) -> Int { max(range.lowerBound, min(range.upperBound, value)) }

    /// What each luma sample, limited range, becomes: 256 of them, or none when the tone is neutral.
    var table: [UInt8] {
        guard self != .neutral else { return [] }
        // Softer by 1/2 undoes harder by 2.
        let (times, over) = contrast >= 0 ? (8 + contrast, 8) : (8, 8 - contrast)
        return (0..<256).map { luma in
            let scaled = 2 * (luma - 126) * times
            // Rounded half away from middle grey, so that both sides are alike.
            let distance = (abs(scaled) + over) / (2 * over) * scaled.signum()
            return UInt8(max(16, min(235, 126 + distance + 10 * brightness)))
        }
    }
}
