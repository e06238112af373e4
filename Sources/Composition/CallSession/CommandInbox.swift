import CallControl
import ICE
import MediaTypes
import Primitives
import Signaling
import StreamSockets
import Synchronization
import Threading

/// What other threads ask of the network thread.
enum NetworkCommand: Sendable {
    case signal(SignalingEvent)
    case video(EncodedVideoFrame)
    case audio(EncodedAudioFrame)
    /// A decoder cannot go on with what it has.
    case needKeyFrame(CallCoordinator.MemberID)
    case iceServers(ResolvedICEServers)
    /// Those that the signaling server has named.
    case signaledICEServers(ResolvedICEServers)
    case stream(StreamEvent)
    case say(String)
    /// What the microphone and the camera give the others; a device that is not there is off.
    case ownMedia(microphone: Bool, camera: Bool)
    /// What this side's screen can show: of one member, or of those of whom nothing else has been said.
    case ownScreen(ControlMessage.ReceiverScreen, for: CallMemberID?)
    /// The person has compared the words.
    case confirmWords(CallMemberID)
    /// What is remembered of the certificate with this fingerprint.
    case acquainted(CallCoordinator.MemberID, fingerprint: [UInt8], CallAcquaintance)
    /// A new path is to be looked for.
    case restartICE
    case join(String, password: String?, capacity: Int?)
    case leave
    case stop
}

/// The network thread's letter box: any thread puts in, one takes out.
///
/// Bounded: when full, media is dropped (the newest, since what waits is older and still in order); what the person asks never is,
/// and what signaling says only when a server sends it by the thousand.
final class CommandInbox: Sendable {
    private struct State {
        var commands: [NetworkCommand] = []
        var dropped = 0
    }

    static let mostMedia = 256
    static let mostSignals = 4096
    private let state = Mutex(State())
    let wake: EventDescriptor

    init(wake: EventDescriptor) { self.wake = wake }

    func put(_ command: NetworkCommand) {
        let accepted = state.withLock { state in
            switch command {
            case .video, .audio:
                guard state.commands.count < Self.mostMedia else {
                    state.dropped += 1
                    return false
                }
            case .signal:
                // Only a server that floods comes here.
                guard state.commands.count < Self.mostSignals else {
                    state.dropped += 1
                    return false
                }
            // What streams bring is bounded by their credit.
            case .needKeyFrame, .iceServers, .signaledICEServers, .stream, .say, .ownMedia, .ownScreen, .confirmWords, .acquainted,
                .restartICE, .join,
                .leave,
                .stop:
                break
            }
            state.commands.append(command)
            return true
        }
        if accepted { wake.signal() }
    }

    /// What was turned away.
    var dropped: Int { state.withLock { $0.dropped } }

    /// Everything that waits, oldest first. The array handed in is emptied and swapped in: no allocation in the steady state.
    func drain(into commands: inout [NetworkCommand]) {
        commands.removeAll(keepingCapacity: true)
        state.withLock { swap(&$0.commands, &commands) }
    }
}
