import CVPX
import MediaTypes

/// VP8 (RFC 6386) by libvpx, set for a call: one pass, constant bit rate, no frame held back, key frames only when asked for or when the
/// size changes.
///
/// One thread at a time.
public struct VP8Encoder: ~Copyable {
    public private(set) var width: Int
    public private(set) var height: Int
    public private(set) var framesPerSecond: Double
    public var bitrateKbps: Int { Int(configuration.rc_target_bitrate) }
    /// Of the last frame: VP8's index, 0 (finest) to 127.
    public private(set) var lastQuantizer = 0
    /// What libvpx decided not to send, to keep the rate.
    public private(set) var droppedFrames = 0

    private var context: UnsafeMutablePointer<vpx_codec_ctx_t>
    private var configuration: vpx_codec_enc_cfg_t
    /// libvpx changes its size in place up to the one it was made for.
    private var roomWidth: Int
    private var roomHeight: Int
    private var presentation: Int64 = 0
    private var isFirst = true
    private var framesSinceKey = 0
    /// The finest quantizer, in libvpx's 64 steps, that keeps a key frame within its bound at this rate for a pixel; learnt.
    private var keyFrameFloor: (quantizer: Int, rate: Double)?

    /// A key frame may take this much of the bit rate's time: the link is busy with it alone.
    private static let keyFrameMilliseconds = 150
    /// How often a key frame that is too large is made again, coarser.
    private static let keyFrameAttempts = 3
    /// In libvpx's 64 steps, like the next.
    fileprivate static let finestQuantizer: UInt32 = 2
    /// So many halve a key frame's size, about.
    private static let stepsPerHalving = 10.0
    private static let refiningFrames = 8

    /// - Parameters:
    ///   - width: 1 to 16383 (14 bits in the key frame's header); also `height`.
    ///   - framesPerSecond: above 0, up to 240; rate control counts on it.
    ///   - bitrateKbps: kilobits a second, above 0.
    public init(width: Int, height: Int, framesPerSecond: Double, bitrateKbps: Int) throws(VideoCodecError) {
        try Self.check(width, height, framesPerSecond, bitrateKbps)
        var configuration = vpx_codec_enc_cfg_t()
        let status = cvpx_vp8_encoder_defaults(&configuration)
        guard status == VPX_CODEC_OK else { throw VideoCodecError(status) }
        configuration.g_w = UInt32(width)
        configuration.g_h = UInt32(height)
        configuration.rc_target_bitrate = UInt32(bitrateKbps)
        configuration.setForCall()
        context = try Self.makeContext(&configuration)
        self.configuration = configuration
        (self.width, self.height, self.framesPerSecond) = (width, height, framesPerSecond)
        (roomWidth, roomHeight) = (width, height)
        setControls()
    }

    private static func check(_ width: Int, _ height: Int, _ framesPerSecond: Double, _ kbps: Int) throws(VideoCodecError) {
        guard (1...16383).contains(width), (1...16383).contains(height), framesPerSecond > 0, framesPerSecond <= 240,
            (1...1_000_000).contains(kbps)
        else { throw .badFormat }
    }

    private static func makeContext(
        _ configuration: inout vpx_codec_enc_cfg_t
    ) throws(VideoCodecError) -> UnsafeMutablePointer<vpx_codec_ctx_t> {
        let context = UnsafeMutablePointer<vpx_codec_ctx_t>.allocate(capacity: 1)
        context.initialize(to: vpx_codec_ctx_t())
        let status = cvpx_vp8_encoder_init(context, &configuration)
        if status == VPX_CODEC_OK { return context }
        context.deallocate()
        throw VideoCodecError(status)
    }

    private static func free(_ context: UnsafeMutablePointer<vpx_codec_ctx_t>) {
        vpx_codec_destroy(context)
        context.deallocate()
    }

    deinit { Self.free(context) }

    private func setControls() {
        cvpx_set_cpu_used(context, speed)
        // Blocks that differ by less than a camera's noise are not searched.
        cvpx_set_static_threshold(context, 1)
        cvpx_set_noise_sensitivity(context, 0)
        // In percent of a frame's share: what rate control aims at, somewhat below the bound.
        cvpx_set_max_intra_bitrate(context, UInt32(max(150, framesPerSecond * Double(Self.keyFrameMilliseconds) / 14)))
    }

    /// Fixed speeds, as a positive one would chase the CPU's load. Small pictures can afford a better search, and few bits need one:
    /// 256x192 at 160 kbit/s gains 2 to 3 dB by -5 over -12, but with a little more -8 is as good as -5. With bits to spare -12 is as good
    /// as -4 at a third of the cost.
    private var speed: Int32 {
        let pixels = width * height
        let bitsPerPixel = Double(configuration.rc_target_bitrate) * 1000 / (Double(pixels) * framesPerSecond)
        if pixels <= 100_000 { return bitsPerPixel < 0.12 ? -5 : -8 }
        if pixels <= 180_000 { return -8 }
        return pixels <= 400_000 && bitsPerPixel < 0.08 ? -8 : -12
    }

