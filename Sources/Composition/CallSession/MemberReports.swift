import PeerConnection
import Primitives

/// What is known of each member's connections, in numbers. Of those that are gone as many are kept as a person may look at; their counts
/// stay in the sums.
struct MemberReports: Sendable {
    struct Report: Sendable {
        let id: CallMemberID
        var name: String?
        var isConnected = false
        var sawFrame = false
        var receivedVideo = 0
        var receivedAudio = 0
        /// Of the connection that is there.
        var current = CallStatistics.Transport()
        /// Of those before.
        var past = CallStatistics.Transport()
        var stats: [RTCStats] = []
        fileprivate var connectedSince = Instant.zero
    }

    static let mostGone = 64
    private var reports: [Report] = []
    /// Of members that are not kept any more.
    private var forgotten = CallStatistics.Transport()
    private var lastRetired: CallMemberID?
    /// What the summary's rates are made of: media bytes of ended connections, and the time in which any was there.
    private var bytes = (sent: 0, received: 0)
    private var connectedTime = Interval.zero
    private var busySince: Instant?

    func known(_ id: CallMemberID) -> Report? { reports.first { $0.id == id } }

    subscript(id: CallMemberID) -> Report {
        get { known(id) ?? Report(id: id) }
        set {
            if let index = reports.firstIndex(where: { $0.id == id }) { reports[index] = newValue } else { append(newValue) }
        }
    }

    private mutating func append(_ report: Report) {
        reports.append(report)
        guard reports.count(where: { !$0.isConnected }) > Self.mostGone, let index = reports.firstIndex(where: { !$0.isConnected })
        else { return }
        forgotten.addCounts(of: reports.remove(at: index).past)
    }

    mutating func connected(_ id: CallMemberID, now: Instant) {
        if !reports.contains(where: \.isConnected) { busySince = now }
        var report = self[id]
        report.isConnected = true
        report.sawFrame = false
        report.connectedSince = now
        self[id] = report
    }

    /// Whether it is the first of the connection.
    mutating func sawFrame(_ id: CallMemberID) -> Bool {
        guard !self[id].sawFrame else { return false }
        self[id].sawFrame = true
        return true
    }

    mutating func update(_ id: CallMemberID, _ peer: PeerStatistics) {
        guard self[id].isConnected else { return }
        self[id].current = CallStatistics.Transport(peer)
    }

    mutating func retire(_ id: CallMemberID, _ peer: PeerStatistics, now: Instant) {
        let last = CallStatistics.Transport(peer)
        var report = self[id]
        report.past.addCounts(of: last)
        if last.pair != nil {
            lastRetired = id
            report.past.takePath(of: last)
        }
        if report.isConnected {
            bytes.sent += peer.rtp.bytesSent
            bytes.received += peer.rtp.bytesReceived
        }
        report.isConnected = false
        report.sawFrame = false
        report.current = CallStatistics.Transport()
        self[id] = report
        if !reports.contains(where: \.isConnected), let since = busySince {
            connectedTime = connectedTime + (now - since)
            busySince = nil
        }
    }

    var stats: [(id: CallMemberID, stats: [RTCStats])] {
        let live = reports.filter(\.isConnected)
        if !live.isEmpty { return live.map { ($0.id, $0.stats) } }
        return lastRetired.flatMap(known).map { [($0.id, $0.stats)] } ?? []
    }

    var statistics: [CallMemberStatistics] {
        reports.map { report in
            var member = CallMemberStatistics(id: report.id, name: report.name, isConnected: report.isConnected)
            member.transport = report.isConnected && report.current.pair != nil ? report.current : report.past
            member.video.received = report.receivedVideo
            member.audio.received = report.receivedAudio
            return member
        }
    }

    /// Path, round trip and loss of the connection that stands longest, or stood last; rates added up; counts over all there ever were.
    var transport: CallStatistics.Transport {
        let live = reports.filter { $0.isConnected && $0.current.pair != nil }.sorted { $0.connectedSince < $1.connectedSince }
        var all = CallStatistics.Transport()
        if let first = live.first {
            all.takePath(of: first.current)
            for report in live {
                all.lossPercent = max(all.lossPercent, report.current.lossPercent)
                all.sentKbps += report.current.sentKbps
                all.receivedKbps += report.current.receivedKbps
                all.addCounts(of: report.current)
                if let carried = report.current.availableOutgoingKbps {
                    all.availableOutgoingKbps = min(all.availableOutgoingKbps ?? carried, carried)
                }
            }
        } else {
            if let last = lastRetired.flatMap(known) { all.takePath(of: last.past) }
            if connectedTime > .zero {
                all.sentKbps = Double(bytes.sent) * 8 / 1000 / connectedTime.seconds
                all.receivedKbps = Double(bytes.received) * 8 / 1000 / connectedTime.seconds
            }
        }
        for report in reports { all.addCounts(of: report.past) }
        all.addCounts(of: forgotten)
        return all
    }
}

extension CallStatistics.Transport {
    init(_ peer: PeerStatistics) {
        self.init()
        pair = peer.pair
        path = peer.pathSummary
        roundTrip = peer.roundTripTime
        lossPercent = peer.lossPercent
        sentKbps = peer.sentKilobitsPerSecond
        receivedKbps = peer.receivedKilobitsPerSecond
        nack = peer.rtp.nacksSent
        pli = peer.rtp.plisSent
        retransmitted = peer.rtp.retransmittedSent
        availableOutgoingKbps = peer.rtp.availableOutgoingBitrate.map { Double($0) / 1000 }
    }

    fileprivate mutating func addCounts(of other: Self) {
        nack += other.nack
        pli += other.pli
        retransmitted += other.retransmitted
    }

    fileprivate mutating func takePath(of other: Self) {
        pair = other.pair
        path = other.path
        roundTrip = other.roundTrip
        lossPercent = other.lossPercent
    }
}
