import MediaTypes
import Synchronization

public enum CallDeviceKind: String, Sendable, CaseIterable { case camera, microphone, speaker }

/// What is used now for one purpose.
public struct CallDevice: Sendable, Equatable {
    public var kind: CallDeviceKind
    /// As `--camera`, `--mic` and `--speaker` take it; "none" when there is none.
    public var choice: String
    /// For a person; nil when there is none. Text from outside.
    public var name: String?
    /// What a camera really gives.
    public var format: VideoFormat?

    public init(kind: CallDeviceKind, choice: String, name: String?, format: VideoFormat? = nil) {
        self.kind = kind
        self.choice = choice
        self.name = name
        self.format = format
    }
}

/// Something that could be used.
public struct CallDeviceInfo: Sendable, Equatable {
    /// As the option takes it.
    public var choice: String
    /// For a person. Text from outside; empty for what is no device: "test" and "none".
    public var name: String
    /// Why it cannot be used, as far as can be told without starting it.
    public var problem: MediaDeviceError?

    public init(choice: String, name: String, problem: MediaDeviceError? = nil) {
        self.choice = choice
        self.name = name
        self.problem = problem
    }
}

struct DevicesInUse: Sendable {
    var camera: CameraChoice
    var microphone: MicrophoneChoice
    var speaker: SpeakerChoice
}

/// Hands on that a device has failed to whoever comes to listen; media threads are made before there is anybody.
final class DeviceLoss: Sendable {
    typealias Listener = @Sendable (CallDeviceKind, MediaDeviceError) -> Void
    private let listener = Mutex<Listener?>(nil)

    func listen(_ body: @escaping Listener) { listener.withLock { $0 = body } }

    func tell(_ kind: CallDeviceKind, _ error: MediaDeviceError) {
        let body = listener.withLock { $0 }
        body?(kind, error)
    }
}