    /// From the next frame on; what cannot be is ignored.
    public mutating func setBitrate(_ kbps: Int) { try? configure(width: width, height: height, bitrateKbps: kbps) }

    /// From the next frame on. Another size makes the next frame a key frame.
    /// - Throws: `.badFormat` or `.library`, and everything stays as it was.
    public mutating func configure(
        width: Int, height: Int, framesPerSecond: Double? = nil, bitrateKbps: Int? = nil
    ) throws(VideoCodecError) {
        let rate = framesPerSecond ?? self.framesPerSecond
        let kbps = bitrateKbps ?? self.bitrateKbps
        try Self.check(width, height, rate, kbps)
        let resized = width != self.width || height != self.height
        guard resized || rate != self.framesPerSecond || kbps != self.bitrateKbps else { return }
        var wanted = configuration
        wanted.g_w = UInt32(width)
        wanted.g_h = UInt32(height)
        wanted.rc_target_bitrate = UInt32(kbps)
        if width <= roomWidth, height <= roomHeight {
            let status = vpx_codec_enc_config_set(context, &wanted)
            guard status == VPX_CODEC_OK else { throw VideoCodecError(status) }
        } else {
            let larger = try Self.makeContext(&wanted)
            Self.free(context)
            context = larger
            (roomWidth, roomHeight) = (width, height)
            isFirst = true
        }
        configuration = wanted
        (self.width, self.height, self.framesPerSecond) = (width, height, rate)
        // libvpx would make a key frame by itself; here it is to be known before.
        if resized { isFirst = true }
        setControls()
    }

    /// - Parameter timestamp: RTP's, 90 kHz; it may wrap.
    /// - Returns: nil when the encoder drops the frame, which it never does with a key frame.
    public mutating func encode(
        _ frame: I420Frame, timestamp: UInt32, forceKeyFrame: Bool = false
    ) throws(VideoCodecError) -> EncodedVideoFrame? {
        guard frame.width == width, frame.height == height else { throw .badFormat }
        // Time as the frame rate says, not as the pictures came: libvpx takes the frame rate from every single step, so that two pictures
        // that come close together, or one that is missing, would mislead it for seconds.
        presentation &+= Int64(90_000 / framesPerSecond)
        let isKey = forceKeyFrame || isFirst
        if isKey, let floor = keyFrameFloor {
            setFinest(floor.quantizer + Int(Self.stepsPerHalving * halvings(floor.rate / ratePerPixel)))
        }
        guard var encoded = try pass(frame, timestamp: timestamp, forceKeyFrame: isKey) else {
            droppedFrames += 1
            return nil
        }
        isFirst = false
        if encoded.isKeyFrame { encoded = try bounded(encoded, of: frame) }
        refine(after: encoded)
        return encoded
    }

    private var ratePerPixel: Double { Double(bitrateKbps) / Double(width * height) }

    private mutating func setFinest(_ quantizer: Int) {
        let finest = UInt32(max(Int(Self.finestQuantizer), min(quantizer, Int(configuration.rc_max_quantizer))))
        guard finest != configuration.rc_min_quantizer else { return }
        configuration.rc_min_quantizer = finest
        vpx_codec_enc_config_set(context, &configuration)
    }

    /// In libvpx's 64 steps.
    private var lastStep: Int {
        var quantizer: Int32 = 0
        return cvpx_get_last_quantizer_64(context, &quantizer) == VPX_CODEC_OK ? max(0, min(63, Int(quantizer))) : 0
    }

    /// A key frame is coarse. libvpx, which then knows nothing of what mending takes, would do it in the next frame or two, at many times
    /// their share, and make up for that by frames that are coarser than the key frame.
    private mutating func refine(after encoded: EncodedVideoFrame) {
        guard encoded.isKeyFrame || configuration.rc_min_quantizer > Self.finestQuantizer else { return }
        framesSinceKey = encoded.isKeyFrame ? 0 : framesSinceKey + 1
        let share = Double(encoded.payload.count * 8) * framesPerSecond / Double(bitrateKbps * 1000)
        let step =
            if encoded.isKeyFrame { 3 } else if share < 0.7 { 6 } else if share < 1 { 3 } else if share < 1.5 { 0 } else { -3 }
        // Some pictures cost the same however coarse they are, as what is left out has to be sent again: that must not last.
        setFinest(lastStep - step - (framesSinceKey > Self.refiningFrames ? 4 : 0))
    }

