import Primitives

/// Spreads video over time, so that a large frame does not push the audio behind it out of a narrow link's queue.
///
/// A leaky bucket: what leaves fills it, time drains it at a multiple of the recent rate, and 40 ms worth may leave at once.
struct Pacer: Sendable {
    struct Item: Sendable {
        var packet: [UInt8]
        var sequenceNumber: UInt16
        var payloadCount: Int
        var isRetransmission: Bool
    }

    static let factor = 2.5
    static let burst = Interval.milliseconds(40)
    /// So that a thread wakes for a few packets, not for each.
    static let step = Interval.milliseconds(5)
    /// However large a frame is, it has left by then.
    static let maximumQueueTime = Interval.milliseconds(60)
    static let maximumPackets = 4096

    private var retransmissions = FIFO<Item>()
    private var video = FIFO<Item>()
    private var queuedBytes = 0
    /// Bytes that left and that time has not drained yet.
    private var level = 0.0
    private var drained: Instant
    /// Bytes a second, as measured.
    private var recentRate: Double
    private var windowStart: Instant
    private var windowBytes = 0
    /// Raised while a large frame waits.
    private var rate: Double

    init(initialBitrate: Int, now: Instant) {
        recentRate = Double(max(50_000, initialBitrate)) / 8
        rate = recentRate * Self.factor
        drained = now
        windowStart = now
    }

    var isFull: Bool { video.count >= Self.maximumPackets }
    var isEmpty: Bool { video.isEmpty && retransmissions.isEmpty }

    mutating func enqueue(_ item: Item) {
        if item.isRetransmission {
            guard retransmissions.count < Self.maximumPackets else { return }
            retransmissions.append(item)
        } else {
            video.append(item)
        }
        queuedBytes += item.packet.count
    }

    /// A whole frame has been queued: adapts the rate to it and to what was sent before.
    mutating func updateRate(now: Instant) {
        let window = now - windowStart
        if window >= .milliseconds(500) {
            recentRate = (recentRate + Double(windowBytes) / window.seconds) / 2
            windowStart = now
            windowBytes = 0
        }
        drain(now)
        rate = max(max(recentRate, 12_500) * Self.factor, Double(queuedBytes) / Self.maximumQueueTime.seconds)
    }

    private mutating func drain(_ now: Instant) {
        guard now > drained else { return }
        level = max(0, level - (now - drained).seconds * rate)
        drained = now
    }

    /// The next packet that may leave now; what was asked for again goes first.
    mutating func next(now: Instant) -> Item? {
        drain(now)
        guard level < rate * Self.burst.seconds, let item = retransmissions.popFirst() ?? video.popFirst() else { return nil }
        level += Double(item.packet.count)
        queuedBytes -= item.packet.count
        windowBytes += item.packet.count
        return item
    }

    /// When packets may leave again; nil when none wait.
    var nextTimeout: Instant? {
        guard !isEmpty else { return nil }
        let room = rate * (Self.burst - Self.step).seconds
        return drained + Interval(seconds: max(0, level - room) / rate)
    }

    mutating func removeAll() {
        retransmissions.removeAll()
        video.removeAll()
        queuedBytes = 0
    }
}
