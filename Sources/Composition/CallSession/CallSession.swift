import CallControl
import DTLS
import Glibc
import ICE
import Identity
import Logging
import MediaTypes
import PeerConnection
import Primitives
import SRTP
import Signaling
import StreamSockets
import Threading

/// One person's presence at a signaling server, and the call in the channel they are in: the composition root of a call.
///
/// Owns the network thread, the media threads and the signaling client. All methods may be called from any thread; events come on the
/// session's own threads and must not block.
public final class CallSession: Sendable {
    let configuration: CallConfiguration
    private let inbox: CommandInbox
    private let signaling: SignalingClient
    let media: MediaHub
    let deviceThread = DeviceThread()
    let report: CallReport
    private let certificate: DTLSCertificate
    private let streams: StreamTransport
    private let acquaintances: Acquaintances
    private let logger: Logger
    private let networkThread = WorkerThread()

    /// - Parameter processStart: what the setup times count from.
    /// - Throws: a sentence when a camera, microphone, speaker or file that was named cannot be used.
    public init(
        configuration: CallConfiguration, server: ServerURL, processStart: Instant, logger: Logger,
        onEvent: @escaping @Sendable (CallEvent) -> Void
    ) throws(CallFailure) {
        guard let wake = EventDescriptor() else {
            throw CallFailure("There are no file descriptors left; raise the limit (ulimit -n).")
        }
        self.configuration = configuration
        self.logger = logger
        let inbox = CommandInbox(wake: wake)
        self.inbox = inbox
        let report = CallReport(processStart: processStart, onEvent: onEvent)
        self.report = report
        (certificate, acquaintances) = try Self.identity(configuration, report)
        streams = StreamTransport { inbox.put(.stream($0)) }
        media = try MediaHub(configuration: configuration, inbox: inbox, report: report)
        signaling = SignalingClient(url: server, options: SignalingOptions(name: configuration.name, token: configuration.token)) {
            inbox.put(.signal($0))
        }
    }

    public func start() {
        let dependencies = CallNetwork.Dependencies(
            configuration: configuration, certificate: certificate, inbox: inbox, signaling: signaling, media: media, report: report,
            streams: streams, acquaintances: acquaintances, logger: logger)
        // Slow the first time, and needed as soon as keys are agreed on: the network thread should not wait for it.
        if let loader = MediaThread.start(name: "srtp-loader", { SRTPLibrary.load() }) { loader.detach() }
        let isRunning = networkThread.start(name: "network") { CallNetwork(dependencies).run() }
        if !isRunning { report.event(.error("The system has no thread left to give; raise the limit (ulimit -u).")) }
        media.start()
        tellMedia()
        signaling.start()
        ResolvedICEServers.resolve(configuration.iceServers) { [inbox] in inbox.put(.iceServers($0)) }
    }

    /// - Parameters:
    ///   - password: nil: the configuration's.
    ///   - capacity: likewise.
    public func join(_ channel: String, password: String? = nil, capacity: Int? = nil) {
        inbox.put(.join(channel, password: password ?? configuration.password, capacity: capacity ?? configuration.capacity))
    }
    public func leave() { inbox.put(.leave) }
    public func listChannels() { signaling.listChannels() }

    /// A muted microphone's samples are replaced by silence before they are encoded: no sound leaves.
    public func setMuted(_ muted: Bool) {
        media.setMuted(muted)
        tellMedia()
    }

    public func setCameraEnabled(_ enabled: Bool) {
        media.setCameraEnabled(enabled)
        tellMedia()
    }

    private func tellMedia() { media.tellOwnMedia() }

    /// A line of text for everybody in the channel whose program takes it.
    public func say(_ text: String) { inbox.put(.say(text)) }

    /// What this side can show from now on; the other side picks its picture for it.
    /// - Parameter member: what of it is for this one's picture; nil: for everybody's of whom nothing else is said. Forgotten when they leave.
    public func setScreen(_ screen: CallScreen, for member: CallMemberID? = nil) {
        inbox.put(
            .ownScreen(
                ControlMessage.ReceiverScreen(columns: screen.columns, rows: screen.rows, width: screen.width, height: screen.height),
                for: member))
    }

    /// The person has compared the words: the certificate is the named one's from now on.
    public func confirmWords(of id: CallMemberID) { inbox.put(.confirmWords(id)) }

