import Primitives
import Testing

@testable import Signaling

@Suite struct ServerMetricsTests {
    @Test func everyFamilyIsThereFromTheStart() throws {
        let text = try ExpositionFormat(ServerMetrics().text(ServerMetrics.Snapshot()))
        #expect(text.value("tchat_connections", ["transport": "polling"]) == 0)
        #expect(text.value("tchat_connections", ["transport": "websocket"]) == 0)
        #expect(text.value("tchat_joins_total", ["outcome": "ok"]) == 0)
        #expect(text.value("tchat_relayed_messages_total") == 0)
        #expect(text.value("tchat_loop_lag_seconds_count") == 0)
        for refusal in ServerRefusal.allCases { #expect(text.value("tchat_refused_total", ["reason": refusal.rawValue]) == 0) }
        #expect(text.kinds["tchat_sessions"] == "gauge" && text.kinds["tchat_loop_lag_seconds"] == "histogram")
    }

    @Test func connectionsAreCountedByWhatTheyCarry() throws {
        var metrics = ServerMetrics()
        for _ in 0..<5 { metrics.connectionOpened() }
        for _ in 0..<3 { metrics.connectionBecameWebSocket() }
        metrics.connectionClosed(wasWebSocket: true)
        metrics.connectionClosed(wasWebSocket: false)
        metrics.sessionUpgraded()
        metrics.refused(.flooding)
        metrics.refused(.flooding)
        metrics.received(bytes: 10)
        metrics.received(bytes: 20)
        metrics.sent(bytes: 7)
        let text = try ExpositionFormat(metrics.text(ServerMetrics.Snapshot()))
        #expect(text.value("tchat_connections", ["transport": "polling"]) == 1)
        #expect(text.value("tchat_connections", ["transport": "websocket"]) == 2)
        #expect(text.value("tchat_upgrades_total") == 1)
        #expect(text.value("tchat_refused_total", ["reason": "flooding"]) == 2)
        #expect(text.value("tchat_received_messages_total") == 2 && text.value("tchat_received_bytes_total") == 30)
        #expect(text.value("tchat_sent_messages_total") == 1 && text.value("tchat_sent_bytes_total") == 7)
    }

    @Test func whatOthersCountIsToldToo() throws {
        var metrics = ServerMetrics()
        metrics.refused(.events)
        var snapshot = ServerMetrics.Snapshot()
        snapshot.sessions = 4
        snapshot.channels = 2
        snapshot.members = 3
        snapshot.joins = ["ok": 7, "full": 1]
        snapshot.relayed = 99
        snapshot.refusals = ["not-member": 5, "rate-limited": 2]
        snapshot.version = "1 \"x\\y\"\n"
        let text = try ExpositionFormat(metrics.text(snapshot))
        #expect(text.value("tchat_sessions") == 4 && text.value("tchat_channels") == 2 && text.value("tchat_members") == 3)
        #expect(text.value("tchat_joins_total", ["outcome": "ok"]) == 7)
        #expect(text.value("tchat_joins_total", ["outcome": "full"]) == 1)
        #expect(text.value("tchat_relayed_messages_total") == 99)
        #expect(text.value("tchat_refused_total", ["reason": "not-member"]) == 5)
        #expect(text.value("tchat_refused_total", ["reason": "rate-limited"]) == 3)
        #expect(text.value("tchat_build_info", ["version": "1 \"x\\y\"\n"]) == 1)
    }

    @Test func lagIsAHistogram() throws {
        var metrics = ServerMetrics()
        for late in [Interval.zero, .milliseconds(1), .microseconds(1001), .milliseconds(30), .seconds(5), .milliseconds(-3)] {
            metrics.loopRan(late: late)
        }
        let text = try ExpositionFormat(metrics.text(ServerMetrics.Snapshot()))
        #expect(text.value("tchat_loop_lag_seconds_bucket", ["le": "0.001"]) == 3)
        #expect(text.value("tchat_loop_lag_seconds_bucket", ["le": "0.0025"]) == 4)
        #expect(text.value("tchat_loop_lag_seconds_bucket", ["le": "1"]) == 5)
        #expect(text.value("tchat_loop_lag_seconds_bucket", ["le": "+Inf"]) == 6)
        #expect(text.value("tchat_loop_lag_seconds_sum") == 5.032001)
        #expect(text.value("tchat_loop_lag_max_seconds") == 5)
    }

    @Test func theProcessIsSeenAsItIs() throws {
        let facts = ProcessFacts.now()
        #expect(facts.residentBytes > 1_000_000)
        #expect(facts.openDescriptors >= 3 && facts.openDescriptors <= facts.maximumDescriptors)
        #expect(facts.startSeconds > 1_600_000_000)
        #expect(ProcessFacts.now().processorMicroseconds >= facts.processorMicroseconds && facts.processorMicroseconds > 0)
        var snapshot = ServerMetrics.Snapshot()
        snapshot.process = facts
        let text = try ExpositionFormat(ServerMetrics().text(snapshot))
        #expect(text.value("process_resident_memory_bytes") == Double(facts.residentBytes))
        #expect(text.value("process_open_fds") == Double(facts.openDescriptors))
        #expect(text.value("process_start_time_seconds") == Double(facts.startSeconds))
    }

    @Test(arguments: [
        "x 1", "# HELP x y\nx 1\n", "# HELP x y\n# TYPE x gauge\nx{a=\"b} 1\n", "# HELP x y\n# TYPE x gauge\nx 1\nx 1\n",
        "# HELP x y\n# TYPE x counter\nx 1\n", "# HELP x y\n# TYPE x gauge\ny 1\n", "# HELP x y\n# TYPE x gauge\nx one\n",
        "# HELP x y\n# TYPE x gauge\n\nx 1\n", "# HELP x y\n# TYPE x gauge\nx{a=\"\\t\"} 1\n",
    ])
    func theTestsReaderIsStrict(text: String) { #expect(throws: ExpositionFormat.Failure.self) { try ExpositionFormat(Array(text.utf8)) } }
}
