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

/// Puts audio packets in order and holds them just as long as the network's jitter asks for; filled as packets come, pulled by the
/// playout thread.
///
/// Each packet has a due time: that of the fastest recent packet on the same media time line, plus the target delay. The buffer starts
/// and restarts by it, and `stretch` tells how to come nearer to it while sound is played.
public struct AudioJitterBuffer: Sendable {
    static let capacity = 100
    static let ticksPerPull: Int64 = 960
    static let minimumPacketTicks: Int64 = 120
    /// A hole in the media time that is not concealed but skipped.
    static let maximumGap: Int64 = 24_000
    /// Concealment fades out by then (5 pulls of 20 ms).
    static let maximumConcealment = 5
    /// How long before it is played a packet has to be there, in the mean, with pulls of 10 ms.
    static let ahead = Interval.milliseconds(5)
    static let outage = Interval.milliseconds(400)
    /// The queue that an outage leaves behind comes at once and says nothing about jitter.
    static let outageTail = Interval.milliseconds(100)

    private struct Entry {
        var sequence: Int64
        /// Unwrapped, 48 kHz.
        var timestamp: Int64
        var payload: [UInt8]
        var arrival: Instant
        var captureTime: Interval?
        var isRedundant: Bool
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
    private var willBeCut = false
    private var redundancy = AudioRedundancyWait()
    private var decision = AudioStretchDecision()
    private var now = Instant.zero
    private var pending = 0
    private var counters = AudioJitterStatistics()
    /// When the packet that was given out last was captured, on the sender's clock; nil when that is not known.
    public private(set) var captureTime: Interval?
    /// Something was left out in front of the packet that was given out last.
    public private(set) var isCut = false
    /// Held on top of what the network asks for, so that a later picture can catch up; 0 to 250 ms.
    public var extraDelay = Interval.zero { didSet { extraDelay = max(.zero, min(.milliseconds(250), extraDelay)) } }

    public init(initialTarget: Interval = .milliseconds(40)) { estimator = AudioDelayEstimator(initialTarget: initialTarget) }

    /// How long packets are meant to be held against the fastest.
    public var targetDelay: Interval {
        let wait = Self.interval(Int64(redundancy.packets(now: now)) * min(packetTicks, 2880))
        return min(AudioDelayEstimator.maximumTarget, estimator.target + wait) + extraDelay
    }

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
        self.now = max(self.now, now)
        let before = highest?.sequence
        guard let place = packet.isRedundant ? placeOfCopy(packet, now) : place(packet) else { return }
        if !packet.isRedundant { measure(packet, at: place.timestamp) }
        // Its place is played already, but how late it is counts for the target.
        let wasMissing = !packet.isRedundant && place.sequence < before ?? 0
        if let next, place.sequence < next.sequence {
            if !packet.isRedundant { counters.late += 1 }
            if wasMissing { redundancy.foundMissing() }
            return
        }
        let index = entries.lastIndex { $0.sequence <= place.sequence }
        if let index, entries[index].sequence == place.sequence {
            if !packet.isRedundant { counters.duplicates += 1 }
            if wasMissing, entries[index].isRedundant { redundancy.foundMissing() }
            return
        }
        if packet.isRedundant { counters.recovered += 1 }
        if wasMissing { redundancy.foundMissing() }
        let at = index.map { $0 + 1 } ?? 0
        // Neighbours in sequence tell how long a packet is; 2.5 to 120 ms is what Opus allows.
        if at > 0, entries[at - 1].sequence + 1 == place.sequence {
            let ticks = place.timestamp - entries[at - 1].timestamp
            if (120...5760).contains(ticks) { packetTicks = ticks }
        }
        entries.insert(
            Entry(
                sequence: place.sequence, timestamp: place.timestamp, payload: packet.payload, arrival: packet.arrival,
                captureTime: packet.captureTime, isRedundant: packet.isRedundant), at: at)
        if entries.count > Self.capacity { drop() }
        guard !packet.isRedundant else { return }
        redundancy.received(skipping: place.sequence - 1 - (before ?? place.sequence))
        if OpusPacket.hasFEC(packet.payload) {
            counters.fecPackets += 1
            redundancy.sawCopy(after: 1, now: now)
        }
    }

