import Primitives

/// What a camera, microphone, speaker or media file can fail with; `description` is a whole sentence for a person that says what to do.
public struct MediaDeviceError: Error, CustomStringConvertible, Sendable, Equatable {
    public enum Kind: Sendable, Equatable { case notFound, busy, permission, unsupported, malformed, gone, failed }
    public let kind: Kind
    public let description: String

    public init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }
}

public struct VideoFormat: Sendable, Equatable {
    public var width: Int
    public var height: Int
    public var framesPerSecond: Double

    public init(width: Int, height: Int, framesPerSecond: Double) {
        self.width = width
        self.height = height
        self.framesPerSecond = framesPerSecond
    }
}

/// Where pictures come from: a camera, a file, the test pattern. Used from one thread, except `stop`.
public protocol VideoSource: AnyObject, Sendable {
    /// What the source really gives, after negotiation.
    var format: VideoFormat { get }
    /// For a person: "HD Webcam", "test camera", "clip.y4m".
    var name: String { get }
    /// Blocks until the next picture, at the source's own pace; nil at the end of a file that is not looped, and after `stop`.
    func next() throws(MediaDeviceError) -> I420Frame?
    /// From any thread: wakes `next`, which then gives nil for good.
    func stop()
}

/// Where sound comes from: 48 kHz, mono, 16 bits. Used from one thread, except `stop`.
public protocol AudioSource: AnyObject, Sendable {
    var name: String { get }
    /// Blocks until `samples` is full, at the source's own pace; false at the end and after `stop`.
    func read(into samples: inout [Int16]) throws(MediaDeviceError) -> Bool
    func stop()
}

/// Where sound goes: 48 kHz, mono, 16 bits. Used from one thread, except `stop`.
public protocol AudioSink: AnyObject, Sendable {
    var name: String { get }
    /// Blocks while the card has enough queued: this is what paces the playout thread.
    func write(_ samples: [Int16]) throws(MediaDeviceError)
    /// From now until what is written next is heard.
    var latency: Interval { get }
    func stop()
}

extension AudioSink {
    public var latency: Interval { .zero }
}
