import MediaTypes
@testable import PeerConnection
import Primitives
import Signaling
import Testing

@testable import CallSession

@Suite struct RecordingNamesTests {
    /// U+0D4E and a slash are one character.
    @Test func noSlashComesInWithALetter() {
        var names = RecordingNames()
        #expect(names.next(name: "\u{0D4E}/x", id: "x")?.utf8.contains(UInt8(ascii: "/")) == false)
    }

    @Test func aNameIsMadeFitForAFile() {
        var names = RecordingNames()
        let made = [("Ada", "id1"), ("../../etc/passwd", "id2"), ("안녕 하세요", "id3"), (nil, "Zq-_9"), ("", ""), (".hidden\u{1b}[2J", "x")].map
        {
            names.next(name: $0.0, id: $0.1)
        }
        #expect(made == ["Ada", "______etc_passwd", "안녕_하세요", "Zq-_9", "member", "_hidden__2J"])
        #expect(names.next(name: String(repeating: "é", count: 100), id: "x").map { $0.utf8.count <= 64 } == true)
    }

    @Test func noFileIsWrittenTwice() {
        var names = RecordingNames()
        let made = ["Bo", "Bo-2", "bo", "Bo", "Bo-2"].map { names.next(name: $0, id: "x") }
        #expect(made == ["Bo", "Bo-2", "bo-3", "Bo-4", "Bo-2-2"])
        let all = (0..<2000).map { _ in names.next(name: "Bo", id: "x") }
        #expect(all.compactMap { $0 }.count == RecordingNames.most - 5)
    }
}

@Suite struct MemberReportsTests {
    private func peer(_ pair: String, sent: Double = 0) -> PeerStatistics {
        var peer = PeerStatistics()
        peer.pair = pair
        peer.sentKilobitsPerSecond = sent
        peer.rtp.nacksSent = 1
        return peer
    }

    @Test func ratesAndCountsAreAddedUp() {
        var reports = MemberReports()
        for (id, seconds) in [("a", 0), ("b", 1)] { reports.connected(id, now: .zero + .seconds(seconds)) }
        reports.update("a", peer("first", sent: 100))
        reports.update("b", peer("second", sent: 50))
        #expect(reports.transport.pair == "first" && reports.transport.sentKbps == 150 && reports.transport.nack == 2)
        #expect(reports.known("b")?.current.pair == "second")
        reports.retire("a", peer("first", sent: 100), now: .zero + .seconds(5))
        #expect(reports.transport.pair == "second" && reports.transport.sentKbps == 50 && reports.transport.nack == 2)
        reports.retire("b", peer("second"), now: .zero + .seconds(6))
        #expect(reports.transport.pair == "second" && reports.transport.nack == 2)
        #expect(reports.statistics.map(\.id) == ["a", "b"] && reports.statistics.allSatisfy { !$0.isConnected })
    }

    @Test func thoseWhoAreGoneTakeNoMemory() {
        var reports = MemberReports()
        reports.connected("stays", now: .zero)
        for number in 0..<1000 {
            reports.connected("m\(number)", now: .zero)
            reports.retire("m\(number)", peer("path"), now: .zero)
        }
        #expect(reports.statistics.count <= MemberReports.mostGone + 2 && reports.known("stays") != nil)
        #expect(reports.transport.nack == 1000)
    }
}

@Suite struct VideoTotalsTests {
    private func meter(pictures: Int, brightness: UInt8, from start: Int) -> VideoMeter {
        let meter = VideoMeter()
        for number in 0..<pictures {
            let frame = I420Frame(width: 32, height: 16 + number % 2 * 16, y: brightness, time: .zero)
            meter.add(frame, now: .zero + .milliseconds(start + number * 100), wallClock: 0)
        }
        return meter
    }

    @Test func theTotalsOfOneAreItsOwn() {
        let meter = meter(pictures: 11, brightness: 235, from: 0)
        var totals = VideoMeter.Totals()
        totals.add(meter)
        #expect(totals.report == meter.report && totals.report.framesPerSecond == meter.report.framesPerSecond)
        #expect(totals.report.height == meter.report.height && totals.report.meanLuma == meter.report.meanLuma)
    }

    @Test func countsAreSumsAndTheRateIsOneMembers() {
        var totals = VideoMeter.Totals()
        totals.add(meter(pictures: 11, brightness: 235, from: 500))
        totals.add(meter(pictures: 11, brightness: 16, from: 0))
        #expect(totals.report.decoded == 22 && totals.report.distinct == 4)
        #expect(abs(totals.report.framesPerSecond - 10) < 0.01)
        // The newest picture's.
        #expect(totals.report.meanLuma > 250)
    }
}

@Suite struct SignaledICEServerTests {
    @Test func whatAServerNamesIsRead() {
        let choices = ICEServerChoice.choices([
            SignaledICEServer(urls: ["stun:192.0.2.1:3478", "stun:example.org"]),
            SignaledICEServer(
                urls: ["turn:192.0.2.1?transport=udp", "turns:[2001:db8::1]:443?transport=tcp", "http://x", "turn:"],
                username: "1790000000:m@1", credential: "a:b@c="),
            SignaledICEServer(urls: ["turn:192.0.2.9"]),
        ])
        #expect(
            choices == [
                .stun(host: "192.0.2.1", port: 3478), .stun(host: "example.org", port: 3478),
                .turn(host: "192.0.2.1", port: 3478, user: "1790000000:m@1", password: "a:b@c=", transport: .udp),
                .turn(host: "2001:db8::1", port: 443, user: "1790000000:m@1", password: "a:b@c=", transport: .tls),
            ])
        let many = SignaledICEServer(urls: (0..<1000).map { "stun:192.0.2.\($0 % 250)" })
        #expect(ICEServerChoice.choices(Array(repeating: many, count: 100)).count == 8)
    }

    @Test func addressesNeedNobodyToBeAsked() {
        let servers = ResolvedICEServers(resolving: [
            .none, .stun(host: "192.0.2.1", port: 9), .turn(host: "::1", port: 5, user: "u", password: "p", transport: .tcp),
        ])
        #expect(servers.stun == [SocketAddress(.v4(0xc000_0201), port: 9)] && servers.turn.count == 1)
    }
}
