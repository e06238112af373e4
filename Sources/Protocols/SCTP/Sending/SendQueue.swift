import Primitives

/// Messages that have no TSN yet. Streams take turns, one whole message each: without interleaving (RFC 8260) the parts of a message must
/// follow each other.
struct SendQueue: Sendable {
    struct Stream: Sendable {
        var messages = RingBuffer(filler: OutgoingMessage.none)
        var bufferedBytes = 0
        var lowThreshold = 0
        var nextSequence: UInt16 = 0
    }

    struct Current: Sendable {
        let message: OutgoingMessage
        let number: UInt64
        let sequence: UInt16
        var offset: Int
    }

    private var streams: [UInt16: Stream] = [:]
    /// Those with messages, each once.
    private var turn = RingBuffer<UInt16>(filler: 0)
    private(set) var current: Current?
    private var messageNumber: UInt64 = 0
    private(set) var bufferedBytes = 0
    /// Streams whose amount has come down to their threshold since the owner last took them.
    var drained: [UInt16] = []

    var isEmpty: Bool { current == nil && turn.isEmpty }

    func bufferedBytes(of stream: UInt16) -> Int { streams[stream]?.bufferedBytes ?? 0 }

    func holdsMessages(of stream: UInt16) -> Bool {
        current?.message.stream == stream || streams[stream]?.messages.isEmpty == false
    }

    mutating func setLowThreshold(_ bytes: Int, of stream: UInt16) { streams[stream, default: Stream()].lowThreshold = bytes }

    mutating func append(_ message: OutgoingMessage) {
        bufferedBytes += message.bytes.count
        let stream = message.stream
        if streams[stream] == nil { streams[stream] = Stream() }
        streams[stream]?.bufferedBytes += message.bytes.count
        if streams[stream]?.messages.isEmpty == true { turn.append(stream) }
        streams[stream]?.messages.append(message)
    }

    /// Forgets what waits on a stream; a message that has begun goes on.
    mutating func discardWaiting(of stream: UInt16) {
        turn.removeAll { $0 == stream }
        while let message = streams[stream]?.messages.popFirst() { release(message.bytes.count, of: stream) }
    }

    /// The message that has begun is abandoned: what is left of it never gets a TSN.
    mutating func discardCurrent() {
        guard let current else { return }
        release(current.message.bytes.count - current.offset, of: current.message.stream)
        self.current = nil
    }

    /// A reset stream begins again (RFC 6525, section 5.2.7).
    mutating func reset(_ stream: UInt16) { streams[stream]?.nextSequence = 0 }

    /// Nothing is known of a stream any more.
    mutating func forget(_ stream: UInt16) {
        discardWaiting(of: stream)
        streams[stream] = nil
    }

    mutating func removeAll() { self = SendQueue() }

    private mutating func release(_ count: Int, of stream: UInt16) {
        bufferedBytes -= count
        guard let index = streams.index(forKey: stream) else { return }
        let before = streams.values[index].bufferedBytes
        streams.values[index].bufferedBytes = before - count
        let threshold = streams.values[index].lowThreshold
        if before > threshold, before - count <= threshold { drained.append(stream) }
    }

    /// Makes `current` the message to be sent next; what has expired on the way is dropped unsent.
    private mutating func begin(now: Instant) {
        while current == nil, let stream = turn.popFirst() {
            guard let message = streams[stream]?.messages.popFirst() else { continue }
            if streams[stream]?.messages.isEmpty == false { turn.append(stream) }
            guard message.expires > now else {
                release(message.bytes.count, of: stream)
                continue
            }
            messageNumber &+= 1
            var sequence: UInt16 = 0
            if message.isOrdered, let next = streams[stream]?.nextSequence {
                sequence = next
                streams[stream]?.nextSequence = next &+ 1
            }
            current = Current(message: message, number: messageNumber, sequence: sequence, offset: 0)
        }
    }

    /// The next part, as large as the room in a packet lets it be; nil when there is none, or the next packet suits it better.
    mutating func next(room: Int, isFresh: Bool, now: Instant) -> OutgoingChunk? {
        begin(now: now)
        guard let current else { return nil }
        let left = current.message.bytes.count - current.offset
        let count = min(left, DataChunkHeader.maximumPayload, room - DataChunkHeader.size)
        if count < left, !isFresh {
            // Cut only what must be cut, and not into crumbs.
            guard left > DataChunkHeader.maximumPayload, count >= DataChunkHeader.maximumPayload / 2 else { return nil }
        }
        guard count > 0 else { return nil }
        var flags: DataChunkHeader.Flags = current.message.isOrdered ? [] : .unordered
        if current.offset == 0 { flags.insert(.beginning) }
        if count == left { flags.insert(.end) }
        let chunk = OutgoingChunk(
            message: current.message, number: current.number, sequence: current.sequence, offset: current.offset, count: count, flags: flags
        )
        if count == left { self.current = nil } else { self.current?.offset += count }
        release(count, of: chunk.message.stream)
        return chunk
    }
}
