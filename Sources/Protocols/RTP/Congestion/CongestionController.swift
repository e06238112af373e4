import Primitives

/// How much this side may send: Google congestion control at the sending side (draft-ietf-rmcat-gcc-02), by delay and by loss, with probes;
/// for peers without transport-wide feedback by their own estimate and by receiver reports.
struct CongestionController: Sendable {
    static let minimumRate = 30_000.0
    /// IP, UDP and the SRTP tag, which the link carries besides the packet.
    static let wireOverhead = 40
    /// A gap this long without one packet through is an outage and not loss.
    static let outage = Interval.milliseconds(400)
    /// What may stand in the path's queue because of this side, besides what the round trip holds.
    static let allowedQueue = Interval.milliseconds(60)

    static let smallestWindow = 2400
    /// Nothing is probed into a longer queue.
    static let probeQueue = Interval.milliseconds(50)
    static let unknownPath = Interval.milliseconds(400)

    enum Feedback: Sendable { case none, receiverEstimate, transport }

    private(set) var feedback = Feedback.none
    /// The most that is of use, for the estimate too, in bit/s.
    let maximum: Double
    private let startRate: Double

    var packets = SentPackets()
    var delay: DelayEstimator
    var loss = LossEstimator()
    var probes = ProbeController()
    private var meter = ProbeMeter()
    var reports: ReportEstimator
    private var budget = SendBudget()
    private var results: [PacketResult] = []
    /// The last packet that came through, and what was lost after it.
    private var lastThrough: Instant?
    private var lostSince: [PacketResult] = []
    private var roundTrips = RecentMinimum()
    /// The path's round trip without its queue; nil: not known yet.
    private var smallestRoundTrip: Interval? { roundTrips.value.map { .microseconds(max(0, $0)) } }
    private var feedbackInterval = Interval.milliseconds(100)
    private var lastFeedback: Instant?
    private var hasShownLimit = false
    private var beforeDrop: (rate: Double, at: Instant)?
    var audio = AudioLoss()
    private(set) var feedbacks = 0
    private(set) var outages = 0

    init(start: Int, maximumVideo: Int) {
        let most = max(Self.minimumRate, Double(maximumVideo))
        maximum = (most * 1.1 + 100_000) * 1.5
        startRate = max(Self.minimumRate, min(Double(start), maximum))
        delay = DelayEstimator(rate: startRate, minimum: Self.minimumRate)
        // Without feedback there is nothing to grow by, and so the start is what the person asked for.
        reports = ReportEstimator(rate: maximum / 1.5, minimum: Self.minimumRate, maximum: maximum / 1.5)
    }

    /// Takes what was negotiated.
    mutating func use(_ feedback: Feedback) {
        guard feedback != self.feedback else { return }
        self.feedback = feedback
        if feedback == .receiverEstimate {
            reports = ReportEstimator(rate: startRate, minimum: Self.minimumRate, maximum: maximum)
        }
    }

    /// bit/s on the wire, everything counted.
    var estimate: Double {
        switch feedback {
        case .transport: min(delay.rate, loss.limit ?? .infinity, reports.allowed ?? .infinity, maximum)
        case .receiverEstimate, .none: reports.rate
        }
    }

    /// Whether the pacer has an estimate to go by.
    var isSteering: Bool { feedback != .none || reports.isReduced }

    /// What the pacer goes by. Until a probe has shown that the path holds more, a large first key frame is spread so far that a link of
    /// the starting rate has no queue to speak of.
    var pacingRate: Double { feedback == .transport && feedbacks < 20 && probes.succeeded == 0 ? estimate * 0.45 : estimate }

    /// Feedback will come, but none has yet.
    var isBlind: Bool { feedback == .transport && lastFeedback == nil }

    /// A packet leaves; gives its transport-wide number.
    mutating func sent(bytes: Int, kind: SentKind, probe: Int32 = -1, now: Instant) -> UInt16 {
        let size = bytes + Self.wireOverhead
        budget.sent(size, rate: estimate, now: now)
        if probe >= 0 { probes.sent(size, now: now) }
        if feedback == .transport, kind != .audio { probes.start(rate: estimate, maximum: maximum) }
        return packets.add(size: size, kind: kind, probe: probe, now: now)
    }

    /// Less is sent than might be.
    var isLimited: Bool { budget.isLimited }

    /// The path loses so much by its nature that what is sent again is often lost again.
    var losesRepairs: Bool { feedback == .transport && loss.fraction > 0.05 && loss.limit == nil }

