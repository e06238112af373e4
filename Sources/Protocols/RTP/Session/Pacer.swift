import Primitives

/// Spreads video over time, so that a large frame does not push the audio behind it out of a narrow link's queue.
///
/// A leaky bucket: what leaves fills it, time drains it at a multiple of the rate, and 40 ms worth may leave at once. The rate is the
/// congestion control's; without one it is what was sent lately.
struct Pacer: Sendable {
    struct Item: Sendable {
        var packet: [UInt8]
        var payloadCount: Int
        var isRetransmission: Bool
        var startsFrame = false
        var endsKeyFrame = false
        var stamps = PacketStamps()
        var queued = Instant.zero
    }

    static let factor = 2.5
    static let burst = Interval.milliseconds(40)
    /// So that a thread wakes for a few packets, not for each.
    static let step = Interval.milliseconds(5)
    /// However large a frame is, it has left by then, while nothing is known of the link.
    static let maximumQueueTime = Interval.milliseconds(60)
    /// What has waited longer is of no use to a conversation.
    static let maximumAge = Interval.milliseconds(800)
    static let maximumPackets = 4096
    /// What is asked for beyond this waits too long to be of use.
    static let maximumRetransmissions = Interval.milliseconds(300)

    private var retransmissions = FIFO<Item>()
    private var video = FIFO<Item>()
    private(set) var queuedBytes = 0
    private var retransmissionBytes = 0
    /// Whole key frames, or the rest of one.
    private(set) var keyFrames = 0
    /// Bytes that left and that time has not drained yet.
    private var level = 0.0
    private var drained: Instant
    /// Bytes a second, as measured.
    private var recentRate: Double
    private var windowStart: Instant
    private var windowBytes = 0
    /// Raised while a large frame waits.
    private var rate: Double
    private var isSteered = false

    init(initialBitrate: Int, now: Instant) {
        recentRate = Double(max(50_000, initialBitrate)) / 8
        rate = recentRate * Self.factor
        drained = now
        windowStart = now
    }

    var isFull: Bool { video.count >= Self.maximumPackets }
    var isEmpty: Bool { video.isEmpty && retransmissions.isEmpty }

    mutating func enqueue(_ item: consuming Item) {
        queuedBytes += item.packet.count
        if item.isRetransmission {
            retransmissionBytes += item.packet.count
            retransmissions.append(item)
        } else {
            if item.endsKeyFrame { keyFrames += 1 }
            video.append(item)
        }
    }

    /// Whether a retransmission would leave while it is of use.
    var takesRetransmissions: Bool {
        guard retransmissions.count < Self.maximumPackets else { return false }
        return !isSteered || Double(retransmissionBytes) < max(3000, rate / Self.factor * Self.maximumRetransmissions.seconds)
    }

    /// Takes the congestion control's estimate, in bit/s; nil: there is none.
    mutating func steer(_ estimate: Double?, now: Instant) {
        drain(now)
        isSteered = estimate != nil
        if let estimate { rate = max(1000, estimate / 8 * Self.factor) }
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
        guard !isSteered else { return }
        rate = max(max(recentRate, 12_500) * Self.factor, Double(queuedBytes) / Self.maximumQueueTime.seconds)
    }

    private mutating func drain(_ now: Instant) {
        guard now > drained else { return }
        level = max(0, level - (now - drained).seconds * rate)
        drained = now
    }

    /// Something left that is not paced, but takes its part of the link.
    mutating func passed(_ bytes: Int, now: Instant) {
        guard isSteered else { return }
        drain(now)
        level = min(level + Double(bytes), rate * Self.burst.seconds)
    }

    /// The next packet that may leave now; what was asked for again goes first.
    /// - Parameter isProbe: the bucket does not count, since the probe has a rate of its own.
    mutating func next(isProbe: Bool = false, now: Instant) -> Item? {
        drain(now)
        guard isProbe || level < rate * Self.burst.seconds, let item = retransmissions.popFirst() ?? video.popFirst() else { return nil }
        level += Double(item.packet.count)
        queuedBytes -= item.packet.count
        if item.isRetransmission { retransmissionBytes -= item.packet.count }
        if item.endsKeyFrame { keyFrames -= 1 }
        windowBytes += item.packet.count
        return item
    }

    /// When packets may leave again; nil when none wait.
    var nextTimeout: Instant? {
        guard !isEmpty else { return nil }
        let room = rate * (Self.burst - Self.step).seconds
        return drained + Interval(seconds: max(0, level - room) / rate)
    }

    /// How long the oldest video packet has waited.
    func age(now: Instant) -> Interval { video.first.map { now - $0.queued } ?? .zero }

    /// Drops the frames that wait, but for one that has left in part, and what was asked for of those before; true when there were any.
    mutating func dropFrames() -> Bool {
        let old = video
        var isKept = true
        var dropped = false
        video.removeAll()
        var rest = old
        while let item = rest.popFirst() {
            if item.startsFrame { isKept = false }
            if isKept {
                video.append(item)
            } else {
                queuedBytes -= item.packet.count
                if item.endsKeyFrame { keyFrames -= 1 }
                dropped = true
            }
        }
        retransmissions.removeAll()
        queuedBytes -= retransmissionBytes
        retransmissionBytes = 0
        return dropped
    }

    mutating func removeAll() {
        retransmissions.removeAll()
        video.removeAll()
        (queuedBytes, retransmissionBytes, keyFrames) = (0, 0, 0)
    }
}
