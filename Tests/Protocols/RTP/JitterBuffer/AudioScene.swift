import MediaTypes
import Primitives

@testable import RTP

/// Sends packets at their times through a delay, and plays 10 ms after 10 ms of the receiver's clock, as a queue does that can always
/// stretch as it should.
struct AudioScene {
    var buffer = AudioJitterBuffer()
    var pulls: [(at: Instant, pull: AudioPull)] = []
    var arrivals: [(at: Instant, packet: ReceivedAudioPacket)] = []
    /// A receiver's 20 ms in microseconds: other than 20 000 is drift.
    var pullInterval: Int64 = 20_000
    /// Samples pulled and not played.
    var pending = 0
    var inserted = 0
    var removed = 0
    /// The highest target, and that after the first ten seconds.
    var most = Interval.zero
    var lateMost = Interval.zero

    /// - Parameters:
    ///   - copies: how many earlier payloads ride along (RFC 2198).
    ///   - hasFEC: a SILK packet with the flag, else one that cannot have it.
    mutating func send(
        _ n: Int, from first: UInt16 = 65_500, timestamp: UInt32 = 0xffff_0000, at: Interval, size: Int = 40, copies: Int = 0,
        hasFEC: Bool = false
    ) {
        let arrival = Instant.zero + .seconds(1) + at
        for age in 0...copies where n - age >= 0 {
            let n = n - age
            var payload = [UInt8](repeating: 0, count: size)
            payload[0] = hasFEC ? 15 << 3 : 31 << 3
            payload[1] = 0x40
            payload[2] = UInt8(n >> 8 & 255)
            payload[3] = UInt8(n & 255)
            var packet = ReceivedAudioPacket(
                sequenceNumber: first &+ UInt16(truncatingIfNeeded: n), timestamp: timestamp &+ UInt32(n) &* 960, payload: payload,
                arrival: arrival)
            packet.isRedundant = age > 0
            arrivals.append((arrival, packet))
        }
    }

    mutating func run(seconds: Double) {
        // A stable order: a carrier comes before its copies.
        let order = arrivals.indices.sorted { (arrivals[$0].at, $0) < (arrivals[$1].at, $1) }
        var index = 0
        var now = Instant.zero + .seconds(1) + .milliseconds(7)
        while now < .zero + .seconds(1 + seconds) {
            while index < order.count, arrivals[order[index]].at <= now {
                buffer.insert(arrivals[order[index]].packet, now: arrivals[order[index]].at)
                index += 1
            }
            play(now)
            most = max(most, buffer.targetDelay)
            if now > .zero + .seconds(12) { lateMost = max(lateMost, buffer.targetDelay) }
            now += .microseconds(pullInterval / 2)
        }
    }

    private mutating func play(_ now: Instant) {
        fill(now)
        switch buffer.stretch() {
        case .none: break
        case .accelerate(let most, _):
            while pending < 2 * most, buffer.hasNext { pull(now) }
            let cut = min(most, pending / 2)
            pending -= cut
            removed += cut
            buffer.stretched(by: -cut)
        case .expand(let most):
            pending += most
            inserted += most
            buffer.stretched(by: most)
        }
        fill(now)
        pending -= 480
    }

    private mutating func fill(_ now: Instant) { while pending < 480 { pull(now) } }

    private mutating func pull(_ now: Instant) {
        let pull = buffer.pull(now: now, pending: pending)
        pulls.append((now + .microseconds(Int64(pending) * 125 / 6), pull))
        pending += pull == .empty ? 480 - pending : 960
    }

    static func number(_ payload: [UInt8]) -> Int { Int(payload[2]) << 8 | Int(payload[3]) }

    var played: [Int] {
        pulls.compactMap { if case .packet(let payload) = $0.pull { Self.number(payload) } else { nil } }
    }
    /// Pulls without a packet after the first one.
    var holes: Int { pulls.drop { $0.pull == .empty }.count { if case .packet = $0.pull { false } else { true } } }
    /// Pulls that had to be made up of nothing.
    var concealed: Int { pulls.count { if case .lost(nil) = $0.pull { true } else { false } } }
    /// From sending packet `n` (every 20 ms from the start) to playing it.
    func delay(of n: Int) -> Interval? {
        for (at, pull) in pulls {
            if case .packet(let payload) = pull, Self.number(payload) == n {
                return at - (Instant.zero + .seconds(1) + .milliseconds(20 * n))
            }
        }
        return nil
    }
}
