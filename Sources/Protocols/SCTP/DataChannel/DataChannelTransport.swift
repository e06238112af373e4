import ByteCoding
import Primitives

/// WebRTC's data channels (RFC 8831): SCTP inside DTLS, and the channels on it.
///
/// After every call take what there is from `poll()` until it is nil; call `handleTimeout` at `nextTimeout`.
public struct DataChannelTransport: Sendable {
    public struct Configuration: Sendable {
        /// Which half of the ids this side takes from: the even ones for the DTLS client, the odd ones for the server (RFC 8832, section 6).
        public var isDTLSClient: Bool
        public var localPort: UInt16 = 5000
        public var remotePort: UInt16 = 5000
        /// The peer's `max-message-size` (RFC 8841), in bytes; 65536 when it does not say, 0 for no limit.
        public var remoteMaximumMessageSize = 65_536
        /// This side's: a larger message is not delivered, and ends its channel.
        public var maximumMessageSize = 262_144
        /// Bytes that are held for the peer's messages, at most.
        public var receiveWindow = 4 << 20
        /// Bytes that may wait to be sent, over all channels.
        public var sendBuffer = 16 << 20
        /// Before a round trip has been measured; what ICE knows about it is better than this.
        public var initialRetransmissionTimeout = Interval.milliseconds(500)

        public init(isDTLSClient: Bool) { self.isDTLSClient = isDTLSClient }
    }

    static let channelLimit = 1024
    /// Bytes of names that the peer may have this side remember.
    static let nameLimit = 1 << 20

    let configuration: Configuration
    var association: Association
    var channels: [DataChannelID: DataChannel] = [:]
    var nextID: DataChannelID
    var nameBytes = 0
    var events = RingBuffer<DataChannelEvent>(filler: .associationUp)
    var counts = DataChannelStatistics()
    var isUp = false
    var isOver = false

    public init(configuration: Configuration, random: RandomSource) {
        self.configuration = configuration
        var lower = AssociationConfiguration()
        lower.localPort = configuration.localPort
        lower.remotePort = configuration.remotePort
        lower.messageLimit = max(1, configuration.maximumMessageSize)
        lower.receiveWindow = max(configuration.receiveWindow, 4 * PacketFormat.maximumSize)
        lower.initialTimeout = max(RetransmissionTimeout.minimum, min(configuration.initialRetransmissionTimeout, .seconds(3)))
        association = Association(configuration: lower, random: random)
        nextID = configuration.isDTLSClient ? 0 : 1
    }

    // MARK: The association

    /// Both sides begin (RFC 8841, section 9.3), as soon as DTLS is up.
    public mutating func start(now: Instant) { association.start(now: now) }

    /// One SCTP packet: what a DTLS record held.
    public mutating func handle(_ packet: Span<UInt8>, now: Instant) { association.handle(packet, now: now) }

    public mutating func handleTimeout(now: Instant) { association.handleTimeout(now: now) }

    /// When `handleTimeout` would do something.
    public var nextTimeout: Instant? { association.nextTimeout }

    /// Ends the association: what has been given to be sent is sent before, as far as the peer takes it within five seconds.
    public mutating func shutdown(now: Instant) { association.shutdown(now: now) }

    /// Ends the association at once, and tells the peer.
    public mutating func abort(now: Instant) {
        association.now = now
        association.abort(reason: "Ended.")
    }

    /// The next thing to do; nil: nothing more for now.
    public mutating func poll() -> DataChannelOutput? {
        while true {
            if let event = events.popFirst() { return .event(event) }
            switch association.events.first {
            case .established, .restarted:
                // Before the messages that came right behind it.
                if let event = association.pollEvent() { take(event) }
                continue
            default: break
            }
            if let message = association.takeMessage() {
                take(message)
            } else if let event = association.pollEvent() {
                take(event)
            } else {
                let packet = association.pollPacket()
                if !association.queue.drained.isEmpty { takeDrained() }
                if let packet { return .transmit(packet) }
                if events.isEmpty, association.events.isEmpty { return nil }
            }
        }
    }

    private mutating func takeDrained() {
        for id in association.queue.drained where channels[id]?.state == .open { events.append(.bufferedAmountLow(id)) }
        association.queue.drained.removeAll(keepingCapacity: true)
    }

    public var statistics: DataChannelStatistics {
        var statistics = counts
        statistics.packetsSent = association.packetsSent
        statistics.packetsReceived = association.packetsReceived
        statistics.retransmissions = association.outstanding.retransmissions
        statistics.retransmissionTimeouts = association.timeouts
        statistics.congestionWindow = association.window.bytes
        statistics.bytesInFlight = association.outstanding.flightBytes
        statistics.roundTripTime = association.timeout.smoothed
        return statistics
    }
}
