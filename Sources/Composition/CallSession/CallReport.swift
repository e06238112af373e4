import PeerConnection
import Primitives
import Synchronization

/// Where the threads of a session note what has happened: milestones, counts, and events for the person.
///
/// The lock is taken a few times a frame, never per packet of video.
final class CallReport: Sendable {
    private struct State {
        var statistics = CallStatistics()
        /// Of peers that are gone.
        var retired = CallStatistics.Transport()
        var current = CallStatistics.Transport()
        var stats: [RTCStats] = []
        var connectivity: String?
        var traffic = Traffic()
        var sawFrame = false
        var hasMetServer = false
    }

    /// What the summary's rates are made of: media bytes while connected, over the time connected.
    private struct Traffic {
        var sentBytes = 0
        var receivedBytes = 0
        var connectedTime = Interval.zero
        var since: Instant?
    }

    private let processStart: Instant
    private let onEvent: @Sendable (CallEvent) -> Void
    private let state = Mutex(State())

    init(processStart: Instant, onEvent: @escaping @Sendable (CallEvent) -> Void) {
        self.processStart = processStart
        self.onEvent = onEvent
    }

    func event(_ event: CallEvent) {
        if case .signalingConnected = event { state.withLock { $0.hasMetServer = true } }
        onEvent(event)
    }

    /// The signaling server has answered at least once.
    var hasMetServer: Bool { state.withLock { $0.hasMetServer } }

    func update(_ body: (inout CallStatistics) -> Void) {
        state.withLock { body(&$0.statistics) }
    }

    func joinSent(now: Instant) { milestone(\.join, now: now) }

    func ready(now: Instant) {
        milestone(\.ready, now: now)
        onEvent(.ready)
    }

    func connected(_ id: CallMemberID, path: String, now: Instant) {
        milestone(\.connected, now: now)
        state.withLock {
            $0.traffic.since = now
            $0.sawFrame = false
        }
        onEvent(.connected(id, path: path, at: now))
    }

    /// Called for each decoded frame; tells the first of each connection.
    func decoded(_ id: CallMemberID, width: Int, height: Int, now: Instant) {
        let isFirst = state.withLock { state in
            defer { state.sawFrame = true }
            state.statistics.video.decoded += 1
            return !state.sawFrame
        }
        guard isFirst else { return }
        milestone(\.firstFrame, now: now)
        onEvent(.firstFrame(id, width: width, height: height, at: now))
    }

    private func milestone(_ path: WritableKeyPath<CallStatistics.Setup, Interval?> & Sendable, now: Instant) {
        state.withLock { state in
            if state.statistics.setup[keyPath: path] == nil { state.statistics.setup[keyPath: path] = now - processStart }
        }
    }

    /// Nobody is there to be seen.
    func peerGone() { state.withLock { $0.sawFrame = false } }

    /// The state of the connection that is there.
    func transport(_ peer: PeerStatistics) {
        state.withLock { state in
            state.current = CallStatistics.Transport(peer)
            state.statistics.video.targetKbps = Double(peer.rtp.targetBitrate ?? 0) / 1000
        }
    }

    func statistics(of id: CallMemberID) -> CallStatistics.Transport? {
        state.withLock { $0.current.pair == nil ? nil : $0.current }
    }

    /// All that the connection knows of itself.
    func details(_ stats: [RTCStats]) { state.withLock { $0.stats = stats } }

    /// What a call that finds no path is in want of: sentences for a person.
    func noPath(_ sentence: String) { state.withLock { $0.connectivity = sentence } }
    var connectivity: String? { state.withLock { $0.connectivity } }

    /// As they were a moment ago; of the last connection when there is none.
    var stats: [RTCStats] { state.withLock { $0.stats } }

    /// A connection has ended: its counts stay.
    func retire(_ peer: PeerStatistics, now: Instant) {
        state.withLock { state in
            let last = CallStatistics.Transport(peer)
            if let since = state.traffic.since {
                state.traffic.connectedTime = state.traffic.connectedTime + (now - since)
                state.traffic.since = nil
                state.traffic.sentBytes += peer.rtp.bytesSent
                state.traffic.receivedBytes += peer.rtp.bytesReceived
            }
            state.retired.nack += last.nack
            state.retired.pli += last.pli
            state.retired.retransmitted += last.retransmitted
            if last.pair != nil {
                state.retired.pair = last.pair
                state.retired.path = last.path
                state.retired.roundTrip = last.roundTrip
                state.retired.lossPercent = last.lossPercent
            }
            state.current = CallStatistics.Transport()
        }
    }

    /// Media counts and milestones with the transport's: of the live connection, else of what there was.
    var statistics: CallStatistics {
        state.withLock { state in
            var all = state.statistics
            all.transport = state.current.pair == nil ? state.retired : state.current
            if state.current.pair != nil {
                all.transport.nack += state.retired.nack
                all.transport.pli += state.retired.pli
                all.transport.retransmitted += state.retired.retransmitted
            } else if state.traffic.connectedTime > .zero {
                let seconds = state.traffic.connectedTime.seconds
                all.transport.sentKbps = Double(state.traffic.sentBytes) * 8 / 1000 / seconds
                all.transport.receivedKbps = Double(state.traffic.receivedBytes) * 8 / 1000 / seconds
            }
            return all
        }
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
}
