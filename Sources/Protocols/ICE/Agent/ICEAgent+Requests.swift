import Primitives

/// Answering the peer's checks (RFC 8445 §7.3).
extension ICEAgent {
    mutating func handleRequest(_ message: STUNMessage, from source: SocketAddress, base: SocketAddress, now: Instant) {
        statistics.requestsReceived += 1
        guard message.fingerprint == .valid else {
            statistics.malformed += 1
            return
        }
        // A socket that is no candidate answers nobody: under the relay policy that would tell where we are.
        guard baseCandidate(base) != nil else { return }
        guard let username = message.username, message.hasIntegrity else {
            statistics.untrusted += 1
            return refuse(message, code: 400, reason: "Bad Request", authenticated: false, to: source, base: base)
        }
        guard username.starts(with: "\(localCredentials.ufrag):".utf8),
            message.isAuthentic(key: Array(localCredentials.password.utf8), hmacSHA1: hmacSHA1)
        else {
            statistics.untrusted += 1
            return refuse(message, code: 401, reason: "Unauthorized", authenticated: false, to: source, base: base)
        }
        guard message.unknownRequiredAttributes.isEmpty else {
            return refuse(message, code: 420, reason: "Unknown Attribute", authenticated: true, to: source, base: base)
        }
        guard let priority = message.priority else {
            return refuse(message, code: 400, reason: "Bad Request", authenticated: true, to: source, base: base)
        }
        guard resolveRoleConflict(message) else {
            statistics.roleConflicts += 1
            return refuse(message, code: 487, reason: "Role Conflict", authenticated: true, to: source, base: base)
        }
        let response = STUNMessage(.success, transactionID: message.transactionID, attributes: [.xorMappedAddress(source)])
        transmit(response.encoded(integrity: (Array(localCredentials.password.utf8), hmacSHA1)), base: base, to: source)
        lastReceived = now
        statistics.checksAccepted += 1
        guard remoteCredentials != nil else { return queue(message, priority: priority, from: source, base: base) }
        guard let index = pairIndex(base: base, source: source, priority: priority, now: now) else { return }
        if let stream = streams.index(base: base) { streams[stream].unprovenUntil = nil }
        noteTraffic(from: source, base: base, now: now)
        respondToCheck(of: index, useCandidate: message.useCandidate, now: now)
        update(now)
    }

    private mutating func refuse(
        _ request: STUNMessage, code: Int, reason: String, authenticated: Bool, to source: SocketAddress, base: SocketAddress
    ) {
        var attributes = [STUNAttribute.errorCode(code: code, reason: Array(reason.utf8))]
        if code == 420 { attributes.append(.unknownAttributes(request.unknownRequiredAttributes)) }
        let response = STUNMessage(.error, transactionID: request.transactionID, attributes: attributes)
        let integrity = authenticated ? (Array(localCredentials.password.utf8), hmacSHA1) : nil
        transmit(response.encoded(integrity: integrity), base: base, to: source)
    }

    /// RFC 8445 §7.3.1.1: whoever has the larger tiebreaker controls. false: the peer has to switch.
    private mutating func resolveRoleConflict(_ message: STUNMessage) -> Bool {
        switch role {
        case .controlling:
            guard let theirs = message.controllingTieBreaker else { return true }
            if tieBreaker >= theirs { return false }
        case .controlled:
            guard let theirs = message.controlledTieBreaker else { return true }
            if tieBreaker < theirs { return false }
        }
        statistics.roleConflicts += 1
        switchRole()
        return true
    }

    private mutating func queue(_ message: STUNMessage, priority: UInt32, from source: SocketAddress, base: SocketAddress) {
        if let known = earlyRequests.firstIndex(where: { $0.source == source && $0.base == base }) {
            if message.useCandidate { earlyRequests[known].useCandidate = true }
        } else if earlyRequests.count < Limit.earlyRequests {
            earlyRequests.append(EarlyRequest(base: base, source: source, priority: priority, useCandidate: message.useCandidate))
        }
    }

    /// RFC 8445 §7.3.1.4 and §7.3.1.5: a triggered check, and the controlling side's nomination.
    mutating func respondToCheck(of index: Int, useCandidate: Bool, now: Instant) {
        if useCandidate, role == .controlled {
            checks[index].firstNominated = checks[index].firstNominated ?? now
            checks[index].lastNominated = now
            if checks[index].state == .succeeded {
                considerNominated(index, now: now)
            } else {
                checks[index].nominateOnSuccess = true
            }
        }
        guard checks[index].state != .succeeded else { return }
        // One triggered check for a burst of requests.
        if let last = checks[index].lastTriggered, now - last < timings.pacing, checks[index].state == .inProgress { return }
        checks[index].lastTriggered = now
        checks.trigger(index)
    }
}
