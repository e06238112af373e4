/// How the bytes of a captured picture lie in memory, for the formats that are converted here.
struct PixelLayout: Equatable {
    enum Arrangement: Equatable {
        /// Y, then two quarter-size planes: U first (YU12) or V first (YV12).
        case planar(vFirst: Bool)
        /// Y, then U and V taking turns: U first (NV12) or V first (NV21).
        case semiPlanar(vFirst: Bool)
        /// 4:2:2 in one plane: Y U Y V (YUYV) or U Y V Y (UYVY).
        case packed(lumaFirst: Bool)
    }

    var arrangement: Arrangement
    var width: Int
    var height: Int
    /// Of the first plane, padding included; a planar format's chroma rows are half as long, a semi-planar one's as long.
    var bytesPerLine: Int
    /// Values use all of 0...255 (as in JPEG) and are brought to 16...235 and 16...240.
    var isFullRange = false

    var chromaWidth: Int { (width + 1) / 2 }
    var chromaHeight: Int { (height + 1) / 2 }

    /// The shortest a row of the first plane can be.
    static func leastBytesPerLine(_ arrangement: Arrangement, width: Int) -> Int {
        if case .packed = arrangement { (width + 1) / 2 * 4 } else { width }
    }

    /// Between rows of a chroma plane.
    var chromaBytesPerLine: Int {
        if case .planar = arrangement { max(bytesPerLine / 2, chromaWidth) } else { max(bytesPerLine, 2 * chromaWidth) }
    }

    /// Bytes that a whole picture has, without padding after its last row; nil when the layout itself makes no sense.
    var byteCount: Int? {
        guard (1...16384).contains(width), (1...16384).contains(height),
            (Self.leastBytesPerLine(arrangement, width: width)...1 << 20).contains(bytesPerLine)
        else { return nil }
        switch arrangement {
        case .packed: return bytesPerLine * (height - 1) + Self.leastBytesPerLine(arrangement, width: width)
        case .planar: return bytesPerLine * height + chromaBytesPerLine * (2 * chromaHeight - 1) + chromaWidth
        case .semiPlanar: return bytesPerLine * height + chromaBytesPerLine * (chromaHeight - 1) + 2 * chromaWidth
        }
    }
}
