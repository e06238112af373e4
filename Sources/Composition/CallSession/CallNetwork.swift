import CallControl
import DTLS
import DatagramSocket
import ICE
import Logging
import MediaTypes
import NetworkWatch
import PeerConnection
import Primitives
import Signaling
import StreamSockets
import Threading

/// The network thread of a session: sockets, peer connections and timers, one loop around one poll.
///
/// Confined to that thread: other threads reach it through the inbox. Nothing here blocks but the poll.
final class CallNetwork {
    struct Dependencies: Sendable {
        let configuration: CallConfiguration
        let certificate: DTLSCertificate
        let inbox: CommandInbox
        let signaling: SignalingClient
        let media: MediaHub
        let report: CallReport
        let streams: StreamTransport
        let acquaintances: Acquaintances
        let logger: Logger
    }

    let own: Dependencies
    var coordinator = CallCoordinator()
    var members: [Member] = [] { didSet { collectSockets() } }
    private var sockets: [DatagramSocket] = []
    var channel: String?
    /// Those of the configuration, and those that the signaling server names to members.
    var iceServers = ResolvedICEServers()
    var signaledICEServers = ResolvedICEServers()
    var signaledChoices: [ICEServerChoice] = []
    var random = RandomSource.system
    private var poller = Poller()
    private var nextReport = Instant.zero
    var nextStats = Instant.zero
    private var isStopping = false
    var isSignalingOpen = false
    /// Told since the last connection to the signaling server.
    var toldLoss: String?
    /// Somebody else is in the channel, as far as the person has been told.
    var hasCompany = false
    /// What is told to every other tchat; nil: not known yet.
    var ownMedia: (microphone: Bool, camera: Bool)?
    var ownScreen: ControlMessage.ReceiverScreen?
    /// Of members that are shown in a size of their own.
    var ownScreens: [CallMemberID: ControlMessage.ReceiverScreen] = [:]
    var changes = NetworkChanges()
    var names: NameResolution? { didSet { collectWatched() } }
    /// What the thread reads besides the members' sockets.
    private var watched: [Int32] = []

    private static let reportPeriod = Interval.milliseconds(250)
    /// Many strings, which cost more than the numbers; whoever looks at them does not look more often.
    static let statsPeriod = Interval.seconds(1)

    init(_ dependencies: Dependencies) {
        own = dependencies
        collectWatched()
    }

    private func collectWatched() { watched = (changes.fileDescriptor.map { [$0] } ?? []) + (names?.fileDescriptors ?? []) }

    func collectSockets() { sockets = members.flatMap(\.sockets) }

    /// Returns after `.stop`.
    func run() {
        var commands: [NetworkCommand] = []
        while true {
            var now = MonotonicClock.now()
            if poller.mayRead(own.inbox.wake.fileDescriptor) { own.inbox.wake.drain() }
            own.inbox.drain(into: &commands)
            for command in commands { handle(command, now: now) }
            for member in members { member.receive(after: poller, now: now) }
            now = MonotonicClock.now()
            perform(coordinator.handleTimeout(now: now), now: now)
            let hasNews = changes.fileDescriptor.map(poller.mayRead) ?? false
            if let change = changes.look(hasNews: hasNews, now: now) { networkChanged(change, now: now) }
            resolveNames(now: now)
            for member in members { if let due = member.due, due <= now { handleTimeout(of: member, now: now) } }
            if now >= nextReport {
                nextReport = now + Self.reportPeriod
                for member in members { checkLife(of: member, now: now) }
                publish(now: now)
            }
            service(now: now)
            if isStopping { return }
            poller.wait(on: sockets, and: watched, event: own.inbox.wake, until: deadline(now: now))
        }
    }

    private func deadline(now: Instant) -> Instant {
        var due = earliest(earliest(coordinator.nextTimeout, changes.nextTimeout), names?.nextTimeout)
        for member in members { due = member.needsService ? now : earliest(due, member.due) }
        return earliest(due, nextReport) ?? nextReport
    }

    // MARK: - Commands

    private func handle(_ command: NetworkCommand, now: Instant) {
        switch command {
        case .signal(let event): handle(event, now: now)
        case .video(let frame):
            for member in members where member.isConnected { member.peer.sendVideo(frame, now: now) }
            own.report.update { $0.video.sent += members.contains(where: \.isConnected) ? 1 : 0 }
        case .audio(let frame):
            for member in members where member.isConnected { member.peer.sendAudio(frame, now: now) }
            own.report.update { $0.audio.sent += members.contains(where: \.isConnected) ? 1 : 0 }
        case .needKeyFrame(let id): member(id)?.peer.requestKeyFrame(now: now)
        case .iceServers(let servers):
            iceServers = servers
            add(servers, isForAll: true, now: now)
        case .signaledICEServers(let servers):
            signaledICEServers = servers
            add(servers, isForAll: false, now: now)
        case .stream(let event): handle(event, now: now)
        case .say(let text): say(text, now: now)
        case .ownMedia(let microphone, let camera):
            ownMedia = (microphone, camera)
            for member in members {
                member.talk?.setMedia(microphone: microphone, camera: camera)
                serveTalk(of: member, now: now)
            }
        case .ownScreen(let screen, let id):
            if let id { ownScreens[id] = screen } else { ownScreen = screen }
            for member in members where id == nil ? ownScreens[member.id.id] == nil : id == member.id.id {
                member.talk?.setScreen(screen)
                serveTalk(of: member, now: now)
            }
        case .confirmWords(let id): confirmWords(of: id)
        case .acquainted(let id, let fingerprint, let verdict): acquainted(id, fingerprint: fingerprint, verdict)
        case .restartICE: for member in members { restartICE(member, now: now) }
        case .join(let name, let password, let capacity):
            if channel != name { leave(now: now) }
            channel = name
            if isSignalingOpen { own.report.joinSent(now: now) }
            own.report.event(.joining(channel: name, at: now))
            own.signaling.join(name, password: password, capacity: capacity)
        case .leave: leave(now: now)
        case .stop:
            leave(now: now)
            isStopping = true
        }
    }

    private func leave(now: Instant) {
        guard let name = channel else { return }
        perform(coordinator.left(), now: now)
        own.signaling.leave(name)
        channel = nil
        hasCompany = false
        ownScreens = [:]
        own.report.event(.left(channel: name))
    }
}
