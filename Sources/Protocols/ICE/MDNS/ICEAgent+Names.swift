import Primitives

/// Remote candidates whose addresses are to be looked up.
extension ICEAgent {
    /// Asks for the name's address by `ICEOutput.resolve`; once it is known the candidate is like any other.
    public mutating func addRemoteCandidate(_ candidate: MDNSCandidate, now: Instant) {
        // Who is to learn nothing about us is not asked after by multicast either.
        guard !isOver, configuration.policy == .all, unresolved.count < Limit.remoteCandidates, !unresolved.contains(candidate) else {
            statistics.droppedCandidates += 1
            return
        }
        if let known = names[candidate.name] {
            // Nil while it is being looked up.
            if let ip = known { return addRemoteCandidate(candidate.resolved(to: ip), now: now) }
        } else {
            guard names.count < Limit.names else {
                statistics.droppedCandidates += 1
                return
            }
            names[candidate.name] = .some(nil)
            emit(.resolve(name: candidate.name))
        }
        unresolved.append(candidate)
    }

    /// The answer to `resolve`.
    /// - Parameter address: nil when there is none: then the candidates of that name are dropped, and only they. The peer's
    ///   checks usually tell the address all the same.
    public mutating func resolved(name: String, address: IPAddress?, now: Instant) {
        let name = name.lowercased()
        guard !isOver, let known = names[name], known == nil else { return }
        let waiting = unresolved.filter { $0.name == name }
        unresolved.removeAll { $0.name == name }
        guard let address, !address.isUnspecified, !address.isMulticast else {
            // Asked again should it be signalled again.
            names[name] = nil
            statistics.unresolvedNames += 1
            return
        }
        names[name] = .some(address)
        for candidate in waiting { addRemoteCandidate(candidate.resolved(to: address), now: now) }
    }
}
