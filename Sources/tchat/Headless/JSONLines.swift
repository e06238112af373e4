import CallSession
import Glibc
import JSON
import PeerConnection
import Primitives
import Threading

/// One JSON object a line on standard output, each flushed: `event`, `t` in ms since the process started, and what belongs to the event.
final class JSONLines {
    private let processStart: Instant
    private var last = 0

    init(processStart: Instant) { self.processStart = processStart }

    /// - Parameter at: when it happened, if that was before now. No line is dated before the one above it.
    func write(_ event: String, at: Instant? = nil, _ members: [JSONMember] = []) {
        let t = max(last, ((at ?? MonotonicClock.now()) - processStart).wholeMilliseconds)
        last = t
        let line = JSONValue.object([JSONMember("event", .string(event)), JSONMember("t", .integer(Int64(t)))] + members)
        var bytes = line.encoded()
        bytes.append(UInt8(ascii: "\n"))
        writeFully(bytes, to: STDOUT_FILENO)
    }

    /// - Parameter statistics: what `ok` was judged by.
    func writeSummary(_ session: CallSession, _ statistics: CallStatistics, ok: Bool) {
        write("summary", [JSONMember("ok", .bool(ok))] + Self.members(statistics) + Self.process() + Self.details(session))
    }

    func writeStatistics(_ session: CallSession) { write("stats", Self.members(session.statistics) + Self.details(session)) }

    private static func details(_ session: CallSession) -> [JSONMember] {
        [JSONMember("members", .array(session.memberStatistics.map(value))), member(session.stats)]
    }

    private static func value(_ member: CallMemberStatistics) -> JSONValue {
        .object([
            JSONMember("id", .string(member.id)), JSONMember("name", member.name.map { .string($0) } ?? .null),
            JSONMember("connected", .bool(member.isConnected)), JSONMember("pair", member.transport.pair.map { .string($0) } ?? .null),
            JSONMember("video", .object(received(member.video))), JSONMember("audio", .object(received(member.audio))),
            JSONMember("transport", .object(fields(member.transport).filter { $0.name != "pair" })),
        ])
    }

    /// Under the names of the W3C's webrtc-stats.
    private static func member(_ stats: [RTCStats]) -> JSONMember {
        JSONMember(
            "rtc",
            .array(
                stats.map { object in
                    let head = [
                        JSONMember("id", .string(object.id)), JSONMember("type", .string(object.type)),
                        JSONMember("timestamp", .number(object.timestamp)),
                    ]
                    return .object(head + object.members.map { JSONMember($0.name, value($0.value)) })
                }))
    }

    private static func value(_ value: RTCStats.Value) -> JSONValue {
        switch value {
        case .string(let text): .string(text)
        case .integer(let number): .integer(Int64(number))
        case .number(let number): .number(number)
        case .bool(let flag): .bool(flag)
        case .record(let members): .object(members.map { JSONMember($0.name, Self.value($0.value)) })
        }
    }

    private static func members(_ s: CallStatistics) -> [JSONMember] {
        [
            JSONMember(
                "setup",
                [
                    "joinMs": milliseconds(s.setup.join), "readyMs": milliseconds(s.setup.ready),
                    "connectedMs": milliseconds(s.setup.connected), "firstFrameMs": milliseconds(s.setup.firstFrame),
                ]),
            JSONMember(
                "video",
                .object(
                    [JSONMember("encoded", count(s.video.encoded)), JSONMember("sent", count(s.video.sent))] + received(s.video)
                        + [JSONMember("targetKbps", rounded(s.video.targetKbps, 1))])),
            JSONMember("audio", .object([JSONMember("sent", count(s.audio.sent))] + received(s.audio))),
            JSONMember("transport", .object(fields(s.transport))),
        ]
    }

    private static func received(_ video: CallStatistics.Video) -> [JSONMember] {
        let latency: JSONValue = video.latencyP50 == nil ? .null : ["p50": count(video.latencyP50), "p95": count(video.latencyP95)]
        return [
            JSONMember("received", count(video.received)), JSONMember("decoded", count(video.decoded)),
            JSONMember("width", count(video.width)), JSONMember("height", count(video.height)),
            JSONMember("fps", rounded(video.framesPerSecond, 2)), JSONMember("distinct", count(video.distinct)),
            JSONMember("meanLuma", rounded(video.meanLuma, 1)), JSONMember("freezes", count(video.freezes)),
            JSONMember("freezeMs", milliseconds(video.freezeTime)), JSONMember("latencyMs", latency),
        ]
    }

    private static func received(_ audio: CallStatistics.Audio) -> [JSONMember] {
        [
            JSONMember("received", count(audio.received)), JSONMember("toneHz", rounded(audio.tone, 1)),
            JSONMember("rms", rounded(audio.rms, 4)), JSONMember("concealedMs", milliseconds(audio.concealed)),
            JSONMember("playedMs", milliseconds(audio.played)),
        ]
    }

    private static func fields(_ transport: CallStatistics.Transport) -> [JSONMember] {
        [
            JSONMember("pair", transport.pair.map { .string($0) } ?? .null),
            JSONMember("rttMs", transport.roundTrip.map { rounded($0.milliseconds, 2) } ?? .null),
            JSONMember("lossPercent", rounded(transport.lossPercent, 2)), JSONMember("sentKbps", rounded(transport.sentKbps, 1)),
            JSONMember("receivedKbps", rounded(transport.receivedKbps, 1)), JSONMember("nack", count(transport.nack)),
            JSONMember("pli", count(transport.pli)), JSONMember("retransmitted", count(transport.retransmitted)),
            JSONMember("availableOutgoingKbps", transport.availableOutgoingKbps.map { rounded($0, 1) } ?? .null),
        ]
    }

    private static func process() -> [JSONMember] {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        func seconds(_ t: timeval) -> Double { Double(t.tv_sec) + Double(t.tv_usec) / 1e6 }
        return [
            JSONMember("cpuSeconds", rounded(seconds(usage.ru_utime) + seconds(usage.ru_stime), 2)),
            JSONMember("peakRSSKB", .integer(Int64(usage.ru_maxrss))),
        ]
    }

    private static func count(_ value: Int?) -> JSONValue { value.map { .integer(Int64($0)) } ?? .null }
    private static func milliseconds(_ value: Interval?) -> JSONValue { value.map { .integer(Int64($0.wholeMilliseconds)) } ?? .null }

    private static func rounded(_ value: Double, _ digits: Int) -> JSONValue {
        var scale = 1.0
        for _ in 0..<digits { scale *= 10 }
        return .number((value * scale).rounded() / scale)
    }
}

/// Writes all of it, or gives up when the other end is closed.
func writeFully(_ bytes: [UInt8], to descriptor: Int32) {
    var rest = bytes[...]
    while !rest.isEmpty {
        let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        if count > 0 {
            rest = rest.dropFirst(count)
        } else if errno != EINTR && errno != EAGAIN {
            return
        }
    }
}
