import MediaTypes

/// A shaded sphere, drawn once and then copied row by row.
struct Ball: Sendable {
    /// Even, at least 2.
    let diameter: Int
    private let luma: [UInt8]
    /// For each row, and for each row of the half-size planes, which columns are inside.
    private let lumaSpans: [Range<Int>]
    private let chromaSpans: [Range<Int>]
    private static let u: UInt8 = 88
    private static let v: UInt8 = 164

    init(diameter: Int) {
        let diameter = max(2, diameter & ~1)
        self.diameter = diameter
        lumaSpans = Self.spans(diameter)
        chromaSpans = Self.spans(diameter / 2)
        let radius = Double(diameter) / 2
        luma = (0..<diameter * diameter).map { i in
            let x = (Double(i % diameter) + 0.5 - radius) / radius
            let y = (Double(i / diameter) + 0.5 - radius) / radius
            let z = max(0, 1 - x * x - y * y).squareRoot()
            // Lit from the upper left, in front.
            let light = max(0, -0.48 * x - 0.6 * y + 0.64 * z)
            return UInt8(clamping: Int(72 + 156 * light))
        }
    }

    /// - Parameters: the upper left corner, both even; what lies outside the picture is left out.
    func draw(into frame: inout I420Frame, x: Int, y: Int) {
        let (width, height) = (frame.width, frame.height)
        let (chromaWidth, chromaHeight) = (frame.chromaWidth, frame.chromaHeight)
        let (uStart, vStart) = (frame.chromaOffset, frame.chromaOffset + frame.chromaCount)
        var pixels = frame.bytes.mutableSpan
        let sprite = luma.span
        for row in 0..<diameter where (0..<height).contains(y + row) {
            let columns = lumaSpans[row].clamped(to: -x..<max(-x, width - x))
            let start = (y + row) * width + x
            for column in columns { pixels[start + column] = sprite[row * diameter + column] }
        }
        for row in 0..<diameter / 2 where (0..<chromaHeight).contains(y / 2 + row) {
            let columns = chromaSpans[row].clamped(to: -x / 2..<max(-x / 2, chromaWidth - x / 2))
            let start = (y / 2 + row) * chromaWidth + x / 2
            for column in columns {
                pixels[uStart + start + column] = Self.u
                pixels[vStart + start + column] = Self.v
            }
        }
    }

    private static func spans(_ diameter: Int) -> [Range<Int>] {
        let radius = Double(diameter) / 2
        return (0..<diameter).map { row in
            let y = Double(row) + 0.5 - radius
            let half = Int(max(0, radius * radius - y * y).squareRoot())
            return max(0, diameter / 2 - half)..<min(diameter, diameter / 2 + half)
        }
    }
}
