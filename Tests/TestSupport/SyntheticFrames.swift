import MediaTypes
import Primitives

/// Pictures made up for tests: a diagonal gradient that moves with `n`, different in every plane.
public func syntheticFrame(width: Int, height: Int, number n: Int = 0, time: Instant = .zero) -> I420Frame {
    var frame = I420Frame(width: width, height: height, time: time)
    for y in 0..<frame.height {
        for x in 0..<frame.width { frame.bytes[y * frame.width + x] = UInt8(truncatingIfNeeded: 16 + (x + y + n * 4) % 220) }
    }
    for i in 0..<frame.chromaCount {
        frame.bytes[frame.chromaOffset + i] = UInt8(truncatingIfNeeded: 64 + (i % frame.chromaWidth + n) % 128)
        frame.bytes[frame.chromaOffset + frame.chromaCount + i] = UInt8(truncatingIfNeeded: 64 + (i / frame.chromaWidth + n) % 128)
    }
    return frame
}
