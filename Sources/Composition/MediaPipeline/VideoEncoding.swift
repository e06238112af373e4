import MediaTypes
import Primitives
import Threading
import VideoCodec

extension VideoSender {
    /// A receiver that keeps asking would otherwise get nothing but key frames. Of several, each gets those that the others ask for.
    static func keyFrameSpacing(receivers: Int) -> Interval { .milliseconds(300) * max(1, min(3, receivers)) }

    private struct Order {
        var encodes: Bool
        var wantsKeyFrame: Bool
        var isForNewcomer: Bool
        var targetBitrate: Int?
        var screens: [PictureSize?]
    }

    /// What the encode thread has between two pictures.
    private struct Stage: ~Copyable {
        var encoder: VP8Encoder?
        var scaler = I420Scaler()
        var adaptation: VideoAdaptation
        var divider = FrameRateDivider()
        var budget = FrameBudget()
        var meter = FrameRateMeter()
        var lastKeyFrame: Instant?

        init(_ settings: Settings) {
            adaptation = VideoAdaptation(
                limits: VideoAdaptation.Limits(
                    size: PictureSize(width: settings.width, height: settings.height), framesPerSecond: settings.framesPerSecond,
                    bitrate: settings.bitrateKbps * 1000))
        }

        mutating func forgetEncoder() {
            encoder = nil
            lastKeyFrame = nil
        }
    }

    /// Pictures in a row that cannot be encoded, after which their camera is given up.
    static let mostFailures = 5

    /// The encode thread: every picture as soon as it is there, until the mailbox closes.
    func encodeLoop() {
        var stage = Stage(settings)
        var failures = (count: 0, turn: 0)
        while let picture = captured.wait(until: nil) {
            let order = control.withLock {
                Order(
                    encodes: $0.encodes, wantsKeyFrame: $0.wantsKeyFrame, isForNewcomer: $0.isForNewcomer,
                    targetBitrate: $0.targetBitrate, screens: $0.screens)
            }
            guard order.encodes else { continue }
            do throws(VideoCodecError) {
                try encode(picture, order, &stage)
                failures.count = 0
            } catch {
                // An encoder that has failed once is in no known state. The next one begins with a key frame.
                stage.forgetEncoder()
                control.withLock { control in
                    control.wantsKeyFrame = true
                    control.statistics.failed += 1
                }
                guard let turn = capture.current?.turn else { continue }
                failures = (turn == failures.turn ? failures.count + 1 : 1, turn)
                guard failures.count >= Self.mostFailures, capture.drop(turn) else { continue }
                failures.count = 0
                onFailure(MediaDeviceError(.failed, "The camera's pictures cannot be encoded: \(error) Choose it again, or another one."))
            }
        }
    }

    private func encode(_ picture: I420Frame, _ order: Order, _ stage: inout Stage) throws(VideoCodecError) {
        let now = picture.time
        if let target = order.targetBitrate { stage.adaptation.setTargetBitrate(target) }
        stage.adaptation.setReceiverScreens(order.screens, now: now)
        let source = PictureSize(width: picture.width, height: picture.height)
        let decision = stage.adaptation.decide(source: source, now: now)
        // At the camera's own rate its own rhythm is taken.
        let isOfRate =
            decision.framesPerSecond >= settings.framesPerSecond || stage.divider.takes(now, framesPerSecond: decision.framesPerSecond)
        guard isOfRate, stage.budget.allows(now: now, bitrate: decision.bitrate) else {
            control.withLock { $0.statistics.skipped += 1 }
            return
        }
        let spacing = Self.keyFrameSpacing(receivers: order.isForNewcomer ? 1 : order.screens.count)
        let mayBeKey = stage.lastKeyFrame.map { now - $0 >= spacing } ?? true
        let isKey = order.wantsKeyFrame && mayBeKey
        // Taken back before encoding: a request that comes meanwhile is one for the next picture.
        if isKey { control.withLock { ($0.wantsKeyFrame, $0.isForNewcomer) = (false, false) } }
        let (start, startWork) = (MonotonicClock.now(), ThreadClock.now())
        let frame = stage.scaler.scale(picture, width: decision.size.width, height: decision.size.height)
        try Self.configure(&stage.encoder, decision, room: source.fitted(into: PictureSize(width: settings.width, height: settings.height)))
        let encoded = try stage.encoder?.encode(frame, timestamp: Self.timestamp(now), forceKeyFrame: isKey)
        let time = MonotonicClock.now() - start
        let quantizer = encoded == nil ? nil : stage.encoder?.lastQuantizer
        // Not the time that passed: a busy machine takes the thread off the CPU, which a smaller picture would not help.
        stage.adaptation.encoded(quantizer: quantizer, time: ThreadClock.now() - startWork)
        if let encoded {
            stage.budget.spend(bytes: encoded.payload.count)
            stage.meter.add(now)
            if encoded.isKeyFrame { stage.lastKeyFrame = now }
        } else if isKey {
            requestKeyFrame()
        }
        let (limitation, rate) = (stage.adaptation.limitation, stage.meter.framesPerSecond)
        control.withLock { control in
            control.statistics.count(encoded, frame, quantizer: quantizer, time: time)
            control.statistics.framesPerSecond = rate
            control.statistics.targetBitrate = decision.bitrate
            control.statistics.qualityLimitation = limitation
        }
        if let encoded { onEncoded(encoded) }
    }

    /// - Parameter room: the largest size that will be wanted, so that a new size need not make a new encoder.
    private static func configure(
        _ encoder: inout VP8Encoder?, _ decision: VideoAdaptation.Decision, room: PictureSize
    ) throws(VideoCodecError) {
        let kbps = max(1, decision.bitrate / 1000)
        if encoder == nil {
            encoder = try VP8Encoder(
                width: max(room.width, decision.size.width), height: max(room.height, decision.size.height),
                framesPerSecond: decision.framesPerSecond, bitrateKbps: kbps)
        }
        try encoder?.configure(
            width: decision.size.width, height: decision.size.height, framesPerSecond: decision.framesPerSecond, bitrateKbps: kbps)
    }

    /// RTP's 90 kHz, from the time of capture.
    private static func timestamp(_ time: Instant) -> UInt32 { UInt32(truncatingIfNeeded: time.microseconds &* 9 / 100) }
}

extension VideoSender.Statistics {
    fileprivate mutating func count(_ frame: EncodedVideoFrame?, _ picture: I420Frame, quantizer: Int?, time: Interval) {
        totalEncodeTime += time
        guard let frame else {
            skipped += 1
            return
        }
        encoded += 1
        keyFrames += frame.isKeyFrame ? 1 : 0
        bytes += frame.payload.count
        qpSum += quantizer ?? 0
        (frameWidth, frameHeight) = (picture.width, picture.height)
    }
}
