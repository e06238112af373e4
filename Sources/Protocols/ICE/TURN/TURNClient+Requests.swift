import Primitives

/// Requests, their retransmission, and what has to be asked for again.
extension TURNClient {
    mutating func request(_ kind: TURNTransaction.Kind, renewals: Int = 0, now: Instant) {
        var message = STUNMessage(.request, kind.method, transactionID: STUNTransactionID(using: &random), attributes: kind.attributes)
        if let credential {
            message.attributes += [.username(Array(server.user.utf8)), .realm(credential.realm), .nonce(credential.nonce)]
        }
        let payload = message.encoded(integrity: credential.map { ($0.key, hmacSHA1) })
        transactions.append(
            TURNTransaction(
                id: message.transactionID, kind: kind, payload: payload, nonce: credential?.nonce, renewals: renewals,
                sends: server.transport.isStream ? TURNTransaction.sendLimit : 1,
                due: now + (server.transport.isStream ? TURNTransaction.streamWait : TURNTransaction.firstWait)))
        outputs.append(.transmit(payload))
    }

    public mutating func handleTimeout(now: Instant) {
        guard !isOver else { return }
        serveTransactions(now)
        guard case .allocated = state else { return }
        if let due = refreshDue, due <= now {
            refreshDue = nil
            request(.refresh(lifetime: Self.lifetime), now: now)
        }
        servePermissions(now)
        serveChannels(now)
    }

    private mutating func serveTransactions(_ now: Instant) {
        var index = 0
        while index < transactions.count {
            if transactions[index].due > now {
                index += 1
            } else if transactions[index].retransmit(now: now) {
                outputs.append(.transmit(transactions[index].payload))
                index += 1
            } else {
                let kind = transactions.remove(at: index).kind
                conclude(kind, .noAnswer, now: now)
                if isOver { return }
            }
        }
    }

    mutating func servePermissions(_ now: Instant) {
        permissions.removeAll { !$0.isWanted && $0.due != nil && $0.expires <= now }
        for i in permissions.indices where permissions[i].isWanted && permissions[i].due.map({ $0 <= now }) == true {
            permissions[i].due = nil
            request(.createPermission(permissions[i].ip), now: now)
        }
    }

    private mutating func serveChannels(_ now: Instant) {
        channels.removeAll { !$0.isWanted && $0.due != nil && $0.reservedUntil <= now }
        for i in channels.indices where channels[i].isWanted && channels[i].due.map({ $0 <= now }) == true {
            channels[i].due = nil
            request(.channelBind(channels[i].number, channels[i].peer), now: now)
        }
    }

    /// When `handleTimeout` would do something.
    public var nextTimeout: Instant? {
        guard !isOver else { return nil }
        var next: Instant?
        func consider(_ instant: Instant?) {
            guard let instant else { return }
            next = min(next ?? instant, instant)
        }
        for transaction in transactions { consider(transaction.due) }
        guard case .allocated = state else { return next }
        consider(refreshDue)
        for permission in permissions where permission.isWanted { consider(permission.due) }
        for channel in channels where channel.isWanted { consider(channel.due) }
        return next
    }
}
