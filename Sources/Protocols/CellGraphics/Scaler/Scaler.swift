import MediaTypes

/// Averages an I420 picture straight down to a target's samples and converts only those to RGB (BT.601, limited range).
///
/// Tables and buffers are made when the geometry changes; a frame allocates nothing.
public struct Scaler: Sendable {
    private struct Geometry: Hashable {
        var width: Int
        var height: Int
        var placement: PicturePlacement
        var columns: Int
        var rows: Int
        var mirrored: Bool
        var tone: PictureTone
    }

    private var geometry: Geometry?
    private var luma: PlaneScaler?
    private var chromaU: PlaneScaler?
    private var chromaV: PlaneScaler?
    private var samples: [UInt8] = []
    /// Luma's replacement; empty: none.
    private var toneTable: [UInt8] = []

    public init() {}

    /// Prepares for frames of a size; `columns` and `rows` are the target's samples, not its cells.
    public mutating func prepare(
        width: Int, height: Int, placement: PicturePlacement, columns: Int, rows: Int, mirrored: Bool, tone: PictureTone = .neutral
    ) {
        let wanted = Geometry(
            width: width, height: height, placement: placement, columns: max(0, columns), rows: max(0, rows), mirrored: mirrored, tone: tone
        )
        guard wanted != geometry else { return }
        toneTable = tone.table
        geometry = wanted
        let p = placement
        func maps(_ divisor: Int) -> (AxisMap, AxisMap) {
            let limitX = (width + divisor - 1) / divisor
            let limitY = (height + divisor - 1) / divisor
            return (
                AxisMap(
                    offset: p.sourceX / divisor, length: p.sourceWidth / divisor, limit: limitX, count: wanted.columns, mirrored: mirrored),
                AxisMap(offset: p.sourceY / divisor, length: p.sourceHeight / divisor, limit: limitY, count: wanted.rows)
            )
        }
        let (x, y) = maps(1)
        luma = PlaneScaler(horizontal: x, vertical: y, stride: width)
        let (chromaX, chromaY) = maps(2)
        chromaU = PlaneScaler(horizontal: chromaX, vertical: chromaY, stride: (width + 1) / 2)
        chromaV = chromaU
        samples = Array(repeating: 0, count: 3 * wanted.columns)
    }

    /// Gives each target row in turn as `columns` words 0x00RRGGBB, in a buffer that `row` names.
    /// Does nothing for a frame that was not prepared for.
    mutating func scaleColor(_ frame: borrowing I420Frame, row: (Int) -> UnsafeMutablePointer<UInt32>) {
        guard let geometry, geometry.columns > 0, frame.width == geometry.width, frame.height == geometry.height else { return }
        let chromaOffset = frame.chromaOffset
        let chromaCount = frame.chromaCount
        let count = geometry.columns
        let tones = toneTable
        frame.bytes.withUnsafeBufferPointer { bytes in
            guard let y = bytes.baseAddress, bytes.count >= chromaOffset + 2 * chromaCount else { return }
            let u = y + chromaOffset
            let v = u + chromaCount
            samples.withUnsafeMutableBufferPointer { buffer in
                guard let samples = buffer.baseAddress else { return }
                for line in 0..<geometry.rows {
                    luma?.scaleRow(line, of: y, into: samples)
                    Self.apply(tones, to: samples, count)
                    chromaU?.scaleRow(line, of: u, into: samples + count)
                    chromaV?.scaleRow(line, of: v, into: samples + 2 * count)
                    convertToRGB(y: samples, u: samples + count, v: samples + 2 * count, into: row(line), count: count)
                }
            }
        }
    }

    @inline(__always)
    private static func apply(_ tones: [UInt8], to luma: UnsafeMutablePointer<UInt8>, _ count: Int) {
        guard !tones.isEmpty else { return }
        tones.withUnsafeBufferPointer { tones in
            for x in 0..<count { luma[x] = tones[Int(luma[x])] }
        }
    }

    /// The same for luma alone, 16...235 stretched to 0...255.
    mutating func scaleLuma(_ frame: borrowing I420Frame, row: (Int, UnsafeMutablePointer<UInt8>) -> Void) {
        guard let geometry, geometry.columns > 0, frame.width == geometry.width, frame.height == geometry.height else { return }
        let count = geometry.columns
        let tones = toneTable
        frame.bytes.withUnsafeBufferPointer { bytes in
            guard let y = bytes.baseAddress else { return }
            samples.withUnsafeMutableBufferPointer { buffer in
                guard let samples = buffer.baseAddress else { return }
                for line in 0..<geometry.rows {
                    luma?.scaleRow(line, of: y, into: samples)
                    Self.apply(tones, to: samples, count)
                    for x in 0..<count { samples[x] = UInt8(max(0, min(255, ((Int32(samples[x]) &- 16) &* 298 &+ 128) >> 8))) }
                    row(line, samples)
                }
            }
        }
    }
}

/// BT.601 limited range to full-range RGB, in 8.8 fixed point.
@inline(__always)
func convertToRGB(
    y: UnsafePointer<UInt8>, u: UnsafePointer<UInt8>, v: UnsafePointer<UInt8>, into output: UnsafeMutablePointer<UInt32>, count: Int
) {
    @inline(__always) func clamp(_ value: Int32) -> UInt32 { UInt32(truncatingIfNeeded: max(0, min(255, value))) }
    for x in 0..<count {
        let c = (Int32(y[x]) &- 16) &* 298 &+ 128
        let d = Int32(u[x]) &- 128
        let e = Int32(v[x]) &- 128
        let red = clamp((c &+ 409 &* e) >> 8)
        let green = clamp((c &- 100 &* d &- 208 &* e) >> 8)
        let blue = clamp((c &+ 516 &* d) >> 8)
        output[x] = red << 16 | green << 8 | blue
    }
}
