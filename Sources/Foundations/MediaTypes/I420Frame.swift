import Primitives

/// A picture in 8-bit YUV 4:2:0, limited range (BT.601 as WebRTC sends it): one array of Y, then U, then V, rows packed without padding.
///
/// Copying shares the storage; a frame is one allocation, made where it is captured or decoded.
public struct I420Frame: Sendable {
    public let width: Int
    public let height: Int
    /// `width * height` luma bytes, then twice `chromaWidth * chromaHeight`.
    public var bytes: [UInt8]
    /// When the picture was taken, or decoded, on the process's monotonic clock.
    public var time: Instant

    public var chromaWidth: Int { (width + 1) / 2 }
    public var chromaHeight: Int { (height + 1) / 2 }
    public var lumaCount: Int { width * height }
    public var chromaCount: Int { chromaWidth * chromaHeight }
    /// Where the U plane begins; V begins `chromaCount` later.
    public var chromaOffset: Int { lumaCount }

    public static func byteCount(width: Int, height: Int) -> Int { width * height + 2 * ((width + 1) / 2) * ((height + 1) / 2) }

    /// Nil when the sizes are not positive, are over 16384, or do not match the bytes.
    public init?(width: Int, height: Int, bytes: [UInt8], time: Instant) {
        guard (1...16384).contains(width), (1...16384).contains(height), bytes.count == Self.byteCount(width: width, height: height)
        else { return nil }
        self.width = width
        self.height = height
        self.bytes = bytes
        self.time = time
    }

    /// One flat colour; black unless told. Sizes are clamped to 1...16384.
    public init(width: Int, height: Int, y: UInt8 = 16, u: UInt8 = 128, v: UInt8 = 128, time: Instant) {
        self.width = max(1, min(16384, width))
        self.height = max(1, min(16384, height))
        self.time = time
        let luma = self.width * self.height
        let chroma = ((self.width + 1) / 2) * ((self.height + 1) / 2)
        bytes = [UInt8](unsafeUninitializedCapacity: luma + 2 * chroma) { buffer, count in
            buffer[..<luma].update(repeating: y)
            buffer[luma..<luma + chroma].update(repeating: u)
            buffer[(luma + chroma)...].update(repeating: v)
            count = luma + 2 * chroma
        }
    }

    /// For one who writes every byte. Sizes are clamped to 1...16384.
    init(uninitializedWidth width: Int, height: Int, time: Instant) {
        self.width = max(1, min(16384, width))
        self.height = max(1, min(16384, height))
        self.time = time
        let total = Self.byteCount(width: self.width, height: self.height)
        bytes = [UInt8](unsafeUninitializedCapacity: total) { _, count in count = total }
    }
}