    /// A key frame that would hold up the link is made again with a coarser quantizer.
    ///
    /// The next pass, a key frame too, depends on nothing in the one before it.
    private mutating func bounded(_ encoded: EncodedVideoFrame, of frame: I420Frame) throws(VideoCodecError) -> EncodedVideoFrame {
        let most = max(600, bitrateKbps * Self.keyFrameMilliseconds / 8)
        var best = encoded
        var attempts = 1
        while best.payload.count > most, attempts < Self.keyFrameAttempts, lastStep < configuration.rc_max_quantizer {
            attempts += 1
            let coarser = lastStep + 2 + Int(Self.stepsPerHalving * halvings(Double(best.payload.count) / Double(most)))
            setFinest(attempts == Self.keyFrameAttempts ? Int(configuration.rc_max_quantizer) : coarser)
            // Rate control is told that a frame's time has passed, or it would find 90 000 frames a second.
            presentation &+= Int64(90_000 / framesPerSecond)
            guard let next = try pass(frame, timestamp: encoded.timestamp, forceKeyFrame: true) else { break }
            best = next
        }
        let room = halvings(Double(most) / Double(max(1, best.payload.count)))
        keyFrameFloor = (lastStep - (room > 0.4 ? 4 : 0), ratePerPixel)
        return best
    }

    private mutating func pass(
        _ frame: I420Frame, timestamp: UInt32, forceKeyFrame: Bool
    ) throws(VideoCodecError) -> EncodedVideoFrame? {
        let duration = UInt(90_000 / framesPerSecond)
        let status = frame.bytes.withUnsafeBufferPointer { pixels in
            guard let base = pixels.baseAddress else { return VPX_CODEC_INVALID_PARAM }
            var image = vpx_image_t(borrowing: base, of: frame)
            return vpx_codec_encode(
                context, &image, presentation, duration, forceKeyFrame ? cvpx_force_key_frame : 0, UInt(VPX_DL_REALTIME))
        }
        guard status == VPX_CODEC_OK else { throw VideoCodecError(status) }
        var iterator: vpx_codec_iter_t?
        while let packet = vpx_codec_get_cx_data(context, &iterator) {
            guard packet.pointee.kind == VPX_CODEC_CX_FRAME_PKT else { continue }
            let data = packet.pointee.data.frame
            guard let start = data.buf, data.sz > 0 else { continue }
            var quantizer: Int32 = 0
            if cvpx_get_last_quantizer(context, &quantizer) == VPX_CODEC_OK { lastQuantizer = Int(quantizer) }
            return EncodedVideoFrame(
                payload: Array(UnsafeRawBufferPointer(start: start, count: data.sz)),
                isKeyFrame: data.flags & UInt32(VPX_FRAME_IS_KEY) != 0, timestamp: timestamp, time: frame.time)
        }
        return nil
    }
}

/// The logarithm to base 2, to a tenth.
private func halvings(_ ratio: Double) -> Double {
    guard ratio > 0, ratio.isFinite else { return 0 }
    return Double(ratio.exponent) + ratio.significand - 1
}

extension vpx_codec_enc_cfg_t {
    fileprivate mutating func setForCall() {
        g_timebase = vpx_rational(num: 1, den: 90_000)
        g_threads = 1
        g_lag_in_frames = 0
        g_pass = VPX_RC_ONE_PASS
        // It costs a tenth of the bits, and serves only one who decodes on after a loss, which no receiver of a call does.
        g_error_resilient = 0
        rc_end_usage = VPX_CBR
        rc_min_quantizer = VP8Encoder.finestQuantizer
        rc_max_quantizer = 60
        rc_undershoot_pct = 100
        rc_overshoot_pct = 15
        // In milliseconds of the bit rate: what a receiver on a link of just this rate would have to buffer. Longer ones give bursts
        // that fill a narrow link's queue, and no better picture.
        rc_buf_sz = 180
        rc_buf_initial_sz = 120
        rc_buf_optimal_sz = 120
        // In percent of the buffer: below that, frames are left out. Only the coarsest quantizer gets there.
        rc_dropframe_thresh = 30
        // The encoder's own idea of a scene cut costs a key frame's burst; the receiver asks when it needs one.
        kf_mode = VPX_KF_DISABLED
    }
}

extension vpx_image_t {
    /// `vpx_img_wrap` would round the rows of odd sizes up; ours are packed.
    fileprivate init(borrowing base: UnsafePointer<UInt8>, of frame: I420Frame) {
        self.init()
        let pixels = UnsafeMutablePointer(mutating: base)
        fmt = VPX_IMG_FMT_I420
        bit_depth = 8
        w = UInt32(frame.width)
        h = UInt32(frame.height)
        d_w = w
        d_h = h
        x_chroma_shift = 1
        y_chroma_shift = 1
        bps = 12
        planes = (pixels, pixels + frame.chromaOffset, pixels + frame.chromaOffset + frame.chromaCount, nil)
        stride = (Int32(frame.width), Int32(frame.chromaWidth), Int32(frame.chromaWidth), 0)
    }
}
