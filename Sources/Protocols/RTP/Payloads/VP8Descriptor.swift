import ByteCoding

/// The VP8 payload descriptor (RFC 7741 section 4.2).
///
///     |X|R|N|S|R| PID |   required
///     |I|L|T|K| RSV   |   if X
///     |M| PictureID   |   if I; 15 bits when M is set
///     |   TL0PICIDX   |   if L
///     |TID|Y| KEYIDX  |   if T or K
public struct VP8Descriptor: Sendable, Equatable {
    /// No other frame is predicted from this one.
    public var isNonReference = false
    public var startsPartition = false
    /// 0...7.
    public var partitionIndex: UInt8 = 0
    /// 7 or 15 bits, see `hasLongPictureID`.
    public var pictureID: UInt16?
    public var hasLongPictureID = true
    public var temporalLevelZeroIndex: UInt8?
    public var temporalIndex: UInt8?
    public var isLayerSync = false
    public var keyIndex: UInt8?

    public init() {}

    /// True on the first packet of a frame only.
    public var startsFrame: Bool { startsPartition && partitionIndex == 0 }

    /// Reads the descriptor off the front; the reader then stands at the VP8 payload.
    public init(_ reader: inout ByteReader) throws(WireError) {
        let first = try reader.readUInt8()
        isNonReference = first & 0x20 != 0
        startsPartition = first & 0x10 != 0
        partitionIndex = first & 0x07
        guard first & 0x80 != 0 else { return }
        let flags = try reader.readUInt8()
        if flags & 0x80 != 0 {
            let high = try reader.readUInt8()
            hasLongPictureID = high & 0x80 != 0
            pictureID = hasLongPictureID ? UInt16(high & 0x7f) << 8 | UInt16(try reader.readUInt8()) : UInt16(high)
        }
        if flags & 0x40 != 0 { temporalLevelZeroIndex = try reader.readUInt8() }
        if flags & 0x30 != 0 {
            let layer = try reader.readUInt8()
            if flags & 0x20 != 0 {
                temporalIndex = layer >> 6
                isLayerSync = layer & 0x20 != 0
            }
            if flags & 0x10 != 0 { keyIndex = layer & 0x1f }
        }
    }

    public func write(to bytes: inout [UInt8]) {
        let hasLayer = temporalIndex != nil || keyIndex != nil
        let isExtended = pictureID != nil || temporalLevelZeroIndex != nil || hasLayer
        bytes.append(
            (isExtended ? 0x80 : 0) | (isNonReference ? 0x20 : 0) | (startsPartition ? 0x10 : 0) | (partitionIndex & 0x07))
        guard isExtended else { return }
        bytes.append(
            (pictureID != nil ? 0x80 : 0) | (temporalLevelZeroIndex != nil ? 0x40 : 0) | (temporalIndex != nil ? 0x20 : 0)
                | (keyIndex != nil ? 0x10 : 0))
        if let pictureID {
            if hasLongPictureID { bytes.append(uint16: 0x8000 | pictureID) } else { bytes.append(UInt8(pictureID & 0x7f)) }
        }
        if let temporalLevelZeroIndex { bytes.append(temporalLevelZeroIndex) }
        if hasLayer {
            bytes.append((temporalIndex ?? 0) << 6 | (isLayerSync ? 0x20 : 0) | ((keyIndex ?? 0) & 0x1f))
        }
    }

    /// Whether a frame with this id comes right after one with `earlier`, in this id's own width.
    func follows(_ earlier: UInt16) -> Bool {
        guard let pictureID else { return false }
        return pictureID == (earlier &+ 1) & (hasLongPictureID ? 0x7fff : 0x7f)
    }
}

/// What the first bytes of a VP8 frame say (RFC 6386 section 9.1).
enum VP8Frame {
    /// By the frame tag alone, which is all a first packet is sure to hold.
    static func hasKeyFrameTag(_ first: UInt8) -> Bool { first & 1 == 0 }

    /// A key frame has its start code at byte 3 and its size after it.
    static func isWholeKeyFrame(_ payload: [UInt8]) -> Bool {
        payload.count >= 10 && hasKeyFrameTag(payload[0]) && payload[3] == 0x9d && payload[4] == 0x01 && payload[5] == 0x2a
    }
}
