import ByteCoding
import MediaTypes
import Primitives

/// What the playout thread does for the next 20 ms.
public enum AudioPull: Sendable, Equatable {
    /// Decode this packet.
    case packet([UInt8])
    /// A packet is missing: conceal, with the in-band FEC of the packet after it where that is there already.
    case lost(fecFrom: [UInt8]?)
    /// Nothing to play: the stream has not begun, or the other side is silent.
    case empty
}

public struct AudioJitterStatistics: Sendable, Equatable {
    public var played = 0
    /// Pulls answered by `.lost`.
    public var concealed = 0
    /// Came after their place had been played or concealed, repeats of played packets among them.
    public var late = 0
    public var duplicates = 0
    /// Left out to bring the delay down.
    public var dropped = 0
    /// Times the stream went on somewhere else: after an outage, a long silence, or with a new source.
    public var resyncs = 0
    public var targetDelay = Interval.zero
    public var bufferedDelay = Interval.zero

    public init() {}
}

/// Puts audio packets in order and holds them just as long as the network's jitter asks for; filled as packets come, pulled by the
/// playout thread.
///
/// Each packet has a due time: that of the fastest recent packet on the same media time line, plus the target delay. The buffer starts
/// and restarts by it, and leaves a packet out when all packets of the last two seconds were played well after it.
public struct AudioJitterBuffer: Sendable {
    static let capacity = 100
    static let ticksPerPull: Int64 = 960
    static let minimumPacketTicks: Int64 = 120
    /// A hole in the media time that is not concealed but skipped.
    static let maximumGap: Int64 = 24_000
    /// Concealment fades out by then (5 pulls of 20 ms).
    static let maximumConcealment = 5
    static let outage = Interval.milliseconds(400)
    /// The queue that an outage leaves behind comes at once and says nothing about jitter.
    static let outageTail = Interval.milliseconds(100)
    static let shrinkWindow = 100

    private struct Entry {
        var sequence: Int64
        /// Unwrapped, 48 kHz.
        var timestamp: Int64
        var payload: [UInt8]
    }

    /// Ascending by sequence.
    private var entries: [Entry] = []
    private var highest: (sequence: Int64, timestamp: Int64)?
    /// Where playing goes on; nil before the first packet and after a resync.
    private var next: (sequence: Int64, timestamp: Int64)?
    private var isPlaying = false
    private var packetTicks = ticksPerPull
    private var concealedRun = 0
    private var estimator: AudioDelayEstimator
    private var lastArrival: Instant?
    private var ignoreUntil: Instant?
    /// The least that packets were played behind their due time in this window of pulls.
    private var leastExcess: Interval?
    private var windowPulls = 0
    private var counters = AudioJitterStatistics()

    public init(initialTarget: Interval = .milliseconds(40)) { estimator = AudioDelayEstimator(initialTarget: initialTarget) }

    /// How long packets are meant to be held against the fastest.
    public var targetDelay: Interval { estimator.target }

    /// How much sound is held.
    public var bufferedDelay: Interval {
        guard let first = entries.first, let last = entries.last else { return .zero }
        return Self.interval(last.timestamp - first.timestamp + packetTicks)
    }

    public var statistics: AudioJitterStatistics {
        var all = counters
        all.targetDelay = targetDelay
        all.bufferedDelay = bufferedDelay
        return all
    }

    private static func interval(_ ticks: Int64) -> Interval { Interval(microseconds: ticks &* 125 / 6) }

    // MARK: Packets in

    /// Takes a packet in any order; `packet.arrival` is what jitter is measured by, `now` when it is put in.
    public mutating func insert(_ packet: ReceivedAudioPacket, now: Instant) {
        guard !packet.payload.isEmpty else { return }
        let place = place(packet)
        measure(packet, at: place.timestamp)
        // Its place is played already, but how late it is counts for the target.
        if let next, place.sequence < next.sequence {
            counters.late += 1
            return
        }
        let index = entries.lastIndex { $0.sequence <= place.sequence }
        if let index, entries[index].sequence == place.sequence {
            counters.duplicates += 1
            return
        }
        let at = index.map { $0 + 1 } ?? 0
        // Neighbours in sequence tell how long a packet is; 2.5 to 120 ms is what Opus allows.
        if at > 0, entries[at - 1].sequence + 1 == place.sequence {
            let ticks = place.timestamp - entries[at - 1].timestamp
            if (120...5760).contains(ticks) { packetTicks = ticks }
        }
        entries.insert(Entry(sequence: place.sequence, timestamp: place.timestamp, payload: packet.payload), at: at)
        if entries.count > Self.capacity { drop() }
    }

    /// Where the packet lies on lines that do not wrap. A jump begins the stream anew.
    private mutating func place(_ packet: ReceivedAudioPacket) -> (sequence: Int64, timestamp: Int64) {
        guard let highest else { return begin(packet) }
        let ahead = Int64(packet.sequenceNumber.serialDistance(from: UInt16(truncatingIfNeeded: highest.sequence)))
        let ticks = Int64(packet.timestamp.serialDistance(from: UInt32(truncatingIfNeeded: highest.timestamp)))
        if ahead <= 0, ahead > -Int64(Self.capacity), ticks <= 0 {
            return (highest.sequence + ahead, highest.timestamp + ticks)
        }
        // No packet is shorter than 2.5 ms: a sequence that runs ahead of its media time would be concealed for minutes.
        guard ahead > 0, ticks >= ahead * Self.minimumPacketTicks, ticks <= Self.maximumGap else {
            counters.resyncs += 1
            return begin(packet)
        }
        let place = (sequence: highest.sequence + ahead, timestamp: highest.timestamp + ticks)
        self.highest = place
        return place
    }

