import MediaTypes
import Primitives
import Synchronization
import Threading
import VideoCodec

/// A camera's way to the network: a capture thread, which also feeds the preview, and an encode thread.
/// Between them the newest picture wins.
public final class VideoSender: Sendable {
    /// What the person allows. `VideoAdaptation` goes below it.
    public struct Settings: Sendable, Equatable {
        /// A picture that is larger is scaled down, its shape kept.
        public var width: Int
        public var height: Int
        public var framesPerSecond: Double
        public var bitrateKbps: Int

        public init(width: Int, height: Int, framesPerSecond: Double, bitrateKbps: Int) {
            self.width = width
            self.height = height
            self.framesPerSecond = framesPerSecond
            self.bitrateKbps = bitrateKbps
        }
    }

    public struct Statistics: Sendable, Equatable {
        public var captured = 0
        public var encoded = 0
        public var keyFrames = 0
        public var bytes = 0
        /// Pictures that were not encoded, or left out by the encoder, for the rate's sake.
        public var skipped = 0
        /// Pictures that the encoder could not take.
        public var failed = 0
        // In the names of webrtc-stats. The quantizer is VP8's index, 0 to 127.
        public var qpSum = 0
        public var totalEncodeTime = Interval.zero
        public var frameWidth = 0
        public var frameHeight = 0
        public var framesPerSecond = 0.0
        /// Bits a second.
        public var targetBitrate = 0
        public var qualityLimitation = QualityLimitation()
        public init() {}
    }

    struct Control {
        var isEnabled = true
        var isSending: Bool
        var wantsKeyFrame = true
        var isForNewcomer = false
        var targetBitrate: Int?
        var screens: [PictureSize?] = []
        var statistics = Statistics()
        /// Of the newest picture.
        var lastTime: Instant?
        /// Of the former camera's last one, until the new one has gone past it.
        var handover: Instant?

        var encodes: Bool { isEnabled && isSending }

        /// Two cameras that run side by side for a moment must not turn time back; a clock that is far off must not stop the pictures.
        mutating func accepts(_ time: Instant) -> Bool {
            if let handover, time <= handover, handover - time < .seconds(1) { return false }
            handover = nil
            lastTime = time
            return true
        }
    }

    let capture: CaptureThread<any VideoSource>
    let settings: Settings
    let control: Mutex<Control>
    let onEncoded: @Sendable (EncodedVideoFrame) -> Void
    let onFailure: @Sendable (MediaDeviceError) -> Void
    private let onPicture: (@Sendable (I420Frame) -> Void)?
    private let onEnd: @Sendable () -> Void
    let captured = LatestValueMailbox<I420Frame>()
    private let encodeThread = WorkerThread()

    /// - Parameters:
    ///   - source: nil: none for now.
    ///   - isSending: whether anyone is there to send to; until then nothing is encoded.
    ///   - onPicture: on the capture thread: every picture while the camera is on, for a preview.
    ///   - onEncoded: on the encode thread.
    ///   - onFailure: on either thread; the camera is out of use, for itself or because its pictures cannot be encoded.
    ///   - onEnd: on the capture thread: a source that ends has ended; not for one that was replaced.
    public init(
        source: (any VideoSource)?, settings: Settings, isSending: Bool = true, onPicture: (@Sendable (I420Frame) -> Void)? = nil,
        onEncoded: @escaping @Sendable (EncodedVideoFrame) -> Void, onFailure: @escaping @Sendable (MediaDeviceError) -> Void = { _ in },
        onEnd: @escaping @Sendable () -> Void = {}
    ) {
        capture = CaptureThread(source, name: "video-capture") { $0.stop() }
        self.settings = settings
        self.onPicture = onPicture
        self.onEncoded = onEncoded
        self.onFailure = onFailure
        self.onEnd = onEnd
        control = Mutex(Control(isSending: isSending))
    }

    /// Where the pictures come from now; nil: from nowhere, as after a failure.
    public var source: (any VideoSource)? { capture.source }

    /// False when the system has no thread to give.
    @discardableResult
    public func start() -> Bool {
        guard encodeThread.start(name: "video-encode", { [self] in encodeLoop() }) else { return false }
        return capture.start { [self] in captureLoop($0, $1) }
    }

    /// Ends all threads, and waits for them.
    public func stop() {
        captured.close()
        capture.stop()
        encodeThread.join()
    }

    /// Takes another camera's pictures from now on, beginning with a key frame. Nothing else changes: a camera that is off stays off, and
    /// what is known of the receivers holds. The former source is stopped, and waited for. Must not be called from a callback.
    /// - Parameter replacement: nil: no pictures.
    /// - Returns: false when the system has no thread to give.
    @discardableResult
    public func replaceSource(with replacement: (any VideoSource)?) -> Bool {
        let between = {
            self.control.withLock { control in
                control.wantsKeyFrame = true
                control.handover = control.lastTime
            }
        }
        return capture.replace(with: replacement, between: between) { [self] in captureLoop($0, $1) }
    }

    /// The camera, on or off. Off: no picture is sent, and none goes to the preview. On again, it begins with a key frame.
    public func setEnabled(_ isEnabled: Bool) { change { $0.isEnabled = isEnabled } }
    public var isEnabled: Bool { control.withLock { $0.isEnabled } }

    /// Whether anyone is there to send to. It begins with a key frame.
    public func setSending(_ isSending: Bool) { change { $0.isSending = isSending } }

    private func change(_ body: (inout Control) -> Void) {
        control.withLock { control in
            let before = control.encodes
            body(&control)
            if control.encodes, !before { control.wantsKeyFrame = true }
        }
    }

    /// The next picture but those of 300 ms after a key frame becomes one; with two receivers of 600 ms, with more of 900.
    /// - Parameter isForNewcomer: 300 ms in any case.
    public func requestKeyFrame(isForNewcomer: Bool = false) {
        control.withLock { control in
            control.wantsKeyFrame = true
            if isForNewcomer { control.isForNewcomer = true }
        }
    }

    /// What the network carries of encoded pictures, without headers, in bits a second; of several receivers the least. Until it is told,
    /// what the settings say.
    public func setTargetBitrate(_ bitsPerSecond: Int) { control.withLock { $0.targetBitrate = bitsPerSecond } }

    /// How many samples of a picture the receiver's screen can show: with half blocks one a column and two a row, of the area that the
    /// picture has. Nil when it is not known, as with a browser: then it counts as any size.
    public func setReceiverScreen(_ screen: PictureSize?) { setReceiverScreens([screen]) }

    public func setReceiverScreen(width: Int, height: Int) { setReceiverScreens([PictureSize(width: width, height: height)]) }

    /// One for each receiver: all get the same pictures, so that the largest decides.
    public func setReceiverScreens(_ screens: [PictureSize?]) { control.withLock { $0.screens = screens } }

    public var statistics: Statistics { control.withLock { $0.statistics } }

    private func captureLoop(_ source: any VideoSource, _ turn: Int) {
        do throws(MediaDeviceError) {
            while let frame = try source.next() {
                let (shows, encodes) = control.withLock { control in
                    guard control.accepts(frame.time) else { return (false, false) }
                    control.statistics.captured += 1
                    return (control.isEnabled, control.encodes)
                }
                if encodes { captured.put(frame) }
                if shows { onPicture?(frame) }
            }
            if capture.isInUse(turn) { onEnd() }
        } catch {
            if capture.drop(turn) { onFailure(error) }
        }
    }
}
