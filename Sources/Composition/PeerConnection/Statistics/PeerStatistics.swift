import ICE
import Primitives
import RTP

/// How the call is doing. Rates and loss are of about the last two seconds, counters since the beginning.
public struct PeerStatistics: Sendable, Equatable {
    /// "host-host 192.0.2.1:5000 192.0.2.2:6000", local first; nil before there is a pair.
    public var pair: String?
    /// That path in words: "direct", "direct over TCP", "relayed over TLS"; empty before there is one.
    public var pathSummary = ""
    /// Whether a TURN server is on it, on either side.
    public var isRelayed = false
    /// How often a pair was selected: the first one, and each after a change or a restart.
    public var pairChanges = 0
    public var roundTripTime: Interval?
    /// UDP payload, of everything that is sent and received.
    public var sentKilobitsPerSecond = 0.0
    public var receivedKilobitsPerSecond = 0.0
    /// 0...100: of the packets the other side sent lately, what did not arrive, before retransmission.
    public var lossPercent = 0.0
    /// 0...100: of what this side sends, as the other side last reported; the worse of both media.
    public var remoteLossPercent = 0.0
    public var rtp = RTPStatistics()
    /// Datagrams that no part could use: unknown, forged, repeated.
    public var discardedDatagrams = 0
    /// Media and handshake datagrams made while there was no path for them.
    public var unsentDatagrams = 0
}

extension PeerConnection {
    public mutating func statistics(now: Instant) -> PeerStatistics {
        var result = PeerStatistics()
        result.pair = pathText
        result.pairChanges = selectedPairChanges
        result.pathSummary = agent.selectedPair?.summary ?? ""
        result.isRelayed = agent.selectedPair?.isRelayed ?? false
        result.rtp = rtp?.statistics ?? RTPStatistics()
        result.roundTripTime = rtp?.roundTripTime ?? agent.selectedPair?.roundTripTime
        result.sentKilobitsPerSecond = sentRate.kilobitsPerSecond(now: now)
        result.receivedKilobitsPerSecond = receivedRate.kilobitsPerSecond(now: now)
        result.lossPercent = losses.percent(of: result.rtp, now: now)
        result.remoteLossPercent = 100 * max(result.rtp.video.remoteFractionLost, result.rtp.audio.remoteFractionLost)
        result.discardedDatagrams = discardedDatagrams
        result.unsentDatagrams = unsentDatagrams
        return result
    }

    /// Why there is no path, or none yet: what was tried and what is missing.
    public var connectivityReport: ConnectivityReport { ConnectivityReport(agent.diagnosis) }
    public var diagnosis: ICEDiagnosis { agent.diagnosis }

    /// What media take now: direct or relayed, over what; nil before there is a path.
    public var selectedPair: SelectedPair? { agent.selectedPair }

    private var pathText: String? {
        guard let pair = agent.selectedPair else { return nil }
        return "\(pair.local.type.rawValue)-\(pair.remote.type.rawValue) \(pair.local.address) \(pair.remote.address)"
    }
}

/// Loss over the last two seconds, from counters looked at now and then.
struct LossMeter {
    private struct Sample {
        var time: Instant
        var received: Int
        var lost: Int
    }
    private var samples: [Sample] = []

    /// Cheap to call often: a sample is kept every 200 ms.
    mutating func note(_ statistics: @autoclosure () -> RTPStatistics, now: Instant) {
        if let last = samples.last, now - last.time < .milliseconds(200) { return }
        let counters = statistics()
        let lost = counters.video.packetsLost &+ counters.audio.packetsLost
        samples.append(Sample(time: now, received: counters.packetsReceived, lost: lost))
        while samples.count > 11 { samples.removeFirst() }
    }

    func percent(of counters: RTPStatistics, now: Instant) -> Double {
        guard let first = samples.first(where: { now - $0.time <= .milliseconds(2200) }) else { return 0 }
        let lost = counters.video.packetsLost &+ counters.audio.packetsLost &- first.lost
        let received = counters.packetsReceived &- first.received
        guard lost > 0, received >= 0 else { return 0 }
        return 100 * Double(lost) / Double(lost &+ received)
    }
}
