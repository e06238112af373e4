import PeerConnection
import Primitives
import Synchronization

/// Where the threads of a session note what has happened: milestones, counts, and events for the person.
///
/// The lock is taken a few times a frame, never per packet of video.
final class CallReport: Sendable {
    private struct State {
        var statistics = CallStatistics()
        var members = MemberReports()
        var connectivity: String?
        var hasMetServer = false
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

    func update(_ body: (inout CallStatistics) -> Void) { state.withLock { body(&$0.statistics) } }

    // MARK: - Milestones

    func joinSent(now: Instant) { milestone(\.join, now: now) }

    func ready(now: Instant) {
        milestone(\.ready, now: now)
        onEvent(.ready)
    }

    private func milestone(_ path: WritableKeyPath<CallStatistics.Setup, Interval?> & Sendable, now: Instant) {
        state.withLock { state in
            if state.statistics.setup[keyPath: path] == nil { state.statistics.setup[keyPath: path] = now - processStart }
        }
    }

    // MARK: - Members

    /// - Parameter name: as signaling tells it.
    func arrived(_ id: CallMemberID, name: String?) {
        state.withLock { $0.members[id].name = name ?? $0.members[id].name }
        onEvent(.memberArrived(id, name: name))
        if let name { onEvent(.peerNamed(id, name)) }
    }

    func departed(_ id: CallMemberID, reason: String) {
        let sentence = sentence(reason, about: id)
        // A plain member may be somebody else the next time.
        if id.isEmpty { state.withLock { $0.members[id].name = nil } }
        onEvent(.memberLeft(id, reason: sentence))
    }

    /// By their own program.
    func named(_ id: CallMemberID, _ name: String) {
        state.withLock { $0.members[id].name = name }
        onEvent(.peerNamed(id, name))
    }

    /// A sentence about "the other side", with their name where there is one.
    func sentence(_ text: String, about id: CallMemberID) -> String {
        guard let name = name(of: id), !name.isEmpty else { return text }
        return text.replacing("The other side", with: name).replacing("the other side", with: name)
    }

    func name(of id: CallMemberID) -> String? { state.withLock { $0.members.known(id)?.name } }

    func connected(_ id: CallMemberID, path: String, now: Instant) {
        milestone(\.connected, now: now)
        state.withLock { $0.members.connected(id, now: now) }
        onEvent(.connected(id, path: path, at: now))
    }

    func receivedVideo(from id: CallMemberID) {
        state.withLock { state in
            state.statistics.video.received += 1
            state.members[id].receivedVideo += 1
        }
    }

    func receivedAudio(from id: CallMemberID) {
        state.withLock { state in
            state.statistics.audio.received += 1
            state.members[id].receivedAudio += 1
        }
    }

    /// Called for each decoded frame; tells the first of each connection.
    func decoded(_ id: CallMemberID, width: Int, height: Int, now: Instant) {
        let isFirst = state.withLock { state in
            state.statistics.video.decoded += 1
            return state.members.sawFrame(id)
        }
        guard isFirst else { return }
        milestone(\.firstFrame, now: now)
        onEvent(.firstFrame(id, width: width, height: height, at: now))
    }

    /// The state of a connection that is there.
    func transport(of id: CallMemberID, _ peer: PeerStatistics) {
        state.withLock { state in
            state.members.update(id, peer)
            state.statistics.video.targetKbps = Double(peer.rtp.targetBitrate ?? 0) / 1000
        }
    }

    /// All that a connection knows of itself.
    func details(of id: CallMemberID, _ stats: [RTCStats]) { state.withLock { $0.members[id].stats = stats } }

    /// A connection has ended, or come to nothing: its counts stay.
    func retire(_ id: CallMemberID, _ peer: PeerStatistics, now: Instant) { state.withLock { $0.members.retire(id, peer, now: now) } }

    /// What a call that finds no path is in want of: sentences for a person.
    func noPath(_ sentence: String) { state.withLock { $0.connectivity = sentence } }
    var connectivity: String? { state.withLock { $0.connectivity } }

    /// As they were a moment ago, of each connection; of the last one when there is none.
    var stats: [(id: CallMemberID, stats: [RTCStats])] { state.withLock { $0.members.stats } }

    func stats(of id: CallMemberID) -> [RTCStats] { state.withLock { $0.members.known(id)?.stats ?? [] } }

    func statistics(of id: CallMemberID) -> CallStatistics.Transport? {
        state.withLock { state in state.members.known(id).flatMap { $0.isConnected ? $0.current : nil } }
    }

    /// Everyone so far, in the order in which they came; media's part is the hub's.
    var members: [CallMemberStatistics] { state.withLock { $0.members.statistics } }

    /// Media counts and milestones with the transport's: of the live connections, else of what there was.
    var statistics: CallStatistics {
        state.withLock { state in
            var all = state.statistics
            all.transport = state.members.transport
            return all
        }
    }
}
