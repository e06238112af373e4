import DequeModule
import NIOHTTP1
import Primitives

/// Why the server takes no more from somebody: the name under which it is counted, and what is said.
enum ServerRefusal: String, Sendable, Hashable, CaseIterable {
    /// The server is full.
    case connections = "too-many-connections"
    case addressConnections = "too-many-connections-of-address"
    case sessions = "too-many-sessions"
    case addressSessions = "too-many-sessions-of-address"
    /// An event; told over Socket.IO with the code `rate-limited`.
    case events = "rate-limited"
    /// A socket that went on and on; closed.
    case flooding = "flooding"
    case stopping = "stopping"

    /// 503 when it is the server's lack, 429 (RFC 6585) when it is the client's excess.
    var status: HTTPResponseStatus {
        switch self {
        case .connections, .sessions, .stopping: .serviceUnavailable
        case .addressConnections, .addressSessions, .events, .flooding: .tooManyRequests
        }
    }

    /// Seconds, for `Retry-After`.
    var retryAfter: Int {
        switch self {
        case .connections, .sessions: 30
        case .addressConnections, .addressSessions, .events, .flooding: 10
        case .stopping: 5
        }
    }

    /// A sentence for a person.
    var message: String {
        switch self {
        case .connections, .sessions: "This server is full. Try again in a while."
        case .addressConnections, .addressSessions: "There are too many connections from your address. Close some, or try again in a while."
        case .events, .flooding: "You send too much. Wait a little."
        case .stopping: "This server is stopping. Try again in a while."
        }
    }

    /// The whole answer to a request, `Connection: close` included: JSON of the engine's form.
    var answer: HTTPAnswer {
        let body = "{\"code\":\"\(rawValue)\",\"message\":\"\(message)\",\"retryAfter\":\(retryAfter)}"
        var headers = HTTPHeaders([("Content-Type", "application/json"), ("Cache-Control", "no-store")])
        headers.add(name: "Retry-After", value: String(retryAfter))
        headers.add(name: "Access-Control-Allow-Origin", value: "*")
        headers.add(name: "Connection", value: "close")
        headers.add(name: "Content-Length", value: String(body.utf8.count))
        return HTTPAnswer(status: status, headers: headers, body: Array(body.utf8))
    }
}

/// What a socket has left to send. Sixteen bytes, kept by whoever owns the socket.
struct EventBudget: Sendable, Hashable {
    fileprivate var events = RateBudget()
    fileprivate var refusals = RateBudget()
}

enum EventVerdict: Sendable, Hashable {
    case allowed
    /// Ignore it and say so (`Channels.refuse`, code `rate-limited`).
    case refused(retryAfter: Interval)
    /// It has been refused for too long: close the socket.
    case close
}

/// Whom the server lets in and how much it takes from whom. Pure.
///
/// The table of addresses holds those with an open connection or session, and for a while those whose budgets are not full again.
struct ServerPolicy: Sendable {
    private struct Record {
        var connections = 0
        var sessions = 0
        var events = RateBudget()
        var joins = RateBudget()
        /// It is in the queue of those that may be forgotten.
        var isQueued = false

        func isFresh(now: Instant) -> Bool { connections == 0 && sessions == 0 && events.isFull(now: now) && joins.isFull(now: now) }
    }

    let limits: ServerLimits
    private var addresses: [IPAddress: Record] = [:]
    /// Addresses that had nothing open when they were put here, oldest first.
    private var leavers: Deque<IPAddress> = []
    private(set) var connections = 0
    private(set) var sessions = 0

    init(limits: ServerLimits = ServerLimits()) { self.limits = limits }

    /// Addresses that are remembered.
    var addressCount: Int { addresses.count }

    /// Addresses without anything open that are remembered at the most; beyond it the oldest are forgotten, full again or not.
    static let maximumLeavers = 20_000

    // MARK: Connections and sessions