    /// As much is on its way as the path holds: media that can wait, waits.
    /// - Parameter audio: the rate of what does not wait, in bit/s.
    func isWindowFull(audio: Double, now: Instant) -> Bool {
        guard feedback == .transport else { return false }
        if let lastFeedback, now - lastFeedback > patience { return packets.bytesInFlight >= Self.smallestWindow }
        // Until the first feedback it is not known what the path holds.
        guard lastFeedback != nil else { return Double(packets.bytesInFlight) >= estimate / 8 * Self.unknownPath.seconds }
        let held = (smallestRoundTrip ?? .milliseconds(200)) + feedbackInterval + Self.allowedQueue
        return Double(packets.bytesInFlight) >= max(Double(Self.smallestWindow), (estimate - audio) / 8 * held.seconds)
    }

    mutating func handle(_ feedback: TransportFeedback, roundTrip: Interval?, now: Instant) {
        guard self.feedback == .transport else { return }
        results.removeAll(keepingCapacity: true)
        let unreported = packets.apply(feedback, now: now, into: &results)
        guard !results.isEmpty else { return }
        if unreported > 0 { delay.add(unreported: Int(Double(unreported) * (1 - loss.fraction))) }
        feedbacks += 1
        if let lastFeedback {
            let gap = max(.milliseconds(50), min(.milliseconds(250), now - lastFeedback))
            feedbackInterval = feedbackInterval + (gap - feedbackInterval) / 8
        }
        lastFeedback = now
        let before = estimate
        for result in results { take(result, now) }
        if let newest = results.last(where: { $0.arrival != nil }) {
            roundTrips.add((now - newest.sent - delay.queue).microseconds, now: now)
        }
        let probed = probes.takeResult(meter, maximum: maximum)
        delay.update(probed: probed, roundTrip: roundTrip ?? smallestRoundTrip ?? .milliseconds(200), isLimited: isLimited, now: now)
        delay.limit(to: maximum)
        loss.update(rate: delay.rate, acknowledged: delay.acknowledged.rate)
        if delay.usage == .over || loss.limit != nil { hasShownLimit = true }
        if estimate < before, estimate < (beforeDrop?.rate ?? .infinity) {
            if beforeDrop.map({ now - $0.at > .seconds(10) }) ?? true { beforeDrop = (before, now) }
        }
        recover(now)
    }

    private mutating func take(_ result: PacketResult, _ now: Instant) {
        if result.kind == .audio { audio.add(result) }
        guard let arrival = result.arrival else {
            if lostSince.count < 512 { lostSince.append(result) }
            return
        }
        meter.add(result)
        if result.wasLost {
            loss.add(result)
            return
        }
        if let lastThrough, result.sent - lastThrough > Self.outage, lostSince.count >= 5 {
            outages += 1
            let known = estimate
            loss.reset()
            delay.restart(rate: known * 0.6, now: now)
            beforeDrop = (known, now - .seconds(1))
        } else {
            for lost in lostSince { loss.add(lost) }
        }
        lostSince.removeAll(keepingCapacity: true)
        lastThrough = max(lastThrough ?? result.sent, result.sent)
        loss.add(result)
        delay.add(result, arrival: arrival, isLimited: isLimited)
    }

    /// A deep fall that is over: what was there before may be there again.
    private mutating func recover(_ now: Instant) {
        guard let fall = beforeDrop else { return }
        if now - fall.at > .seconds(10) || estimate > fall.rate * 0.8 {
            beforeDrop = nil
        } else if now - fall.at > .seconds(1), estimate < fall.rate * 0.66, isCalm(now) {
            probes.request(min(fall.rate * 0.85, estimate * 4), above: estimate, maximum: maximum)
            beforeDrop = nil
        }
    }

    /// Nothing points to a full link, and feedback comes.
    private func isCalm(_ now: Instant) -> Bool {
        delay.isCalm(now) && delay.queue < Self.probeQueue && loss.limit == nil && lastFeedback.map { now - $0 < .seconds(1) } ?? false
    }

    mutating func handleReport(lost fraction: Double, roundTrip: Interval?, now: Instant) {
        reports.report(lost: fraction, roundTrip: roundTrip, isLimited: isLimited, now: now)
    }

    mutating func handleReceiverEstimate(_ bitrate: Int) {
        guard feedback != .none else { return }
        reports.allow(Double(bitrate))
    }

    /// How long feedback may take.
    private var patience: Interval { max(.milliseconds(500), (smallestRoundTrip ?? .milliseconds(200)) * 2 + feedbackInterval * 2) }

    /// Forgets what nobody will report on, and starts a probe when it is time.
    mutating func handleTimeout(now: Instant) {
        packets.expire(before: now - patience)
        guard feedback == .transport else { return }
        probes.update(
            rate: estimate, maximum: maximum, isLimited: isLimited, isRamping: !hasShownLimit && !probes.hasFoundLimit, isCalm: isCalm(now),
            now: now)
    }
}
