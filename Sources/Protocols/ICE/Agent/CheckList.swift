import Primitives

/// The candidate pairs, in descending priority, and which of them to check next (RFC 8445 §6.1.2 and §6.1.4).
struct CheckList: Sendable {
    private(set) var pairs: [CandidatePair] = []
    private var triggered: [Int] = []
    private var nextID = 0

    func index(of id: Int) -> Int? { pairs.firstIndex { $0.id == id } }
    func index(base: SocketAddress, destination: SocketAddress) -> Int? {
        pairs.firstIndex { $0.base == base && $0.destination == destination }
    }

    subscript(_ index: Int) -> CandidatePair {
        get { pairs[index] }
        set { pairs[index] = newValue }
    }

    /// The new pair's id; nil when there is one with the same two addresses already, or no room.
    mutating func add(base: SocketAddress, local: Candidate, remote: Candidate, role: ICERole, keeping protected: Int?) -> Int? {
        guard index(base: base, destination: remote.address) == nil else { return nil }
        let priority = Self.priority(local: local.priority, remote: remote.priority, role: role)
        if pairs.count >= ICEAgent.Limit.pairs {
            // The list is sorted: the last that has nothing going is the least worth keeping.
            let victim = pairs.lastIndex { $0.id != protected && [.frozen, .waiting, .failed].contains($0.state) }
            guard let victim, pairs[victim].priority < priority else { return nil }
            let forgotten = pairs[victim].id
            triggered.removeAll { $0 == forgotten }
            pairs.remove(at: victim)
        }
        let id = nextID
        nextID &+= 1
        let foundation = "\(local.foundation):\(remote.foundation)"
        var pair = CandidatePair(
            id: id, base: base, localPriority: local.priority, local: local, remote: remote, priority: priority, foundation: foundation)
        // RFC 8838 §12: of each foundation the best one waits, the others stay frozen until it is known how that went.
        let kin = pairs.filter { $0.foundation == foundation }
        if kin.isEmpty || kin.contains(where: { $0.state == .succeeded }) { pair.state = .waiting }
        pairs.insert(pair, at: pairs.firstIndex { $0.priority < priority } ?? pairs.endIndex)
        return id
    }

    /// The ids of those that are gone.
    mutating func removeAll(base: SocketAddress, keeping protected: Int?) -> [Int] {
        let gone = pairs.filter { $0.base == base && $0.id != protected }.map(\.id)
        triggered.removeAll(where: gone.contains)
        pairs.removeAll { gone.contains($0.id) }
        return gone
    }

    private static func priority(local: UInt32, remote: UInt32, role: ICERole) -> UInt64 {
        role == .controlling
            ? Candidate.pairPriority(controlling: local, controlled: remote)
            : Candidate.pairPriority(controlling: remote, controlled: local)
    }

    /// After a change of role (RFC 8445 §7.3.1.1).
    mutating func reprioritise(role: ICERole) {
        for i in pairs.indices {
            pairs[i].priority = Self.priority(local: pairs[i].localPriority, remote: pairs[i].remote.priority, role: role)
        }
        pairs.sort { $0.priority > $1.priority }
    }

    /// Puts a pair at the end of the triggered-check queue, once.
    mutating func trigger(_ index: Int) {
        if pairs[index].state != .succeeded { pairs[index].state = .waiting }
        let id = pairs[index].id
        if !triggered.contains(id) { triggered.append(id) }
    }

    mutating func popTriggered() -> Int? {
        while !triggered.isEmpty {
            if let index = index(of: triggered.removeFirst()) { return index }
        }
        return nil
    }

    /// The pair for the next paced check: the best waiting one,
    /// else the best frozen one none of whose kin is in flight (RFC 8445 §6.1.4.2).
    func nextOrdinary() -> Int? {
        if let waiting = pairs.firstIndex(where: { $0.state == .waiting }) { return waiting }
        return pairs.firstIndex { pair in
            pair.state == .frozen && !pairs.contains { $0.foundation == pair.foundation && $0.state == .inProgress }
        }
    }

    /// Once one pair of a foundation has an outcome, its kin need not stay frozen (RFC 8445 §7.2.5.3.3).
    mutating func unfreeze(_ foundation: String) {
        for i in pairs.indices where pairs[i].foundation == foundation && pairs[i].state == .frozen { pairs[i].state = .waiting }
    }

    var inProgressCount: Int { pairs.reduce(0) { $0 + ($1.state == .inProgress ? 1 : 0) } }

    /// The highest in priority that works.
    var bestSucceeded: Int? { pairs.firstIndex { $0.state == .succeeded } }

    /// Whether a pair before this one may still turn out to work.
    func mayBeBettered(_ index: Int) -> Bool {
        pairs[..<index].contains { [.frozen, .waiting, .inProgress].contains($0.state) }
    }
    /// Whether among them is one of a better kind.
    func mayBecomeDirect(before index: Int) -> Bool {
        pairs[..<index].contains { $0.kind > pairs[index].kind && [.frozen, .waiting, .inProgress].contains($0.state) }
    }
}