    /// A connection has been accepted. It counts until `connectionClosed`, refused or not.
    /// - Parameter address: the other end; nil for a trusted proxy, whose clients are counted by their sessions.
    /// - Returns: nil when it is welcome. Otherwise its first request is to be answered with the refusal, when that comes within seconds and
    ///   `mayBeAnswered` is true; else it is to be closed at once.
    mutating func connectionOpened(from address: IPAddress?, now: Instant) -> ServerRefusal? {
        connections += 1
        let count = change(address, now: now) { record in
            record.connections += 1
            return record.connections
        }
        if connections > limits.connections { return .connections }
        return count > limits.connectionsPerAddress ? .addressConnections : nil
    }

    /// Whether there is room to answer those that are refused: an eighth more than the limit.
    var mayAnswerRefused: Bool { connections <= limits.connections + limits.connections / 8 + 16 }

    mutating func connectionClosed(from address: IPAddress?, now: Instant) {
        connections = max(0, connections - 1)
        _ = change(address, now: now) { record in
            record.connections = max(0, record.connections - 1)
            return record.connections
        }
    }

    /// A session is to be opened for a client. Not nil: it does not count, and is to be refused.
    mutating func sessionOpened(from client: IPAddress?, now: Instant) -> ServerRefusal? {
        guard sessions < limits.connections else { return .sessions }
        let limit = limits.connectionsPerAddress
        let isWelcome = change(client, now: now) { record in
            guard record.sessions < limit else { return 0 }
            record.sessions += 1
            return 1
        }
        if let client, isCounted(client), isWelcome == 0 { return .addressSessions }
        sessions += 1
        return nil
    }

    mutating func sessionClosed(from client: IPAddress?, now: Instant) {
        sessions = max(0, sessions - 1)
        _ = change(client, now: now) { record in
            record.sessions = max(0, record.sessions - 1)
            return record.sessions
        }
    }

    // MARK: Events

    /// An event has come from a socket.
    /// - Parameter isJoin: it is `create or join`, of which an address has fewer.
    mutating func admitEvent(
        from client: IPAddress?, socket: inout EventBudget, isJoin: Bool = false, now: Instant
    ) -> EventVerdict {
        if let client, !isCounted(client) { return .allowed }
        var wait = socket.events.take(limits.events, now: now)
        if wait == nil, let client {
            let limits = limits
            _ = change(client, now: now) { record in
                wait = record.events.take(limits.addressEvents, now: now)
                if wait == nil, isJoin { wait = record.joins.take(limits.joins, now: now) }
                return 0
            }
        }
        guard let wait else { return .allowed }
        return socket.refusals.take(limits.refusals, now: now) == nil ? .refused(retryAfter: wait) : .close
    }

    // MARK: The table

    private func isCounted(_ address: IPAddress) -> Bool { limits.countsLoopback || !address.isLoopback }

    /// Changes what is known of an address, and forgets it when nothing is left to know. Loopback is not known: zero.
    private mutating func change(_ address: IPAddress?, now: Instant, _ body: (inout Record) -> Int) -> Int {
        guard let address, isCounted(address) else { return 0 }
        let key = address.isIPv4 ? address : address.masked(to: 64)
        var record = addresses[key] ?? Record()
        let result = body(&record)
        if record.isFresh(now: now), !record.isQueued {
            addresses[key] = nil
        } else {
            if record.connections == 0, record.sessions == 0, !record.isQueued {
                record.isQueued = true
                leavers.append(key)
            }
            addresses[key] = record
        }
        forget(now: now)
        return result
    }

    /// Looks at two leavers each time, one more than can come: so the queue is worked off, and no change is a long one.
    private mutating func forget(now: Instant) {
        for _ in 0..<2 {
            guard let key = leavers.first, var record = addresses[key] else { return }
            if record.connections > 0 || record.sessions > 0 {
                leavers.removeFirst()
                record.isQueued = false
                addresses[key] = record
            } else if record.isFresh(now: now) || leavers.count > Self.maximumLeavers {
                leavers.removeFirst()
                addresses[key] = nil
            } else {
                return
            }
        }
    }
}
