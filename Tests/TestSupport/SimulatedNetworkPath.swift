import Primitives

/// What a path does to datagrams.
public struct PathConditions: Sendable, Hashable {
    /// Losses that come in bursts (Gilbert): a good state without loss, and a bad one.
    public struct Burst: Sendable, Hashable {
        /// Chance per datagram to go from good to bad, and back.
        public var enter: Double
        public var leave: Double
        /// Chance to be lost in the bad state.
        public var loss: Double

        public init(enter: Double, leave: Double, loss: Double = 1) {
            self.enter = enter
            self.leave = leave
            self.loss = loss
        }
    }

    /// One way.
    public var delay: Interval
    /// Added uniformly from zero to this; by itself it never changes the order.
    public var jitter: Interval
    /// Independent for each datagram, 0 to 1.
    public var loss: Double
    public var burst: Burst?
    /// Chance to be overtaken: held back by `reorderDelay` more.
    public var reorder: Double
    public var reorderDelay: Interval
    public var duplicate: Double
    /// nil: unlimited.
    public var bitsPerSecond: Int?
    /// What may wait for its turn on a limited path; the rest is dropped.
    public var queueBytes: Int

    public init(
        delay: Interval = .milliseconds(1), jitter: Interval = .zero, loss: Double = 0, burst: Burst? = nil, reorder: Double = 0,
        reorderDelay: Interval = .milliseconds(20), duplicate: Double = 0, bitsPerSecond: Int? = nil, queueBytes: Int = 64_000
    ) {
        self.delay = delay
        self.jitter = jitter
        self.loss = loss
        self.burst = burst
        self.reorder = reorder
        self.reorderDelay = reorderDelay
        self.duplicate = duplicate
        self.bitsPerSecond = bitsPerSecond
        self.queueBytes = queueBytes
    }
}

/// One direction between two hosts, with what it remembers from datagram to datagram.
struct SimulatedPath: Sendable {
    enum Outcome {
        case lost
        case overflowed
        /// Twice for a duplicated datagram.
        case arrives([Instant])
    }

    private static let headerBytes = 28
    private var random: RandomSource
    private var isInBurst = false
    private var busyUntil = Instant.zero
    private var lastArrival = Instant.zero

    init(random: RandomSource) { self.random = random }

    private mutating func happens(_ chance: Double) -> Bool { chance > 0 && Double.random(in: 0..<1, using: &random) < chance }

    mutating func transfer(bytes: Int, conditions: PathConditions, now: Instant) -> Outcome {
        var sent = now
        if let rate = conditions.bitsPerSecond, rate > 0 {
            let waiting = max(.zero, busyUntil - now).seconds * Double(rate) / 8
            guard waiting + Double(bytes) <= Double(conditions.queueBytes) else { return .overflowed }
            sent = max(now, busyUntil) + Interval(seconds: Double((bytes + Self.headerBytes) * 8) / Double(rate))
            busyUntil = sent
        }
        if let burst = conditions.burst {
            isInBurst = isInBurst ? !happens(burst.leave) : happens(burst.enter)
            if isInBurst, happens(burst.loss) { return .lost }
        }
        if happens(conditions.loss) { return .lost }
        var arrival = sent + conditions.delay
        if conditions.jitter > .zero {
            arrival += .microseconds(Int64.random(in: 0...conditions.jitter.microseconds, using: &random))
        }
        if happens(conditions.reorder) {
            arrival = max(arrival, lastArrival) + conditions.reorderDelay
        } else {
            arrival = max(arrival, lastArrival)
            lastArrival = arrival
        }
        return .arrives(happens(conditions.duplicate) ? [arrival, arrival] : [arrival])
    }
}
