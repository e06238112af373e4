import Primitives

/// The server's answers.
extension TURNClient {
    private static let renewalLimit = 4
    private static let retryInterval = Interval.seconds(30)

    enum Outcome {
        case success(STUNMessage)
        case error(Int)
        case noAnswer
    }

    /// A STUN response from the server's address; false: to none of these requests.
    public mutating func handle(_ message: STUNMessage, now: Instant) -> Bool {
        guard message.messageClass == .success || message.messageClass == .error,
            let index = transactions.firstIndex(where: { $0.id == message.transactionID })
        else { return false }
        let transaction = transactions[index]
        guard message.method == transaction.kind.method, message.fingerprint != .wrong else { return true }
        if message.messageClass == .success {
            // Once there is a key, who does not have it is not the server.
            if let credential, transaction.nonce != nil, !message.isAuthentic(key: credential.key, hmacSHA1: hmacSHA1) { return true }
            hasAnswered = true
            transactions.remove(at: index)
            conclude(transaction.kind, .success(message), now: now)
            return true
        }
        guard let code = message.errorCode else { return true }
        hasAnswered = true
        transactions.remove(at: index)
        switch code {
        case 401, 438: renew(transaction, code: code, message, now: now)
        default: conclude(transaction.kind, .error(code), now: now)
        }
        return true
    }

    /// 401 and 438 bring the realm and the nonce to try again with (RFC 8489 §9.2.5).
    private mutating func renew(_ transaction: TURNTransaction, code: Int, _ message: STUNMessage, now: Instant) {
        guard transaction.renewals < Self.renewalLimit, let nonce = message.nonce, let realm = message.realm ?? credential?.realm else {
            return conclude(transaction.kind, .error(code), now: now)
        }
        // The same challenge to a request that has answered it: the credential is wrong.
        if code == 401, let used = transaction.nonce, used == nonce || transaction.renewals > 1 {
            return conclude(transaction.kind, .error(code), now: now)
        }
        let key = credential?.realm == realm ? credential?.key : nil
        let computed = key ?? md5(Array(server.user.utf8) + [UInt8(ascii: ":")] + realm + [UInt8(ascii: ":")] + Array(server.password.utf8))
        guard !computed.isEmpty else { return conclude(transaction.kind, .error(code), now: now) }
        credential = Credential(realm: realm, nonce: nonce, key: computed)
        request(transaction.kind, renewals: transaction.renewals + 1, now: now)
    }

    /// What a request came to in the end.
    mutating func conclude(_ kind: TURNTransaction.Kind, _ outcome: Outcome, now: Instant) {
        // The server has lost the allocation (RFC 8656 §8, §10): nothing else can succeed either.
        if case .error(437) = outcome { return fail(.refused(code: 437)) }
        switch kind {
        case .allocate(let isIPv4):
            guard case .success(let message) = outcome else { return fail(Self.failure(outcome)) }
            allocated(message, isIPv4: isIPv4, now: now)
        case .refresh:
            guard case .success(let message) = outcome else { return fail(Self.failure(outcome)) }
            refreshDue = now + Self.refreshInterval(message.lifetime)
        case .createPermission(let ip):
            guard let index = permissions.firstIndex(where: { $0.ip == ip }) else { return }
            if case .success = outcome {
                permissions[index].isGranted = true
                permissions[index].isRefused = false
                permissions[index].due = now + TURNPermission.refreshInterval
                permissions[index].expires = now + TURNPermission.lifetime
                for (peer, payload) in held.take(for: ip) {
                    var datagram = payload
                    if wrap(&datagram, to: peer) { outputs.append(.transmit(datagram)) }
                }
            } else {
                permissions[index].isGranted = false
                permissions[index].isRefused = true
                permissions[index].due = now + Self.retryInterval
                _ = held.take(for: ip)
            }
        case .channelBind(let number, _):
            guard let index = channels.firstIndex(where: { $0.number == number }) else { return }
            if case .success = outcome {
                channels[index].isBound = true
                channels[index].due = now + TURNChannel.refreshInterval
                channels[index].reservedUntil = now + TURNChannel.reservation
            } else {
                channels[index].isBound = false
                channels[index].due = now + Self.retryInterval
            }
        }
    }

    private static func failure(_ outcome: Outcome) -> TURNFailure {
        switch outcome {
        case .success: .unusableAnswer
        case .error(401): .wrongCredential
        case .error(let code): .refused(code: code)
        case .noAnswer: .noAnswer
        }
    }

    private mutating func allocated(_ message: STUNMessage, isIPv4: Bool, now: Instant) {
        guard let relayed = message.relayedAddress, relayed.ip.isIPv4 == isIPv4, relayed.port != 0, !relayed.ip.isUnspecified,
            !relayed.ip.isMulticast
        else { return fail(.unusableAnswer) }
        state = .allocated(relayed: relayed)
        refreshDue = now + Self.refreshInterval(message.lifetime)
        outputs.append(.allocated(relayed: relayed, mapped: message.mappedAddress))
        // Peers were known before.
        servePermissions(now)
    }

    /// A minute before the end, or half way when that is sooner.
    private static func refreshInterval(_ lifetime: UInt32?) -> Interval {
        let lifetime = Int(min(3600, max(10, lifetime ?? Self.lifetime)))
        return .seconds(max(lifetime - 60, lifetime / 2))
    }
}