    /// Looks for a path anew; the present one serves meanwhile.
    public func restartICE() { inbox.put(.restartICE) }

    /// The connections in numbers, under the names of the W3C's webrtc-stats. Ids begin with that of the member, where there is one.
    public var stats: [RTCStats] {
        let sender = media.senderStatistics
        return report.stats.flatMap { id, stats in
            var stats = stats
            media.complete(&stats, of: id, sender: sender)
            return id.isEmpty ? stats : stats.map { $0.prefixed(by: id) }
        }
    }

    /// Of one member's connection, with its own ids.
    public func stats(of id: CallMemberID) -> [RTCStats] {
        var stats = report.stats(of: id)
        media.complete(&stats, of: id, sender: media.senderStatistics)
        return stats
    }

    /// Leaves in good order: the other side is told, files are finished, threads have ended. Takes a second at the most.
    public func stop() {
        deviceThread.stop()
        inbox.put(.stop)
        networkThread.join()
        streams.stop()
        signaling.stop()
        media.stop()
    }

    public var statistics: CallStatistics {
        var statistics = report.statistics
        media.fill(&statistics)
        return statistics
    }

    /// Each member that has been there, but for the oldest of very many.
    public var memberStatistics: [CallMemberStatistics] {
        report.members.map { member in
            var member = member
            media.member(member.id)?.fill(&member)
            return member
        }
    }

    /// Of the connection to one member; nil without one.
    public func statistics(of id: CallMemberID) -> CallStatistics.Transport? { report.statistics(of: id) }

    /// The newest picture of a member; nil without a connection to them.
    public func picture(of id: CallMemberID) -> PictureFeed? { media.picture(of: id) }

    /// What is heard of a member: 0 up to -60 dB, 1 at full scale, in even steps of dB, as the microphone's meter.
    public func soundLevel(of id: CallMemberID) -> Double { media.soundLevel(of: id) }

    /// Called on the threads that put pictures, after any has changed, our own among them.
    public func setOnPicture(_ body: (@Sendable () -> Void)?) { media.setOnPicture(body) }

    /// The newest of our own camera.
    public var ownPicture: PictureFeed { media.ownPicture }
    /// Of the microphone, 0 to 1, before muting.
    public var microphoneLevel: Double { media.microphoneLevel }
    /// Nil without one.
    public var cameraName: String? { media.cameraName }
    public var cameraFormat: VideoFormat? { media.cameraFormat }
    public var microphoneName: String? { media.microphoneName }
    public var speakerName: String { media.speakerName }

    /// Why a call that should have come about has not, for a person.
    public func whyNotConnected(within seconds: Double) -> String {
        let setup = report.statistics.setup
        let time = seconds == 1 ? "1 second" : (seconds == seconds.rounded() ? "\(Int(seconds))" : "\(seconds)") + " seconds"
        if !report.hasMetServer {
            return "The signaling server did not answer within \(time); is its address right, and is it running?"
        }
        if setup.ready == nil { return "Nobody else came to the channel within \(time)." }
        return report.connectivity ?? "No path to the other side was found within \(time)."
    }

    /// The certificate that others know this person by, and whom this person knows; a run that is to leave no traces has neither.
    private static func identity(
        _ configuration: CallConfiguration, _ report: CallReport
    ) throws(CallFailure) -> (DTLSCertificate, Acquaintances) {
        let tell: @Sendable (String) -> Void = { report.event(.error($0)) }
        do throws(DTLSError) {
            guard !configuration.isEphemeral else {
                return (try DTLSCertificate.generate(), Acquaintances(file: nil, onNotice: tell))
            }
            let folder = StateFolder { name in getenv(name).map { String(cString: $0) } }
            let identity = try IdentityStore(folder: folder).load()
            if let notice = identity.notice { tell(notice) }
            return (identity.certificate, Acquaintances(file: KnownPeersFile(folder: folder), onNotice: tell))
        } catch {
            throw CallFailure("OpenSSL cannot make a certificate: \(error).")
        }
    }
}

/// Why a session cannot begin: a whole sentence that says what to do.
public struct CallFailure: Error, CustomStringConvertible, Sendable {
    public let description: String
    public init(_ description: String) { self.description = description }
}
