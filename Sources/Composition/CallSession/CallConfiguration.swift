import MediaPipeline
import Primitives

/// Everything that a person can choose about a call.
public struct CallConfiguration: Sendable {
    public var name: String?
    public var camera: CameraChoice
    public var microphone: MicrophoneChoice
    public var speaker: SpeakerChoice
    /// Of the test microphone, in Hz.
    public var tone: Double
    public var size: PictureSize
    public var framesPerSecond: Int
    public var bitrateKbps: Int
    public var iceServers: [ICEServerChoice]
    public var icePolicy: ICEPolicyChoice
    public var loopback: Bool
    /// A certificate for this run alone, and nothing remembered of the others.
    public var isEphemeral: Bool
    /// The right to use a server that asks for one.
    public var token: String?
    /// Of the channel, when it asks for one; the first member sets it.
    public var password: String?
    /// Of a channel that this side is the first in.
    public var capacity: Int?
    /// Files for what is received.
    public var videoOut: String?
    public var audioOut: String?
    /// A folder for the pictures and the sound of each member.
    public var recordFolder: String?
    /// Measure what is received (every picture is looked at), for a summary.
    public var measures: Bool

    public init(
        name: String? = nil, camera: CameraChoice, microphone: MicrophoneChoice, speaker: SpeakerChoice, tone: Double = 440,
        size: PictureSize = PictureSize(width: 640, height: 480), framesPerSecond: Int = 30, bitrateKbps: Int = 1000,
        iceServers: [ICEServerChoice] = [], icePolicy: ICEPolicyChoice = .all, loopback: Bool = false, isEphemeral: Bool = false,
        token: String? = nil, password: String? = nil, capacity: Int? = nil, videoOut: String? = nil, audioOut: String? = nil,
        recordFolder: String? = nil, measures: Bool = false
    ) {
        self.name = name
        self.camera = camera
        self.microphone = microphone
        self.speaker = speaker
        self.tone = tone
        self.size = size
        self.framesPerSecond = framesPerSecond
        self.bitrateKbps = bitrateKbps
        self.iceServers = iceServers
        self.icePolicy = icePolicy
        self.loopback = loopback
        self.isEphemeral = isEphemeral
        self.token = token
        self.password = password
        self.capacity = capacity
        self.videoOut = videoOut
        self.audioOut = audioOut
        self.recordFolder = recordFolder
        self.measures = measures
    }
}
