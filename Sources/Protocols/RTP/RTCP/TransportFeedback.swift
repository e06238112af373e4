import ByteCoding

/// Which packets of a transport arrived, and when (draft-holmer-rmcat-transport-wide-cc-extensions-01 section 3.1).
///
///      0                   1                   2                   3
///     |      base sequence number     |      packet status count      |
///     |                 reference time                | fb pkt. count |
///     |          packet chunk         |         packet chunk          | …
///     |  recv delta   |  recv delta   | …
public struct TransportFeedback: Hashable, Sendable {
    /// A packet that came; those that are not listed did not.
    public struct Arrival: Hashable, Sendable {
        /// Behind the base sequence number.
        public var offset: UInt16
        /// Since the reference time, in 250 µs. From one arrival to the next it changes by what 16 bits hold.
        public var ticks: Int32

        public init(offset: UInt16, ticks: Int32) {
            self.offset = offset
            self.ticks = ticks
        }
    }

    public var sender: UInt32
    public var media: UInt32
    public var baseSequenceNumber: UInt16
    /// How many packets this tells of, at least one.
    public var statusCount: UInt16
    /// 24 bits, in 64 ms of the receiver's clock.
    public var referenceTime: UInt32
    public var feedbackCount: UInt8
    /// By rising offset.
    public var arrivals: [Arrival]

    public init(
        sender: UInt32, media: UInt32, baseSequenceNumber: UInt16, statusCount: UInt16, referenceTime: UInt32, feedbackCount: UInt8,
        arrivals: [Arrival]
    ) {
        self.sender = sender
        self.media = media
        self.baseSequenceNumber = baseSequenceNumber
        self.statusCount = statusCount
        self.referenceTime = referenceTime
        self.feedbackCount = feedbackCount
        self.arrivals = arrivals
    }

    /// One status symbol of a chunk.
    fileprivate enum Symbol {
        static let lost: UInt16 = 0
        static let smallDelta: UInt16 = 1
        static let largeDelta: UInt16 = 2
    }
}

extension TransportFeedback {
    /// Takes what follows the two sources of the packet.
    init(sender: UInt32, media: UInt32, _ reader: inout ByteReader) throws(WireError) {
        let base = try reader.readUInt16()
        let count = try reader.readUInt16()
        let reference = try reader.readUInt32()
        self.init(
            sender: sender, media: media, baseSequenceNumber: base, statusCount: count, referenceTime: reference >> 8,
            feedbackCount: UInt8(truncatingIfNeeded: reference), arrivals: [])
        guard count > 0 else { throw .malformed("transport feedback without packets") }
        // Each arrival has a byte at least, so that a short packet cannot tell of many.
        let limit = reader.remaining
        var seen = 0
        while seen < Int(count) {
            let chunk = try reader.readUInt16()
            if chunk & 0x8000 == 0 {
                let run = min(Int(chunk & 0x1fff), Int(count) - seen)
                try note(chunk >> 13 & 3, from: seen, count: run, limit: limit)
                seen += run
            } else {
                let (width, length) = chunk & 0x4000 == 0 ? (1, 14) : (2, 7)
                for position in 0..<min(length, Int(count) - seen) {
                    let symbol = chunk >> UInt16(14 - width * (position + 1)) & (width == 1 ? 1 : 3)
                    try note(symbol, from: seen, count: 1, limit: limit)
                    seen += 1
                }
            }
        }
        var ticks: Int32 = 0
        for index in arrivals.indices {
            if arrivals[index].ticks == Int32(Symbol.largeDelta) {
                ticks &+= Int32(Int16(bitPattern: try reader.readUInt16()))
            } else {
                ticks &+= Int32(try reader.readUInt8())
            }
            arrivals[index].ticks = ticks
        }
    }

    /// Until the deltas are read, the symbol stands in their place.
    private mutating func note(_ symbol: UInt16, from offset: Int, count: Int, limit: Int) throws(WireError) {
        guard symbol != Symbol.lost else { return }
        guard symbol != 3 else { throw .malformed("transport feedback symbol") }
        guard arrivals.count + count <= limit else { throw .truncated }
        for position in offset..<offset + count {
            arrivals.append(Arrival(offset: UInt16(truncatingIfNeeded: position), ticks: Int32(symbol)))
        }
    }
}

extension Array where Element == UInt8 {
    /// Appends all behind the packet's sources, filled up to a whole word.
    mutating func append(transportFeedback feedback: TransportFeedback) {
        let start = count
        append(uint16: feedback.baseSequenceNumber)
        append(uint16: feedback.statusCount)
        append(uint32: (feedback.referenceTime & 0xff_ffff) << 8 | UInt32(feedback.feedbackCount))
        var symbols = [UInt16](repeating: TransportFeedback.Symbol.lost, count: Int(feedback.statusCount))
        var last: Int32 = 0
        for arrival in feedback.arrivals where Int(arrival.offset) < symbols.count {
            let isSmall = (0...255).contains(arrival.ticks &- last)
            symbols[Int(arrival.offset)] = isSmall ? TransportFeedback.Symbol.smallDelta : TransportFeedback.Symbol.largeDelta
            last = arrival.ticks
        }
        append(symbols: symbols)
        last = 0
        for arrival in feedback.arrivals where Int(arrival.offset) < symbols.count {
            let delta = arrival.ticks &- last
            if (0...255).contains(delta) {
                append(UInt8(delta))
            } else {
                append(uint16: UInt16(bitPattern: Int16(clamping: delta)))
            }
            last = arrival.ticks
        }
        for _ in 0..<((4 - (count - start) % 4) % 4) { append(0) }
    }

    /// Chunks as they come: a long run as one, a mixture as a vector of 14 or 7.
    private mutating func append(symbols: [UInt16]) {
        var at = 0
        while at < symbols.count {
            let first = symbols[at]
            var run = 1
            while at + run < symbols.count, run < 0x1fff, symbols[at + run] == first { run += 1 }
            let vector = Swift.min(14, symbols.count - at)
            let isNarrow = symbols[at..<at + vector].allSatisfy { $0 != TransportFeedback.Symbol.largeDelta }
            if run >= vector || !isNarrow && run >= Swift.min(7, vector) {
                append(uint16: first << 13 | UInt16(run))
                at += run
                continue
            }
            let (width, length) = isNarrow ? (1, vector) : (2, Swift.min(7, vector))
            var chunk: UInt16 = isNarrow ? 0x8000 : 0xc000
            for position in 0..<length { chunk |= symbols[at + position] << UInt16(14 - width * (position + 1)) }
            append(uint16: chunk)
            at += length
        }
    }
}
