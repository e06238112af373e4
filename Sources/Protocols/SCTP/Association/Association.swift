import ByteCoding
import Primitives

/// One SCTP association (RFC 9260) over DTLS (RFC 8261): messages in and out of numbered streams.
///
/// After every call take packets from `pollPacket()` and events from `pollEvent()` and `takeMessage()` until there are none.
struct Association: Sendable {
    enum State: Sendable {
        case closed, cookieWait, cookieEchoed, established, shutdownPending, shutdownSent, shutdownReceived, shutdownAckSent, ended
    }

    /// What is known of the peer once it has introduced itself.
    struct Peer: Sendable {
        let tag: UInt32
        var window: Int
        let outgoingStreams: Int
        let supportsForwardTSN: Bool
        let supportsReconfiguration: Bool
    }

    let configuration: AssociationConfiguration
    var random: RandomSource
    let cookieKey: CookieKey
    /// Of the last call.
    var now = Instant.zero

    var state = State.closed
    var localTag: UInt32
    var localTSN: UInt32
    var peer: Peer?
    var cookie: [UInt8] = []

    var queue = SendQueue()
    var outstanding: Outstanding
    var window = CongestionWindow()
    var timeout: RetransmissionTimeout
    var received = ReceivedTSNs(initialTSN: 0)
    var reassembly: Reassembly
    var undeliveredBytes = 0
    var resets: StreamResets

    // What has to be sent.
    var packets = RingBuffer<[UInt8]>(filler: [])
    var control = RingBuffer<[UInt8]>(filler: [])
    var isSackDue = false
    var unacknowledgedPackets = 0
    var forwardTSN: ForwardTSNChunk?
    var isForwardDue = false
    var isFastRetransmitDue = false
    var isHeldByBurst = false
    var burstCount = 0
    var burstStart = Instant.zero
    var lastAdvertised = 0

    // Timers: when they fire.
    var handshakeDue: Instant?
    var retransmissionDue: Instant?
    var sackDue: Instant?
    var heartbeatDue: Instant?
    /// The peer has no room, and is asked again by sending something.
    var probeDue: Instant?
    var shutdownDue: Instant?
    var handshakeTries = 0
    var shutdownTries = 0
    /// Since the peer was last heard to have got something.
    var failures = 0
    var heartbeat: (nonce: UInt64, sent: Instant)?
    var lastDataSent = Instant.zero

    var events = RingBuffer<AssociationEvent>(filler: .established)
    var packetsSent = 0
    var packetsReceived = 0
    var timeouts = 0

    init(configuration: AssociationConfiguration, random: RandomSource) {
        self.configuration = configuration
        self.random = random
        cookieKey = CookieKey(using: &self.random)
        localTag = UInt32.random(in: 1...UInt32.max, using: &self.random)
        localTSN = UInt32(truncatingIfNeeded: self.random.next())
        outstanding = Outstanding(initialTSN: localTSN)
        timeout = RetransmissionTimeout(initial: configuration.initialTimeout)
        reassembly = Reassembly(messageLimit: configuration.messageLimit)
        resets = StreamResets(localInitialTSN: localTSN, peerInitialTSN: 0)
    }

    /// Data can be sent and have been asked for.
    var isUp: Bool {
        switch state {
        case .established, .shutdownPending, .shutdownReceived: true
        default: false
        }
    }

    // MARK: Use

    mutating func start(now: Instant) {
        guard state == .closed else { return }
        self.now = now
        state = .cookieWait
        handshakeTries = 0
        sendInitiation()
    }

    /// Nothing is sent before the association is up.
    mutating func send(_ message: OutgoingMessage, now: Instant) {
        self.now = now
        queue.append(message)
    }

    /// Ends what is sent on a stream, after what has been given to be sent on it (RFC 6525).
    mutating func reset(_ stream: UInt16, now: Instant) {
        self.now = now
        resets.want(stream)
        requestResets()
    }

    /// Everything that has been given to be sent is; then the association ends.
    mutating func shutdown(now: Instant) {
        self.now = now
        switch state {
        case .established:
            state = .shutdownPending
            // Whoever ends a call does not wait long for a peer that may be gone.
            shutdownDue = now + .seconds(5)
            continueShutdown()
        case .closed, .cookieWait, .cookieEchoed: abort(reason: "Ended before it was up.")
        default: break
        }
    }

    /// The association ends at once, and the peer is told.
    mutating func abort(reason: String) {
        guard state != .ended else { return }
        if let peer {
            var packet = begin(tag: peer.tag)
            // Cause 12: the user says so (RFC 9260, section 3.3.10.12).
            packet.appendChunk(ChunkType.abort, [0, 12, 0, 4])
            finish(packet)
        }
        end(reason)
    }

    mutating func end(_ reason: String) {
        guard state != .ended else { return }
        state = .ended
        (handshakeDue, retransmissionDue, sackDue, heartbeatDue, shutdownDue) = (nil, nil, nil, nil, nil)
        queue.removeAll()
        outstanding = Outstanding(initialTSN: 0)
        control.removeAll()
        reassembly = Reassembly(messageLimit: configuration.messageLimit)
        events.append(.ended(reason))
    }

    // MARK: Output

    mutating func pollEvent() -> AssociationEvent? { events.popFirst() }

    var nextTimeout: Instant? {
        guard state != .ended else { return nil }
        var next = Instant.distantFuture
        for due in [handshakeDue, retransmissionDue, sackDue, heartbeatDue, shutdownDue, resets.due] {
            if let due, due < next { next = due }
        }
        if let probeDue, isUp, !queue.isEmpty, !outstanding.hasLost, outstanding.flightBytes == 0 { next = min(next, probeDue) }
        if isHeldByBurst { next = min(next, burstStart + AssociationConfiguration.burstInterval) }
        return next == .distantFuture ? nil : next
    }
}
