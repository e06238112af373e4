/// Cuts frames into payloads of almost the same size, none over `maximumPayload` bytes with its descriptor (RFC 7741 section 4.1).
public struct VP8Packetizer: Sendable {
    /// 15 bits, one up for each frame.
    public private(set) var pictureID: UInt16
    public let maximumPayload: Int
    /// X, I, and a 15-bit PictureID.
    static let descriptorSize = 4

    public init(firstPictureID: UInt16, maximumPayload: Int = 1150) {
        pictureID = firstPictureID & 0x7fff
        self.maximumPayload = max(Self.descriptorSize + 1, maximumPayload)
    }

    /// The byte ranges of `count` bytes of frame that go into one packet each.
    public func split(_ count: Int) -> [Range<Int>] {
        guard count > 0 else { return [] }
        let room = maximumPayload - Self.descriptorSize
        let packets = (count + room - 1) / room
        let (size, larger) = (count / packets, count % packets)
        var start = 0
        return (0..<packets).map { index in
            let end = start + size + (index < larger ? 1 : 0)
            defer { start = end }
            return start..<end
        }
    }

    /// Calls `each` for every packet of the frame in order, with its descriptor, the frame's bytes in it, and whether it is the last.
    public mutating func packetize(_ frame: [UInt8], each: (VP8Descriptor, ArraySlice<UInt8>, Bool) -> Void) {
        var descriptor = VP8Descriptor()
        descriptor.pictureID = pictureID
        descriptor.startsPartition = true
        let ranges = split(frame.count)
        for (index, range) in ranges.enumerated() {
            each(descriptor, frame[range], index == ranges.count - 1)
            descriptor.startsPartition = false
        }
        if !ranges.isEmpty { pictureID = (pictureID &+ 1) & 0x7fff }
    }
}
