import MediaPipeline

public typealias PictureSize = MediaPipeline.PictureSize

/// What a person may name as a camera.
public enum CameraChoice: Hashable, Sendable, CustomStringConvertible {
    /// The first one that works; none is fine.
    case auto
    case test
    case none
    case device(String)
    case file(String)

    public init?(_ text: String) {
        switch text {
        case "": return nil
        case "auto": self = .auto
        case "test": self = .test
        case "none": self = .none
        case _ where text.hasSuffix(".y4m"): self = .file(text)
        case _ where text.hasPrefix("/dev/"): self = .device(text)
        default: return nil
        }
    }

    public var description: String {
        switch self {
        case .auto: "auto"
        case .test: "test"
        case .none: "none"
        case .device(let path), .file(let path): path
        }
    }
}

/// What a person may name as a microphone.
public enum MicrophoneChoice: Hashable, Sendable, CustomStringConvertible {
    /// ALSA's default; none is fine.
    case auto
    /// A steady tone.
    case test
    /// A soft chime every two and a half seconds: what waits in the demo's channel.
    case chime
    case none
    case device(String)
    case file(String)

    public init?(_ text: String) {
        switch text {
        case "": return nil
        case "auto": self = .auto
        case "test": self = .test
        case "none": self = .none
        case _ where text.hasSuffix(".wav"): self = .file(text)
        default: self = .device(text)
        }
    }

    public var description: String {
        switch self {
        case .auto: "auto"
        case .test: "test"
        case .chime: "chime"
        case .none: "none"
        case .device(let name), .file(let name): name
        }
    }
}

/// What a person may name as a speaker.
public enum SpeakerChoice: Hashable, Sendable, CustomStringConvertible {
    /// ALSA's default; none is fine.
    case auto
    case none
    case device(String)

    public init?(_ text: String) {
        switch text {
        case "": return nil
        case "auto": self = .auto
        case "none": self = .none
        default: self = .device(text)
        }
    }

    public var description: String {
        switch self {
        case .auto: "auto"
        case .none: "none"
        case .device(let name): name
        }
    }
}
