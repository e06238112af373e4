import Primitives

/// A seeded network in simulated time: datagrams go in with a time, and come out, perhaps, at a later one.
///
/// A path is what lies between two IP addresses, one way; each has its own conditions, queue and random sequence, so what one path
/// does never depends on the traffic of another. With one address at both ends (loopback) both ways share a path.
public struct SimulatedNetwork: Sendable {
    public struct Delivery: Sendable, Hashable {
        public var payload: [UInt8]
        public var from: SocketAddress
        public var to: SocketAddress
        public var at: Instant
    }

    public enum SendResult: Sendable { case accepted, unreachable }

    public struct Statistics: Sendable, Hashable {
        public var sent = 0
        public var delivered = 0
        /// By chance, in a blackout, or at a NAT.
        public var lost = 0
        /// By a full queue.
        public var overflowed = 0
        public var duplicated = 0
        public var bytesDelivered = 0
    }

    struct PathKey: Hashable {
        let from: IPAddress
        let to: IPAddress
    }

    public let seed: UInt64
    public private(set) var statistics = Statistics()
    /// Nothing that is sent arrives; what is already under way does.
    public var isBlackedOut = false
    /// Hosts whose sends are refused with "unreachable", as with a removed route.
    public var unroutedHosts: Set<IPAddress> = []
    private var defaults: PathConditions
    private var conditions: [PathKey: PathConditions] = [:]
    private var paths: [PathKey: SimulatedPath] = [:]
    private var nats: [SimulatedNAT] = []
    private var underway = DeliveryHeap()

    public init(seed: UInt64, conditions: PathConditions = PathConditions()) {
        self.seed = seed
        defaults = conditions
    }

    // MARK: Shape

    /// For every path without conditions of its own.
    public mutating func setConditions(_ new: PathConditions) { defaults = new }

    /// For one path, from now on.
    public mutating func setConditions(_ new: PathConditions, from: IPAddress, to: IPAddress) {
        conditions[PathKey(from: from, to: to)] = new
    }

    /// One behind another is added before it.
    public mutating func add(_ nat: SimulatedNAT) { nats.append(nat) }

    // MARK: Traffic

    @discardableResult
    public mutating func send(_ payload: [UInt8], from: SocketAddress, to: SocketAddress, at now: Instant) -> SendResult {
        guard !unroutedHosts.contains(from.ip) else { return .unreachable }
        statistics.sent += 1
        var source = from
        for i in nats.indices where nats[i].isInside(source.ip) && !nats[i].isInside(to.ip) {
            source = nats[i].translateOutgoing(from: source, to: to)
        }
        guard !isBlackedOut else {
            statistics.lost += 1
            return .accepted
        }
        let key = PathKey(from: source.ip, to: to.ip)
        var path = paths[key] ?? SimulatedPath(random: .seeded(seed ^ Self.hash(source.ip) ^ (Self.hash(to.ip) &* 3)))
        switch path.transfer(bytes: payload.count, conditions: conditions[key] ?? defaults, now: now) {
        case .lost: statistics.lost += 1
        case .overflowed: statistics.overflowed += 1
        case .arrives(let times):
            statistics.duplicated += times.count - 1
            for time in times { underway.insert(Delivery(payload: payload, from: source, to: to, at: time)) }
        }
        paths[key] = path
        return .accepted
    }

    /// When the next datagram arrives; nil when none is under way.
    public var nextDelivery: Instant? { underway.first?.at }

    /// Everything that arrives up to and including `now`, in order of arrival; equal times in order of sending.
    public mutating func deliver(upTo now: Instant) -> [Delivery] {
        var arrived: [Delivery] = []
        while let first = underway.first, first.at <= now {
            underway.removeFirst()
            guard let inside = passInwards(first) else {
                statistics.lost += 1
                continue
            }
            statistics.delivered += 1
            statistics.bytesDelivered += inside.payload.count
            arrived.append(inside)
        }
        return arrived
    }

    private mutating func passInwards(_ delivery: Delivery) -> Delivery? {
        var delivery = delivery
        var passed: [Int] = []
        while let i = nats.firstIndex(where: { $0.publicAddress == delivery.to.ip }) {
            // From outside of a NAT, what it is behind is the way to it.
            if nats.indices.contains(where: {
                nats[$0].isInside(delivery.to.ip) && !nats[$0].isInside(delivery.from.ip) && !passed.contains($0)
            }) {
                return nil
            }
            guard let inside = nats[i].translateIncoming(from: delivery.from, to: delivery.to) else { return nil }
            delivery.to = inside
            passed.append(i)
        }
        // A private address is nowhere, seen from outside.
        for i in nats.indices where !passed.contains(i) && nats[i].isInside(delivery.to.ip) && !nats[i].isInside(delivery.from.ip) {
            return nil
        }
        return delivery
    }

    /// Stable over runs, unlike `Hasher`.
    private static func hash(_ ip: IPAddress) -> UInt64 {
        ip.bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }
}

/// Deliveries by time, then by order of insertion.
private struct DeliveryHeap: Sendable {
    private var items: [(delivery: SimulatedNetwork.Delivery, order: Int)] = []
    private var inserted = 0

    var first: SimulatedNetwork.Delivery? { items.first?.delivery }

    private func precedes(_ a: Int, _ b: Int) -> Bool {
        (items[a].delivery.at, items[a].order) < (items[b].delivery.at, items[b].order)
    }

    mutating func insert(_ delivery: SimulatedNetwork.Delivery) {
        items.append((delivery, inserted))
        inserted += 1
        var child = items.count - 1
        while child > 0, precedes(child, (child - 1) / 2) {
            items.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    mutating func removeFirst() {
        guard let last = items.popLast(), !items.isEmpty else { return }
        items[0] = last
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < items.count && precedes(child, least) { least = child }
            if least == parent { return }
            items.swapAt(parent, least)
            parent = least
        }
    }
}
