import Primitives

/// A message on its way out, as the application gave it.
struct OutgoingMessage: Sendable {
    static let none = OutgoingMessage(bytes: [], stream: 0, payloadType: 0, isOrdered: true)

    /// Never empty.
    var bytes: [UInt8]
    var stream: UInt16
    var payloadType: UInt32
    var isOrdered: Bool
    /// How often each part of it may be sent before all of it is given up (RFC 3758); `Int.max`: as often as it takes.
    var maximumTransmissions = Int.max
    /// When it is given up, sent or not.
    var expires = Instant.distantFuture
}

/// A part of a message that has a TSN: one DATA chunk, sent or about to be.
struct OutgoingChunk: Sendable {
    enum State: Sendable {
        case inFlight
        /// To be sent again.
        case lost
        /// By a gap block; the cumulative acknowledgement removes it.
        case acknowledged
        /// The peer is told not to wait for it.
        case abandoned
    }

    static let none = OutgoingChunk(message: .none, number: 0, sequence: 0, offset: 0, count: 0, flags: [])

    let message: OutgoingMessage
    /// The same for all parts of a message.
    let number: UInt64
    let sequence: UInt16
    let offset: Int
    let count: Int
    var flags: DataChunkHeader.Flags
    var state = State.inFlight
    /// How many SACKs have acknowledged something later and not this.
    var misses = 0
    var transmissions = 0
    /// The first TSN that was sent after this one was last; what came before says nothing about it.
    var fence: Int64 = 0

    init(message: OutgoingMessage, number: UInt64, sequence: UInt16, offset: Int, count: Int, flags: DataChunkHeader.Flags) {
        self.message = message
        self.number = number
        self.sequence = sequence
        self.offset = offset
        self.count = count
        self.flags = flags
    }

    /// With header and padding.
    var wireSize: Int { PacketFormat.padded(DataChunkHeader.size + count) }

    func isExhausted(_ now: Instant) -> Bool { transmissions >= message.maximumTransmissions || message.expires <= now }
}
