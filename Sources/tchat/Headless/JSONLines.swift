import CallSession
import Glibc
import JSON
import PeerConnection
import Primitives
import Threading

/// One JSON object a line on standard output, each flushed: `event`, `t` in ms since the process started, and what belongs to the event.
struct JSONLines {
    let processStart: Instant

    /// - Parameter at: when it happened, if that was before now.
    func write(_ event: String, at: Instant? = nil, _ members: [JSONMember] = []) {
        let t = ((at ?? MonotonicClock.now()) - processStart).wholeMilliseconds
        let line = JSONValue.object([JSONMember("event", .string(event)), JSONMember("t", .integer(Int64(t)))] + members)
        var bytes = line.encoded()
        bytes.append(UInt8(ascii: "\n"))
        writeFully(bytes, to: STDOUT_FILENO)
    }

    func writeSummary(_ statistics: CallStatistics, _ stats: [RTCStats], ok: Bool) {
        write("summary", [JSONMember("ok", .bool(ok))] + Self.members(statistics) + Self.process() + [Self.member(stats)])
    }

    func writeStatistics(_ session: CallSession) {
        write("stats", Self.members(session.statistics) + [Self.member(session.stats)])
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
        let latency: JSONValue = s.video.latencyP50 == nil ? .null : ["p50": count(s.video.latencyP50), "p95": count(s.video.latencyP95)]
        return [
            JSONMember(
                "setup",
                [
                    "joinMs": milliseconds(s.setup.join), "readyMs": milliseconds(s.setup.ready),
                    "connectedMs": milliseconds(s.setup.connected), "firstFrameMs": milliseconds(s.setup.firstFrame),
                ]),
            JSONMember(
                "video",
                [
                    "sent": count(s.video.sent), "received": count(s.video.received), "decoded": count(s.video.decoded),
                    "width": count(s.video.width), "height": count(s.video.height), "fps": rounded(s.video.framesPerSecond, 2),
                    "distinct": count(s.video.distinct), "meanLuma": rounded(s.video.meanLuma, 1), "freezes": count(s.video.freezes),
                    "freezeMs": milliseconds(s.video.freezeTime), "latencyMs": latency, "targetKbps": rounded(s.video.targetKbps, 1),
                ]),
            JSONMember(
                "audio",
                [
                    "sent": count(s.audio.sent), "received": count(s.audio.received), "toneHz": rounded(s.audio.tone, 1),
                    "rms": rounded(s.audio.rms, 4), "concealedMs": milliseconds(s.audio.concealed),
                    "playedMs": milliseconds(s.audio.played),
                ]),
            JSONMember(
                "transport",
                [
                    "pair": s.transport.pair.map { .string($0) } ?? .null,
                    "rttMs": s.transport.roundTrip.map { rounded($0.milliseconds, 2) } ?? .null,
                    "lossPercent": rounded(s.transport.lossPercent, 2), "sentKbps": rounded(s.transport.sentKbps, 1),
                    "receivedKbps": rounded(s.transport.receivedKbps, 1), "nack": count(s.transport.nack), "pli": count(s.transport.pli),
                    "retransmitted": count(s.transport.retransmitted),
                    "availableOutgoingKbps": s.transport.availableOutgoingKbps.map { rounded($0, 1) } ?? .null,
                ]),
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