    /// A copy never begins or moves a time line: its carrier is put in before it.
    private mutating func placeOfCopy(_ packet: ReceivedAudioPacket, _ now: Instant) -> (sequence: Int64, timestamp: Int64)? {
        guard let highest else { return nil }
        let behind = -Int64(packet.sequenceNumber.serialDistance(from: UInt16(truncatingIfNeeded: highest.sequence)))
        let ticks = -Int64(packet.timestamp.serialDistance(from: UInt32(truncatingIfNeeded: highest.timestamp)))
        guard (0..<Int64(Self.capacity)).contains(behind), ticks >= behind * Self.minimumPacketTicks, ticks <= Self.maximumGap
        else { return nil }
        counters.fecPackets += 1
        redundancy.sawCopy(after: behind, now: now)
        return (highest.sequence - behind, highest.timestamp - ticks)
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
            estimator.rebase(at: transit)
            return
        }
        estimator.add(transit: transit)
    }

    private mutating func drop() {
        guard let entry = entries.first else { return }
        entries.removeFirst()
        next = (entry.sequence + 1, entry.timestamp + packetTicks)
        counters.dropped += 1
        willBeCut = true
    }

    // MARK: Sound out

    /// What to play for the next 20 ms, or for the length of the packet that it gives.
    /// - Parameters:
    ///   - now: when it is pulled.
    ///   - pending: samples that were pulled already and are to be played before.
    public mutating func pull(now: Instant, pending: Int = 0) -> AudioPull {
        self.now = max(self.now, now)
        self.pending = pending
        captureTime = nil
        isCut = false
        guard isPlaying else {
            guard let first = entries.first, isDue(first, now) else { return .empty }
            isPlaying = true
            concealedRun = 0
            decision.reset()
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
        guard let entry = entries.first else { return .empty }
        entries.removeFirst()
        let played = now + Self.interval(Int64(pending))
        decision.played(
            delay: delay(entry, played) - Self.ahead, wasLate: concealedRun > 0 && entry.sequence == next?.sequence)
        next = (entry.sequence + 1, entry.timestamp + packetTicks)
        concealedRun = 0
        isCut = willBeCut
        willBeCut = false
        captureTime = entry.captureTime
        counters.played += 1
        let ticks = OpusPacket.duration(entry.payload) ?? packetTicks
        counters.emittedSamples += Int(ticks)
        counters.heldDelay += max(.zero, played - entry.arrival) * Int(ticks)
        counters.heldTarget += targetDelay * Int(ticks)
        return .packet(entry.payload)
    }

    /// The next packet can be pulled ahead of its time, so that there is more to stretch.
    public var hasNext: Bool {
        guard isPlaying, concealedRun == 0, let next, let first = entries.first else { return false }
        return first.sequence == next.sequence && first.timestamp <= next.timestamp
    }

    /// How to change the length of the sound that is to be played; to be asked once for each 10 ms.
    public mutating func stretch() -> AudioStretch { isPlaying ? decision.decide(target: targetDelay) : .none }

    /// What came of it.
    /// - Parameters:
    ///   - samples: put in; negative: taken out.
    ///   - wasAsked: false for what was taken out for another reason.
    public mutating func stretched(by samples: Int, wasAsked: Bool = true) { decision.stretched(by: samples, wasAsked: wasAsked) }

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
        guard let fastest = estimator.fastest else { return targetDelay }
        return Interval(microseconds: now.microseconds &- fastest &- Self.interval(entry.timestamp).microseconds)
    }

    private func isDue(_ entry: Entry, _ now: Instant) -> Bool { delay(entry, now) >= targetDelay }

    /// A queue that an outage left behind is cut to the target at once.
    private mutating func shrinkQueue() {
        let target = targetDelay
        guard bufferedDelay > max(target * 3, target + .milliseconds(200)) else { return }
        while entries.count > 1, bufferedDelay > target { drop() }
        decision.reset()
    }
}
