import MediaTypes

/// Turns a captured picture into packed I420.
///
/// Rows are walked with raw pointers, after one check of all sizes, so that the compiler can vectorise the loops.
enum PixelConversion {
    /// - Returns: the bytes of an `I420Frame`; nil when `source` is shorter than its layout says.
    static func i420(from source: UnsafeBufferPointer<UInt8>, layout: PixelLayout) -> [UInt8]? {
        guard let needed = layout.byteCount, source.count >= needed, let base = source.baseAddress else { return nil }
        let total = I420Frame.byteCount(width: layout.width, height: layout.height)
        return [UInt8](unsafeUninitializedCapacity: total) { buffer, count in
            guard let target = buffer.baseAddress else { return }
            let luma = layout.width * layout.height
            let u = target + luma
            let v = u + layout.chromaWidth * layout.chromaHeight
            switch layout.arrangement {
            case .planar(let vFirst): planar(base, layout, target, vFirst ? v : u, vFirst ? u : v)
            case .semiPlanar(let vFirst): semiPlanar(base, layout, target, vFirst ? v : u, vFirst ? u : v)
            case .packed(let lumaFirst): packed(base, layout, target, u, v, lumaFirst: lumaFirst)
            }
            if layout.isFullRange { limitRange(target, luma: luma, total: total) }
            count = total
        }
    }

    /// Brings full-range values to BT.601's limited range, in place: 128 stays 128 in the chroma planes.
    static func limitRange(_ bytes: UnsafeMutablePointer<UInt8>, luma: Int, total: Int) {
        for i in 0..<luma { bytes[i] = UInt8(truncatingIfNeeded: (UInt16(bytes[i]) &* 220) &>> 8 &+ 16) }
        for i in luma..<total { bytes[i] = UInt8(truncatingIfNeeded: (UInt16(bytes[i]) &* 225) &>> 8 &+ 16) }
    }

    private typealias Source = UnsafePointer<UInt8>
    private typealias Target = UnsafeMutablePointer<UInt8>

    private static func copyPlane(_ source: Source, bytesPerLine: Int, _ target: Target, width: Int, height: Int) {
        if bytesPerLine == width {
            target.update(from: source, count: width * height)
        } else {
            for row in 0..<height { (target + row * width).update(from: source + row * bytesPerLine, count: width) }
        }
    }

    private static func planar(_ source: Source, _ layout: PixelLayout, _ y: Target, _ first: Target, _ second: Target) {
        let (width, height, stride) = (layout.chromaWidth, layout.chromaHeight, layout.chromaBytesPerLine)
        copyPlane(source, bytesPerLine: layout.bytesPerLine, y, width: layout.width, height: layout.height)
        let chroma = source + layout.bytesPerLine * layout.height
        copyPlane(chroma, bytesPerLine: stride, first, width: width, height: height)
        copyPlane(chroma + stride * height, bytesPerLine: stride, second, width: width, height: height)
    }

    private static func semiPlanar(_ source: Source, _ layout: PixelLayout, _ y: Target, _ first: Target, _ second: Target) {
        copyPlane(source, bytesPerLine: layout.bytesPerLine, y, width: layout.width, height: layout.height)
        let chroma = source + layout.bytesPerLine * layout.height
        for row in 0..<layout.chromaHeight {
            let pairs = chroma + row * layout.chromaBytesPerLine
            let (a, b) = (first + row * layout.chromaWidth, second + row * layout.chromaWidth)
            for i in 0..<layout.chromaWidth {
                a[i] = pairs[2 &* i]
                b[i] = pairs[2 &* i &+ 1]
            }
        }
    }

    /// The chroma of two rows is averaged into one; the last row of an odd height stands alone.
    private static func packed(_ source: Source, _ layout: PixelLayout, _ y: Target, _ u: Target, _ v: Target, lumaFirst: Bool) {
        let (lumaAt, chromaAt) = lumaFirst ? (0, 1) : (1, 0)
        for row in 0..<layout.height {
            let line = source + row * layout.bytesPerLine + lumaAt
            let target = y + row * layout.width
            for i in 0..<layout.width { target[i] = line[2 &* i] }
        }
        for row in 0..<layout.chromaHeight {
            let upper = source + 2 * row * layout.bytesPerLine + chromaAt
            let lower = 2 * row + 1 < layout.height ? upper + layout.bytesPerLine : upper
            let (a, b) = (u + row * layout.chromaWidth, v + row * layout.chromaWidth)
            for i in 0..<layout.chromaWidth {
                a[i] = UInt8(truncatingIfNeeded: (UInt16(upper[4 &* i]) &+ UInt16(lower[4 &* i]) &+ 1) &>> 1)
                b[i] = UInt8(truncatingIfNeeded: (UInt16(upper[4 &* i &+ 2]) &+ UInt16(lower[4 &* i &+ 2]) &+ 1) &>> 1)
            }
        }
    }
}
