import Primitives

/// A short burst at a rate of its own, by which a faster link shows itself.
struct ProbeCluster: Sendable {
    static let length = 0.015
    static let packets = 5
    /// Larger than most audio, smaller than a frame's packets.
    static let smallestPacket = 200

    let id: Int32
    /// bit/s.
    let rate: Double
    /// On the wire.
    var bytes: Int { max(Int(rate / 8 * Self.length), Self.packets * Self.smallestPacket) }
    private(set) var sentBytes = 0
    private(set) var sentPackets = 0
    private(set) var started: Instant?

    init(id: Int32, rate: Double) {
        self.id = id
        self.rate = rate
    }

    var isComplete: Bool { sentPackets >= Self.packets && sentBytes >= bytes }

    /// When the next packet is due.
    var next: Instant? { started.map { $0 + Interval(seconds: Double(sentBytes) * 8 / rate) } }

    mutating func sent(_ size: Int, now: Instant) {
        if started == nil { started = now }
        sentBytes += size
        sentPackets += 1
    }
}

/// Measures each cluster by how fast it left and how fast it came.
struct ProbeMeter: Sendable {
    private struct Cluster {
        var id: Int32
        var packets = 0
        var bytes = 0
        var firstSent: Instant
        var lastSent: Instant
        var lastSize: Int
        var firstArrival: Int64
        var lastArrival: Int64
        var firstSize: Int
    }
    private var clusters: [Cluster] = []

    mutating func add(_ result: PacketResult) {
        guard result.probe >= 0, let arrival = result.arrival else { return }
        guard let index = clusters.firstIndex(where: { $0.id == result.probe }) else {
            if clusters.count >= 4 { clusters.removeFirst() }
            clusters.append(
                Cluster(
                    id: result.probe, packets: 1, bytes: result.size, firstSent: result.sent, lastSent: result.sent, lastSize: result.size,
                    firstArrival: arrival, lastArrival: arrival, firstSize: result.size))
            return
        }
        clusters[index].packets += 1
        clusters[index].bytes += result.size
        if result.sent < clusters[index].firstSent { clusters[index].firstSent = result.sent }
        if result.sent > clusters[index].lastSent { (clusters[index].lastSent, clusters[index].lastSize) = (result.sent, result.size) }
        if arrival < clusters[index].firstArrival { (clusters[index].firstArrival, clusters[index].firstSize) = (arrival, result.size) }
        clusters[index].lastArrival = max(clusters[index].lastArrival, arrival)
    }

    /// What the link carried, in bit/s; nil until three fifths of the cluster have come, or when the times make no sense.
    func rate(of cluster: ProbeCluster) -> Double? {
        guard let seen = clusters.first(where: { $0.id == cluster.id }), seen.packets >= ProbeCluster.packets * 3 / 5,
            seen.bytes >= cluster.bytes * 3 / 5
        else { return nil }
        let (sent, arrived) = ((seen.lastSent - seen.firstSent).seconds, Double(seen.lastArrival &- seen.firstArrival) / 1_000_000)
        guard sent > 0, sent < 1, arrived > 0, arrived < 1 else { return nil }
        let sendRate = Double(seen.bytes - seen.lastSize) * 8 / sent
        let arrivalRate = Double(seen.bytes - seen.firstSize) * 8 / arrived
        // Faster than it left: it waited on the way and came in one go.
        guard arrivalRate <= sendRate * 2 else { return nil }
        // A link that spread the burst is full: a little is left free.
        return arrivalRate < sendRate * 0.9 ? arrivalRate * 0.95 : min(sendRate, arrivalRate)
    }
}

/// When to probe and how high: twice or thrice what is known, again while it succeeds, and now and then.
struct ProbeController: Sendable {
    static let firstFactor = 3.0
    static let nextFactor = 2.0
    /// A probe that shows this part of its rate is worth another.
    static let success = 0.6
    /// For an answer, then the next may go.
    static let patience = Interval.seconds(1)
    static let limitedInterval = Interval.seconds(5)
    static let steadyInterval = Interval.seconds(5)
    /// While the path has not shown a limit yet: a probe that got lost is made up for.
    static let rampInterval = Interval.seconds(1.5)
    /// A probe that media alone cannot fill in this time is given up.
    static let longest = Interval.milliseconds(150)

    private(set) var active: ProbeCluster?
    private var awaited: (cluster: ProbeCluster, since: Instant)?
    private var pending: Double?
    private var nextID: Int32 = 0
    private var lastProbe: Instant?
    private(set) var sent = 0
    private(set) var succeeded = 0
    /// A probe came through slower than it left.
    private(set) var hasFoundLimit = false
    private var hasStarted = false

    /// The first one, when media begins.
    mutating func start(rate: Double, maximum: Double) {
        guard !hasStarted else { return }
        hasStarted = true
        request(rate * Self.firstFactor, above: rate, maximum: maximum)
    }

    mutating func request(_ rate: Double, above current: Double, maximum: Double) {
        let rate = min(rate, maximum)
        guard hasStarted, rate > current * 1.1 else { return }
        pending = max(pending ?? 0, rate)
    }

    /// Makes a cluster out of what is wanted, when none is under way.
    mutating func update(rate: Double, maximum: Double, isLimited: Bool, isRamping: Bool, isCalm: Bool, now: Instant) {
        if let started = active?.started, now - started > Self.longest { active = nil }
        if let awaited, now - awaited.since > Self.patience { self.awaited = nil }
        guard active == nil, awaited == nil else { return }
        if pending == nil, isCalm, let lastProbe, rate < maximum * 0.95,
            now - lastProbe >= (isRamping ? Self.rampInterval : isLimited ? Self.limitedInterval : Self.steadyInterval)
        {
            request(rate * Self.nextFactor, above: rate, maximum: maximum)
        }
        guard isCalm, let wanted = pending else { return }
        pending = nil
        guard wanted > rate * 1.1 else { return }
        active = ProbeCluster(id: nextID, rate: wanted)
        nextID &+= 1
        if nextID < 0 { nextID = 0 }
        lastProbe = now
        sent += 1
    }

    mutating func sent(_ size: Int, now: Instant) {
        active?.sent(size, now: now)
        if let cluster = active, cluster.isComplete {
            awaited = (cluster, now)
            active = nil
        }
    }

    /// Nothing is left to fill it with.
    mutating func abandon() { active = nil }

    /// What the awaited cluster has shown, once.
    mutating func takeResult(_ meter: ProbeMeter, maximum: Double) -> Double? {
        guard let waiting = awaited, let rate = meter.rate(of: waiting.cluster) else { return nil }
        awaited = nil
        guard rate > waiting.cluster.rate * Self.success else {
            hasFoundLimit = true
            return rate
        }
        succeeded += 1
        request(waiting.cluster.rate * Self.nextFactor, above: rate, maximum: maximum)
        return rate
    }
}
