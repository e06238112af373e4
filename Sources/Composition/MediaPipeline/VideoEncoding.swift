import MediaTypes
import Primitives
import Threading
import VideoCodec

extension VideoSender {
    /// A receiver that keeps asking would otherwise get nothing but key frames.
    private static let keyFrameSpacing = Interval.milliseconds(300)

    /// The encode thread: every picture as soon as it is there, until the mailbox closes.
    func encodeLoop() {
        var encoder: VP8Encoder?
        var lastKeyFrame: Instant?
        while let picture = captured.wait(until: nil) {
            let frame = fitted(picture)
            let order = control.withLock { control in
                let mayBeKey = lastKeyFrame.map { frame.time - $0 >= Self.keyFrameSpacing } ?? true
                let isKey = control.wantsKeyFrame && mayBeKey
                if isKey { control.wantsKeyFrame = false }
                return (encodes: control.encodes, isKey: isKey, bitrate: control.bitrateKbps)
            }
            guard order.encodes else { continue }
            do throws(VideoCodecError) {
                if encoder?.width != frame.width || encoder?.height != frame.height {
                    encoder = try VP8Encoder(
                        width: frame.width, height: frame.height, framesPerSecond: settings.framesPerSecond, bitrateKbps: order.bitrate)
                }
                encoder?.setBitrate(order.bitrate)
                let timestamp = Self.timestamp(frame.time)
                guard let encoded = try encoder?.encode(frame, timestamp: timestamp, forceKeyFrame: order.isKey) else { continue }
                if encoded.isKeyFrame { lastKeyFrame = frame.time }
                count(encoded)
                onEncoded(encoded)
            } catch {
                onFailure(MediaDeviceError(.failed, "Pictures cannot be encoded: \(error)"))
                return
            }
        }
    }

    private func count(_ encoded: EncodedVideoFrame) {
        control.withLock { control in
            control.statistics.encoded += 1
            control.statistics.keyFrames += encoded.isKeyFrame ? 1 : 0
            control.statistics.bytes += encoded.payload.count
        }
    }

    /// RTP's 90 kHz, from the time of capture.
    private static func timestamp(_ time: Instant) -> UInt32 { UInt32(truncatingIfNeeded: time.microseconds &* 9 / 100) }

    /// Scaled down when it is larger than asked for; even sizes, the shape kept.
    private func fitted(_ frame: I420Frame) -> I420Frame {
        guard frame.width > settings.width || frame.height > settings.height, settings.width > 1, settings.height > 1 else { return frame }
        var (width, height) = (settings.width, frame.height * settings.width / frame.width)
        if height > settings.height { (width, height) = (frame.width * settings.height / frame.height, settings.height) }
        return frame.scaled(width: max(2, width & ~1), height: max(2, height & ~1))
    }
}
