import Primitives

/// What the server counts of itself; every change takes constant time. Pure.
struct ServerMetrics: Sendable {
    /// What is counted elsewhere, at the moment of asking.
    struct Snapshot: Sendable {
        var sessions = 0
        var channels = 0
        var members = 0
        /// Joins by their outcome: `ok`, or a refusal's code.
        var joins: [String: Int] = [:]
        var relayed = 0
        /// Refusals by reason, beside those that are counted here.
        var refusals: [String: Int] = [:]
        var process: ProcessFacts?
        var version = ""

        init() {}
    }

    private var httpConnections = 0
    private var webSockets = 0
    private var upgrades = 0
    private var refusals: [String: Int] = [:]
    private var receivedMessages = 0
    private var sentMessages = 0
    private var receivedBytes = 0
    private var sentBytes = 0
    private var lag = LagHistogram()

    // MARK: What happens

    /// A TCP connection; it carries HTTP until it becomes a WebSocket.
    mutating func connectionOpened() { httpConnections += 1 }

    mutating func connectionBecameWebSocket() {
        httpConnections -= 1
        webSockets += 1
    }

    mutating func connectionClosed(wasWebSocket: Bool) {
        if wasWebSocket { webSockets -= 1 } else { httpConnections -= 1 }
    }

    /// A session has gone from polling to its WebSocket.
    mutating func sessionUpgraded() { upgrades += 1 }

    mutating func refused(_ refusal: ServerRefusal) { refusals[refusal.rawValue, default: 0] += 1 }

    /// One message to the engine, of so many bytes.
    mutating func received(bytes: Int) {
        receivedMessages &+= 1
        receivedBytes &+= bytes
    }

    /// One message from the engine, of so many bytes.
    mutating func sent(bytes: Int) {
        sentMessages &+= 1
        sentBytes &+= bytes
    }

    /// How much later than wanted a timer of the loop has run.
    mutating func loopRan(late: Interval) { lag.record(late) }

    // MARK: What is told

    /// Prometheus's text format, version 0.0.4.
    func text(_ snapshot: Snapshot) -> [UInt8] {
        var out = MetricsWriter()
        out.family("tchat_connections", .gauge, "Open connections by what they carry: long polling and pages, or a WebSocket.") {
            $0.sample(httpConnections, [("transport", "polling")])
            $0.sample(webSockets, [("transport", "websocket")])
        }
        out.single("tchat_sessions", .gauge, "Open Engine.IO sessions.", snapshot.sessions)
        out.single("tchat_channels", .gauge, "Channels that somebody is in.", snapshot.channels)
        out.single("tchat_members", .gauge, "Connected members, in a channel or not.", snapshot.members)
        out.family("tchat_joins_total", .counter, "Attempts to join a channel, by their outcome: ok, or the refusal's code.") { family in
            for (outcome, count) in snapshot.joins.merging(["ok": 0], uniquingKeysWith: { a, _ in a }).sorted(by: { $0.key < $1.key }) {
                family.sample(count, [("outcome", outcome)])
            }
        }
        out.single("tchat_relayed_messages_total", .counter, "Session descriptions and candidates handed on.", snapshot.relayed)
        out.family("tchat_refused_total", .counter, "What was refused, by reason.") { family in
            var all = snapshot.refusals.merging(refusals, uniquingKeysWith: +)
            for refusal in ServerRefusal.allCases { all[refusal.rawValue, default: 0] += 0 }
            for (reason, count) in all.sorted(by: { $0.key < $1.key }) { family.sample(count, [("reason", reason)]) }
        }
        out.single("tchat_upgrades_total", .counter, "Sessions that went from long polling to a WebSocket.", upgrades)
        out.single("tchat_received_messages_total", .counter, "Engine.IO messages read.", receivedMessages)
        out.single("tchat_sent_messages_total", .counter, "Engine.IO messages written.", sentMessages)
        out.single("tchat_received_bytes_total", .counter, "Bytes of the Engine.IO messages read.", receivedBytes)
        out.single("tchat_sent_bytes_total", .counter, "Bytes of the Engine.IO messages written.", sentBytes)
        lag.write(to: &out)
        out.family("tchat_build_info", .gauge, "1, with the version as a label.") { $0.sample(1, [("version", snapshot.version)]) }
        if let process = snapshot.process { process.write(to: &out) }
        return out.bytes
    }
}

/// How late the loop runs what it was to run: a histogram and the worst.
private struct LagHistogram: Sendable {
    /// Upper bounds in microseconds.
    private static let bounds: [Int64] = [1000, 2500, 5000, 10_000, 25_000, 50_000, 100_000, 250_000, 1_000_000]

    private var counts = [Int](repeating: 0, count: bounds.count + 1)
    private var sum: Int64 = 0
    private var worst: Int64 = 0

    mutating func record(_ late: Interval) {
        let microseconds = max(0, late.microseconds)
        counts[Self.bounds.firstIndex { microseconds <= $0 } ?? Self.bounds.count] += 1
        sum &+= microseconds
        worst = max(worst, microseconds)
    }

    func write(to out: inout MetricsWriter) {
        out.family("tchat_loop_lag_seconds", .histogram, "How much later than wanted the server's loop ran a timer.") { family in
            var total = 0
            for (bound, count) in zip(Self.bounds, counts) {
                total += count
                family.sample(total, [("le", MetricsWriter.seconds(bound))], suffix: "_bucket")
            }
            total += counts[Self.bounds.count]
            family.sample(total, [("le", "+Inf")], suffix: "_bucket")
            family.sample(text: MetricsWriter.seconds(sum), suffix: "_sum")
            family.sample(total, suffix: "_count")
        }
        out.family("tchat_loop_lag_max_seconds", .gauge, "The worst of it since the start.") {
            $0.sample(text: MetricsWriter.seconds(worst))
        }
    }
}
