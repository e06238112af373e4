import ByteCoding

/// All inbound streams, and what they hold together.
struct Reassembly: Sendable {
    static let streamLimit = 4096

    private let messageLimit: Int
    private var streams: [UInt16: InboundStream] = [:]
    /// Bytes and bookkeeping that wait for something.
    private(set) var cost = 0
    /// Whole messages, the first to come out first.
    var messages = RingBuffer(filler: ReceivedMessage.none)

    init(messageLimit: Int) { self.messageLimit = messageLimit }

    /// False: there are too many streams, and the part is forgotten.
    mutating func add(_ header: DataChunkHeader, tsn: Int64, payload: Span<UInt8>) -> Bool {
        if streams[header.stream] == nil {
            guard streams.count < Self.streamLimit else { return false }
            streams[header.stream] = InboundStream(id: header.stream)
        }
        guard let index = streams.index(forKey: header.stream) else { return false }
        let before = streams.values[index].cost
        var part = InboundStream.Run(
            first: tsn, last: tsn, sequence: header.sequence, payloadType: header.payloadType,
            isUnordered: header.flags.contains(.unordered), hasBeginning: header.flags.contains(.beginning),
            hasEnd: header.flags.contains(.end), bytes: [])
        if !streams.values[index].extendNewest(with: part, payload: payload, limit: messageLimit, into: &messages) {
            part.bytes = Array(copying: payload)
            streams.values[index].add(part, limit: messageLimit, into: &messages)
        }
        cost += streams.values[index].cost - before
        return true
    }

    mutating func forward(to tsn: Int64, skips: [ForwardTSNChunk.Skip]) {
        for skip in skips {
            guard let index = streams.index(forKey: skip.stream) else {
                // Nothing of this stream has ever come; its first message is not the next one all the same.
                guard streams.count < Self.streamLimit else { continue }
                streams[skip.stream] = InboundStream(id: skip.stream)
                streams[skip.stream]?.nextSequence = skip.sequence &+ 1
                continue
            }
            let before = streams.values[index].cost
            streams.values[index].skip(to: skip.sequence, into: &messages)
            cost += streams.values[index].cost - before
        }
        guard cost > 0 else { return }
        var index = streams.startIndex
        while index != streams.endIndex {
            let before = streams.values[index].cost
            if before > 0 {
                streams.values[index].removeRuns(upTo: tsn)
                cost += streams.values[index].cost - before
            }
            streams.formIndex(after: &index)
        }
    }

    mutating func reset(_ stream: UInt16) {
        guard let old = streams.removeValue(forKey: stream) else { return }
        cost -= old.cost
    }
}
