import MediaTypes
import Primitives

/// Puts packets together into frames and gives each out with its last packet, as long as it continues the one before it.
///
/// There is no delay of its own: order and completeness alone decide. After a packet is given up, nothing comes out until a whole
/// key frame is there.
struct VideoReceiveBuffer: Sendable {
    /// Packets ahead of the next one to be given out; a power of two.
    static let capacity = 2048

    private enum State {
        /// Only a key frame may come out.
        case frozen
        /// The packet at `next` begins the frame to come out; `pictureID` is the last frame's.
        case following(next: Int64, pictureID: UInt16?)
    }

    private var state = State.frozen
    private var ring = [VideoPacket?](repeating: nil, count: capacity)
    /// Nothing before this place is taken any more.
    private var floor = Int64.min
    private var highest = Int64.min
    /// While frozen: when the last packet of a key frame came that is not whole yet.
    private(set) var lastKeyFrameProgress: Instant?
    /// Since when packets are held that cannot come out.
    private(set) var heldSince: Instant?

    init() {}

    var isFrozen: Bool { if case .frozen = state { true } else { false } }

    /// Packets before this one are of no use any more; nil while frozen.
    var nextSequence: Int64? { if case .following(let next, _) = state { next } else { nil } }

    private func packet(at sequence: Int64) -> VideoPacket? {
        guard let packet = ring[Int(truncatingIfNeeded: sequence) & (Self.capacity - 1)], packet.sequence == sequence else { return nil }
        return packet
    }

    private mutating func remove(_ range: Range<Int64>) {
        for sequence in range.clamped(to: highest - Int64(Self.capacity)..<highest + 1) {
            let index = Int(truncatingIfNeeded: sequence) & (Self.capacity - 1)
            if let held = ring[index], held.sequence == sequence { ring[index] = nil }
        }
    }

    /// Takes a packet and appends the frames that it makes ready; false: not needed, being a repeat or too old.
    mutating func insert(_ packet: VideoPacket, now: Instant, into frames: inout [EncodedVideoFrame]) -> Bool {
        guard packet.sequence >= floor, self.packet(at: packet.sequence) == nil else { return false }
        guard highest == .min || packet.sequence > highest - Int64(Self.capacity) else { return false }
        // The ring would turn over packets that are still waited for.
        if let next = nextSequence, packet.sequence - next >= Int64(Self.capacity) { freeze() }
        if isFrozen, packet.startsKeyFrame || belongsToKeyFrame(packet) { lastKeyFrameProgress = now }
        highest = max(highest, packet.sequence)
        ring[Int(truncatingIfNeeded: packet.sequence) & (Self.capacity - 1)] = packet
        // The next frame's first packet ends a frame that has no marker.
        var start = keyFrameStart(completedBy: packet.sequence)
        if start == nil, packet.startsFrame { start = keyFrameStart(completedBy: packet.sequence - 1) }
        if let start { state = .following(next: start, pictureID: nil) }
        let count = frames.count
        while let frame = releaseNext(now: now) { frames.append(frame) }
        if let next = nextSequence, highest >= next {
            if heldSince == nil || frames.count > count { heldSince = now }
        } else {
            heldSince = nil
        }
        return true
    }

    /// Shows nothing more until a key frame.
    mutating func freeze() {
        if let next = nextSequence { floor = max(floor, next) }
        state = .frozen
        lastKeyFrameProgress = nil
        heldSince = nil
    }

    /// The first packet held after `sequence` that begins a key frame.
    func keyFrameCandidate(after sequence: Int64) -> Int64? {
        guard highest != .min, sequence < highest else { return nil }
        let first = max(sequence &+ 1, highest - Int64(Self.capacity) + 1)
        return (first...highest).first { packet(at: $0)?.startsKeyFrame ?? false }
    }

    /// The source began a new sequence: all that is held is void.
    mutating func restart() { self = VideoReceiveBuffer() }

    private func belongsToKeyFrame(_ packet: VideoPacket) -> Bool {
        guard let start = frameStart(of: packet.sequence - 1, timestamp: packet.timestamp) else { return false }
        return self.packet(at: start)?.startsKeyFrame ?? false
    }

    /// The first packet of the frame that the unbroken run of packets up to `sequence` belongs to.
    private func frameStart(of sequence: Int64, timestamp: UInt32) -> Int64? {
        var at = sequence
        for _ in 0..<Self.capacity {
            guard let packet = packet(at: at), packet.timestamp == timestamp, at >= floor else { return nil }
            if packet.startsFrame { return at }
            at -= 1
        }
        return nil
    }

    /// Where a whole key frame begins that the packet at `sequence` is part of: decoding can go on there, whatever is missing before it.
    private func keyFrameStart(completedBy sequence: Int64) -> Int64? {
        guard let packet = packet(at: sequence), let start = frameStart(of: sequence, timestamp: packet.timestamp),
            self.packet(at: start)?.startsKeyFrame ?? false, start != nextSequence, frameEnd(from: start) != nil
        else { return nil }
        return start
    }

    /// The last packet of the whole frame that begins at `start`; nil while one is missing.
    private func frameEnd(from start: Int64) -> Int64? {
        guard let first = packet(at: start) else { return nil }
        var at = start
        for _ in 0..<Self.capacity {
            guard let packet = packet(at: at) else { return nil }
            // A sender that sets no marker ends a frame by going on to another time.
            if packet.timestamp != first.timestamp { return at - 1 }
            if packet.marker { return at }
            at += 1
        }
        return nil
    }

    private mutating func releaseNext(now: Instant) -> EncodedVideoFrame? {
        guard case .following(var next, let lastID) = state else { return nil }
        if let lastID, packet(at: next) == nil, let start = continuation(after: next, lastID) { next = start }
        while let padding = packet(at: next), padding.isPadding {
            remove(next..<next + 1)
            next += 1
        }
        state = .following(next: next, pictureID: lastID)
        floor = max(floor, next)
        guard let first = packet(at: next) else { return nil }
        guard first.startsFrame else {
            // Everything before it is there, so its beginning does not exist: the sender's frames are broken here.
            freeze()
            return nil
        }
        guard let end = frameEnd(from: next) else { return nil }
        return assemble(next...end, first, now)
    }

    /// Padding was lost, no picture: the next frame's id shows it.
    private func continuation(after next: Int64, _ lastID: UInt16) -> Int64? {
        for sequence in (next + 1)..<(next + 8) {
            guard let packet = packet(at: sequence), !packet.isPadding else { continue }
            return packet.startsFrame && packet.descriptor?.follows(lastID) == true ? sequence : nil
        }
        return nil
    }

    private mutating func assemble(_ range: ClosedRange<Int64>, _ first: VideoPacket, _ now: Instant) -> EncodedVideoFrame? {
        var payload = [UInt8]()
        payload.reserveCapacity(range.reduce(0) { $0 + (packet(at: $1)?.payload.count ?? 0) })
        for sequence in range { if let packet = packet(at: sequence) { payload.append(contentsOf: packet.payload) } }
        remove(range.lowerBound..<range.upperBound + 1)
        floor = range.upperBound + 1
        let isKeyFrame = VP8Frame.isWholeKeyFrame(payload)
        guard isKeyFrame || !first.startsKeyFrame else {
            freeze()
            return nil
        }
        state = .following(next: range.upperBound + 1, pictureID: first.descriptor?.pictureID)
        return EncodedVideoFrame(payload: payload, isKeyFrame: isKeyFrame, timestamp: first.timestamp, time: now)
    }
}
