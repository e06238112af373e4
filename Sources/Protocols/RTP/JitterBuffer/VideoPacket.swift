import ByteCoding
import Primitives

/// One VP8 packet, placed on the sequence line that does not wrap.
struct VideoPacket: Sendable {
    var sequence: Int64
    var timestamp: UInt32
    var marker: Bool
    /// Nil for a packet without payload: padding, which only fills its place.
    var descriptor: VP8Descriptor?
    var payload: [UInt8]

    /// `payload` lies in `bytes` as `range`; an empty one is padding.
    init(sequence: Int64, timestamp: UInt32, marker: Bool, bytes: Span<UInt8>, range: Range<Int>) throws(WireError) {
        self.sequence = sequence
        self.timestamp = timestamp
        self.marker = marker
        guard range.lowerBound >= 0, range.upperBound <= bytes.count else { throw .truncated }
        payload = []
        guard !range.isEmpty else { return }
        var reader = ByteReader(bytes.extracting(range))
        let descriptor = try VP8Descriptor(&reader)
        guard !reader.isAtEnd else { throw .malformed("VP8 payload without a frame") }
        self.descriptor = descriptor
        payload = try reader.readBytes(reader.remaining)
    }

    var startsFrame: Bool { descriptor?.startsFrame ?? false }
    var startsKeyFrame: Bool { startsFrame && (payload.first.map(VP8Frame.hasKeyFrameTag) ?? false) }
    var isPadding: Bool { descriptor == nil }
}
