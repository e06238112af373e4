import AudioCodec
import MediaTypes
import Primitives
import Synchronization
import Threading

/// A microphone's way to the network: one thread that reads 20 ms, encodes them and hands them on.
public final class AudioSender: Sendable {
    private struct Control {
        var isMuted = false
        var isSending: Bool
        var level: Float = 0
        var sent = 0
        /// Nil: nobody has said.
        var expectedLoss: Int?
        var bitrate: Int?
    }

    public let source: any AudioSource
    private let control: Mutex<Control>
    private let onEncoded: @Sendable (EncodedAudioFrame) -> Void
    private let onFailure: @Sendable (MediaDeviceError) -> Void
    private let thread = WorkerThread()

    /// - Parameters:
    ///   - isSending: whether anyone is there to send to; until then nothing is encoded.
    ///   - onEncoded: on the capture thread.
    ///   - onFailure: on the capture thread; the microphone is out of use.
    public init(
        source: any AudioSource, isSending: Bool = true, onEncoded: @escaping @Sendable (EncodedAudioFrame) -> Void,
        onFailure: @escaping @Sendable (MediaDeviceError) -> Void = { _ in }
    ) {
        self.source = source
        self.onEncoded = onEncoded
        self.onFailure = onFailure
        control = Mutex(Control(isSending: isSending))
    }

    deinit { source.stop() }

    /// False when the system has no thread to give.
    @discardableResult
    public func start() -> Bool { thread.start(name: "audio-capture") { [self] in captureLoop() } }

    /// Ends the thread, and waits for it.
    public func stop() {
        source.stop()
        thread.join()
    }

    /// Muted, the encoder gets zeros in place of samples, and forgets those from before.
    public func setMuted(_ isMuted: Bool) { control.withLock { $0.isMuted = isMuted } }
    public var isMuted: Bool { control.withLock { $0.isMuted } }
    public func setSending(_ isSending: Bool) { control.withLock { $0.isSending = isSending } }

    /// What the path to the other side is like; the encoder follows with its next packet.
    /// - Parameters:
    ///   - lossPercent: of the packets sent, 0 to 100. From 1 on in-band FEC is used, down to half of that.
    ///   - bitrate: of the sound itself, in bit/s; nil: as before.
    public func setNetwork(lossPercent: Double, bitrate: Int? = nil) {
        control.withLock { control in
            control.expectedLoss = Self.expectedLoss(lossPercent, before: control.expectedLoss)
            control.bitrate = bitrate ?? control.bitrate
        }
    }

    /// libopus weighs FEC against sound and would give none for less than 10 % at our rate.
    static func expectedLoss(_ lossPercent: Double, before: Int?) -> Int {
        let isOn = lossPercent >= (before.map { $0 > 0 } ?? false ? 0.5 : 1)
        return isOn ? max(10, Int(min(30, lossPercent))) : 0
    }

    /// How loud the microphone is, muted or not: 0 up to -60 dB, 1 at full scale.
    public var level: Float { control.withLock { $0.level } }
    /// Packets encoded.
    public var sent: Int { control.withLock { $0.sent } }

    private func captureLoop() {
        let silence = [Int16](repeating: 0, count: OpusFormat.samplesPerPacket)
        var samples = silence
        var timestamp: UInt32 = 0
        var wasSending = false
        var wasMuted = false
        do {
            var encoder = try OpusEncoder()
            var (expectedLoss, bitrate): (Int?, Int?) = (nil, nil)
            while try source.read(into: &samples) {
                let level = AudioLevel.measure(samples)
                let state = control.withLock { control in
                    control.level = level
                    return (
                        isMuted: control.isMuted, isSending: control.isSending, loss: control.expectedLoss, bitrate: control.bitrate
                    )
                }
                if let loss = state.loss, loss != expectedLoss { encoder.setExpectedLoss(loss) }
                if let rate = state.bitrate, rate != bitrate { encoder.setBitrate(rate) }
                (expectedLoss, bitrate) = (state.loss, state.bitrate)
                defer { timestamp &+= UInt32(OpusFormat.samplesPerPacket) }
                if state.isMuted != wasMuted || state.isSending != wasSending { encoder.reset() }
                let begins = state.isSending && !wasSending
                (wasMuted, wasSending) = (state.isMuted, state.isSending)
                guard state.isSending else { continue }
                let payload = try encoder.encode(state.isMuted ? silence : samples)
                control.withLock { $0.sent += 1 }
                onEncoded(EncodedAudioFrame(payload: payload, timestamp: timestamp, startsTalkspurt: begins))
            }
        } catch let error as MediaDeviceError {
            onFailure(error)
        } catch {
            onFailure(MediaDeviceError(.failed, "Sound cannot be encoded: \(error)"))
        }
    }
}
