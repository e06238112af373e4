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
        /// Of the next block, in samples.
        var timestamp: UInt32 = 0
        /// When the block before it had been read.
        var lastRead: Instant?
    }

    private let capture: CaptureThread<any AudioSource>
    private let control: Mutex<Control>
    private let onEncoded: @Sendable (EncodedAudioFrame) -> Void
    private let onFailure: @Sendable (MediaDeviceError) -> Void

    /// - Parameters:
    ///   - source: nil: none for now.
    ///   - isSending: whether anyone is there to send to; until then nothing is encoded.
    ///   - onEncoded: on the capture thread.
    ///   - onFailure: on the capture thread; the microphone is out of use.
    public init(
        source: (any AudioSource)?, isSending: Bool = true, onEncoded: @escaping @Sendable (EncodedAudioFrame) -> Void,
        onFailure: @escaping @Sendable (MediaDeviceError) -> Void = { _ in }
    ) {
        capture = CaptureThread(source, name: "audio-capture") { $0.stop() }
        self.onEncoded = onEncoded
        self.onFailure = onFailure
        control = Mutex(Control(isSending: isSending))
    }

    /// Where the sound comes from now; nil: from nowhere, as after a failure.
    public var source: (any AudioSource)? { capture.source }

    /// False when the system has no thread to give.
    @discardableResult
    public func start() -> Bool { capture.start { [self] in captureLoop($0, $1) } }

    /// Ends the thread, and waits for it.
    public func stop() { capture.stop() }

    /// Takes another microphone's sound from now on. Muted stays muted: not a sample of the new one leaves before it is unmuted. The former
    /// source is stopped, and waited for. Must not be called from a callback.
    /// - Parameter replacement: nil: no sound.
    /// - Returns: false when the system has no thread to give.
    @discardableResult
    public func replaceSource(with replacement: (any AudioSource)?) -> Bool {
        capture.replace(with: replacement, between: { control.withLock { $0.level = 0 } }) { [self] in captureLoop($0, $1) }
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

    /// A gap between two microphones is one in the timestamps too.
    private func skipGap() {
        control.withLock { control in
            guard let last = control.lastRead else { return }
            let blocks = max(0, (MonotonicClock.now() - last).seconds) * 48_000 / Double(OpusFormat.samplesPerPacket)
            control.timestamp &+= UInt32(truncatingIfNeeded: Int64(min(1e9, blocks)) * Int64(OpusFormat.samplesPerPacket))
        }
    }

    private func captureLoop(_ source: any AudioSource, _ turn: Int) {
        let silence = [Int16](repeating: 0, count: OpusFormat.samplesPerPacket)
        var samples = silence
        skipGap()
        var wasSending = false
        var wasMuted = false
        do {
            var encoder = try OpusEncoder()
            var (expectedLoss, bitrate): (Int?, Int?) = (nil, nil)
            while try source.read(into: &samples) {
                let (level, now) = (AudioLevel.measure(samples), MonotonicClock.now())
                let state = control.withLock { control in
                    control.level = level
                    control.lastRead = now
                    defer { control.timestamp &+= UInt32(OpusFormat.samplesPerPacket) }
                    return (
                        isMuted: control.isMuted, isSending: control.isSending, loss: control.expectedLoss, bitrate: control.bitrate,
                        timestamp: control.timestamp
                    )
                }
                if let loss = state.loss, loss != expectedLoss { encoder.setExpectedLoss(loss) }
                if let rate = state.bitrate, rate != bitrate { encoder.setBitrate(rate) }
                (expectedLoss, bitrate) = (state.loss, state.bitrate)
                if state.isMuted != wasMuted || state.isSending != wasSending { encoder.reset() }
                let begins = state.isSending && !wasSending
                (wasMuted, wasSending) = (state.isMuted, state.isSending)
                guard state.isSending else { continue }
                let payload = try encoder.encode(state.isMuted ? silence : samples)
                control.withLock { $0.sent += 1 }
                onEncoded(EncodedAudioFrame(payload: payload, timestamp: state.timestamp, startsTalkspurt: begins))
            }
        } catch let error as MediaDeviceError {
            failed(turn, error)
        } catch {
            failed(turn, MediaDeviceError(.failed, "Sound cannot be encoded: \(error)"))
        }
    }

    private func failed(_ turn: Int, _ error: MediaDeviceError) {
        guard capture.drop(turn) else { return }
        control.withLock { $0.level = 0 }
        onFailure(error)
    }
}