    private mutating func begin(_ packet: ReceivedAudioPacket) -> (sequence: Int64, timestamp: Int64) {
        entries.removeAll(keepingCapacity: true)
        estimator.rebase()
        next = nil
        isPlaying = false
        concealedRun = 0
        // One turn up, so that what was overtaken by the first packet is not negative.
        let place = (sequence: Int64(packet.sequenceNumber) + 1 << 16, timestamp: Int64(packet.timestamp) + 1 << 32)
        highest = place
        return place
    }

    private mutating func measure(_ packet: ReceivedAudioPacket, at timestamp: Int64) {
        if let lastArrival, packet.arrival - lastArrival > Self.outage {
            estimator.rebase()
            ignoreUntil = packet.arrival + Self.outageTail
        }
        lastArrival = packet.arrival
        let transit = packet.arrival.microseconds &- Self.interval(timestamp).microseconds
        if let ignoreUntil, packet.arrival < ignoreUntil {
            // Only the fastest of the burst says where the time line is now.
            if let fastest = estimator.fastest, transit > fastest { return }
            estimator.rebase()
        }
        estimator.add(transit: transit)
    }

    private mutating func drop() {
        guard let entry = entries.first else { return }
        entries.removeFirst()
        next = (entry.sequence + 1, entry.timestamp + packetTicks)
        counters.dropped += 1
    }

    /// Leaves out the oldest packet held, for a caller that knows it to be silence; false when none is held.
    @discardableResult
    public mutating func discardOldest() -> Bool {
        guard !entries.isEmpty else { return false }
        drop()
        return true
    }

    // MARK: Sound out

    /// What to play for the next 20 ms, or for the length of the packet that it gives.
    public mutating func pull(now: Instant) -> AudioPull {
        guard isPlaying else {
            guard let first = entries.first, isDue(first, now) else { return .empty }
            isPlaying = true
            concealedRun = 0
            resetWindow()
            return play(now)
        }
        shrinkQueue()
        guard let first = entries.first else { return concealWithoutNews() }
        guard let next else { return play(now) }
        let missing = first.sequence - next.sequence
        let covered = Int64(concealedRun) * Self.ticksPerPull / max(1, packetTicks)
        if missing <= covered {
            // Nothing is lost here, but the sender paused: the packet waits for its own time.
            if first.timestamp > next.timestamp + missing * packetTicks, !isDue(first, now) { return concealWithoutNews() }
            return play(now)
        }
        let place = next.sequence + covered
        self.next = (place + 1, next.timestamp + (covered + 1) * packetTicks)
        concealedRun = 0
        counters.concealed += 1
        return .lost(fecFrom: first.sequence == place + 1 ? first.payload : nil)
    }

    private mutating func play(_ now: Instant) -> AudioPull {
        leaveOutWhenSlow(now)
        guard let entry = entries.first else { return .empty }
        entries.removeFirst()
        next = (entry.sequence + 1, entry.timestamp + packetTicks)
        concealedRun = 0
        counters.played += 1
        return .packet(entry.payload)
    }

    /// The next packet is late or lost, which only what comes will tell; so the place does not move on.
    private mutating func concealWithoutNews() -> AudioPull {
        guard concealedRun < Self.maximumConcealment else {
            isPlaying = false
            return .empty
        }
        concealedRun += 1
        counters.concealed += 1
        return .lost(fecFrom: nil)
    }

    /// How long after the fastest packets' time line this one would be played now.
    private func delay(_ entry: Entry, _ now: Instant) -> Interval {
        guard let fastest = estimator.fastest else { return estimator.target }
        return Interval(microseconds: now.microseconds &- fastest &- Self.interval(entry.timestamp).microseconds)
    }

    /// Pulls are 20 ms apart: the nearest one is taken.
    private func isDue(_ entry: Entry, _ now: Instant) -> Bool { delay(entry, now) >= estimator.target - .milliseconds(10) }

    /// A queue that an outage left behind is cut to the target at once.
    private mutating func shrinkQueue() {
        guard bufferedDelay > max(estimator.target * 3, estimator.target + .milliseconds(200)) else { return }
        while entries.count > 1, bufferedDelay > estimator.target { drop() }
        resetWindow()
    }

    private mutating func resetWindow() {
        leastExcess = nil
        windowPulls = 0
    }

    /// Leaves out one packet when none of the window was played in time: the clocks drift, or jitter has gone. A tiny packet is
    /// silence, and goes soon.
    private mutating func leaveOutWhenSlow(_ now: Instant) {
        guard let first = entries.first else { return }
        let excess = delay(first, now) - estimator.target
        leastExcess = min(leastExcess ?? excess, excess)
        windowPulls += 1
        guard windowPulls >= (first.payload.count <= 8 ? Self.shrinkWindow / 10 : Self.shrinkWindow) else { return }
        if let leastExcess, leastExcess > .milliseconds(25), entries.count > 1 {
            drop()
            resetWindow()
        } else if windowPulls >= Self.shrinkWindow {
            resetWindow()
        }
    }
}
