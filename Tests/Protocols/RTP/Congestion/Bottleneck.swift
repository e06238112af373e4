import Primitives

@testable import RTP

/// One direction of a path: a queue before a link of a certain rate, then a delay, in which packets may get lost.
struct Bottleneck {
    struct Packet {
        var flow: Int
        var bytes: [UInt8]
        var isRTCP: Bool
    }
    static let overhead = 38

    /// bit/s.
    var rate: Double
    var delay: Interval
    var jitter = Interval.zero
    var loss = 0.0
    /// Chances to enter and to leave a state in which `burstLoss` of the packets are lost (Gilbert, Elliott).
    var burst: (enter: Double, leave: Double, loss: Double)?
    /// What does not fit is lost.
    var longestQueue = Interval.seconds(2)
    var isDown = false

    private var waiting = FIFO<(packet: Packet, size: Int, queued: Instant)>()
    private var waitingBytes = 0
    private var serving: (packet: Packet, until: Instant)?
    private var flying = FIFO<(packet: Packet, arrival: Instant)>()
    private var lastArrival = Instant.zero
    private var isBursting = false
    private var random: RandomSource
    /// How long each packet waited in the queue.
    var waits: [(at: Instant, wait: Interval)] = []
    private(set) var carried = 0

    init(rate: Double, delay: Interval, seed: UInt64) {
        self.rate = rate
        self.delay = delay
        random = .seeded(seed)
    }

    mutating func send(_ packet: Packet, now: Instant) {
        if let burst {
            if Double.random(in: 0..<1, using: &random) < (isBursting ? burst.leave : burst.enter) { isBursting.toggle() }
            if isBursting, Double.random(in: 0..<1, using: &random) < burst.loss { return }
        }
        if isDown || Double.random(in: 0..<1, using: &random) < loss { return }
        let size = packet.bytes.count + Self.overhead
        guard Double(waitingBytes + size) * 8 / rate <= longestQueue.seconds else { return }
        waiting.append((packet, size, now))
        waitingBytes += size
        serve(now)
    }

    private mutating func serve(_ now: Instant) {
        guard serving == nil, let next = waiting.popFirst() else { return }
        waitingBytes -= next.size
        carried += next.size
        waits.append((now, now - next.queued))
        serving = (next.packet, now + Interval(seconds: Double(next.size) * 8 / rate))
    }

    var nextEvent: Instant? { earliest(serving?.until, flying.first?.arrival) }

    /// What has arrived by now.
    mutating func take(now: Instant) -> Packet? {
        while let done = serving, done.until <= now {
            let late = jitter > .zero ? Int64.random(in: 0...jitter.microseconds, using: &random) : 0
            // A real path's jitter keeps the order, mostly.
            lastArrival = max(lastArrival, done.until + delay + .microseconds(late))
            flying.append((done.packet, lastArrival))
            serving = nil
            serve(done.until)
        }
        guard let first = flying.first, first.arrival <= now else { return nil }
        return flying.popFirst()?.packet
    }
}
