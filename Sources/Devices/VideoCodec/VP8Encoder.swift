import CVPX
import MediaTypes

/// VP8 (RFC 6386) by libvpx, set for a call: one pass, constant bit rate, no frame held back, key frames only when asked for.
///
/// One thread at a time.
public struct VP8Encoder: ~Copyable {
    public let width: Int
    public let height: Int
    private let context: UnsafeMutablePointer<vpx_codec_ctx_t>
    private var configuration = vpx_codec_enc_cfg_t()
    private let frameDuration: UInt
    private var lastTimestamp: UInt32?
    private var presentation: Int64 = 0

    /// - Parameters:
    ///   - width: 1 to 16383 (14 bits in the key frame's header); also `height`.
    ///   - framesPerSecond: above 0, up to 240; what the rate control starts from, before it sees time stamps.
    ///   - bitrateKbps: kilobits a second, above 0.
    public init(width: Int, height: Int, framesPerSecond: Double, bitrateKbps: Int) throws(VideoCodecError) {
        guard (1...16383).contains(width), (1...16383).contains(height), framesPerSecond > 0, framesPerSecond <= 240,
            (1...1_000_000).contains(bitrateKbps)
        else { throw .badFormat }
        var configuration = vpx_codec_enc_cfg_t()
        let status = cvpx_vp8_encoder_defaults(&configuration)
        guard status == VPX_CODEC_OK else { throw VideoCodecError(status) }
        configuration.g_w = UInt32(width)
        configuration.g_h = UInt32(height)
        configuration.rc_target_bitrate = UInt32(bitrateKbps)
        configuration.setForCall()
        context = try Self.makeContext(&configuration)
        self.configuration = configuration
        self.width = width
        self.height = height
        frameDuration = UInt(90_000 / framesPerSecond)
        // At 640x480, -12 costs a third of -4 at the same PSNR. Fixed, as a positive speed would chase the CPU's load.
        cvpx_set_cpu_used(context, -12)
        // Blocks that differ by less than a camera's noise are not searched.
        cvpx_set_static_threshold(context, 1)
        cvpx_set_noise_sensitivity(context, 0)
        // In percent of a frame's share: a key frame may take a fifth of a second, so that it does not hold up what follows.
        cvpx_set_max_intra_bitrate(context, UInt32(max(200, framesPerSecond * 20)))
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

    deinit {
        vpx_codec_destroy(context)
        context.deallocate()
    }

    /// From the next frame on; what cannot be is ignored.
    public mutating func setBitrate(_ kbps: Int) {
        guard (1...1_000_000).contains(kbps), configuration.rc_target_bitrate != UInt32(kbps) else { return }
        configuration.rc_target_bitrate = UInt32(kbps)
        vpx_codec_enc_config_set(context, &configuration)
    }

    /// - Parameter timestamp: RTP's, 90 kHz; it may wrap.
    /// - Returns: nil when the encoder drops the frame.
    public mutating func encode(
        _ frame: I420Frame, timestamp: UInt32, forceKeyFrame: Bool = false
    ) throws(VideoCodecError) -> EncodedVideoFrame? {
        guard frame.width == width, frame.height == height else { throw .badFormat }
        // libvpx takes only times that rise.
        if let last = lastTimestamp {
            let step = Int32(bitPattern: timestamp &- last)
            presentation &+= Int64(max(1, step))
        }
        lastTimestamp = timestamp
        let status = frame.bytes.withUnsafeBufferPointer { pixels in
            guard let base = pixels.baseAddress else { return VPX_CODEC_INVALID_PARAM }
            var image = vpx_image_t(borrowing: base, of: frame)
            return vpx_codec_encode(
                context, &image, presentation, frameDuration, forceKeyFrame ? cvpx_force_key_frame : 0, UInt(VPX_DL_REALTIME))
        }
        guard status == VPX_CODEC_OK else { throw VideoCodecError(status) }
        var iterator: vpx_codec_iter_t?
        while let packet = vpx_codec_get_cx_data(context, &iterator) {
            guard packet.pointee.kind == VPX_CODEC_CX_FRAME_PKT else { continue }
            let data = packet.pointee.data.frame
            guard let start = data.buf, data.sz > 0 else { continue }
            return EncodedVideoFrame(
                payload: Array(UnsafeRawBufferPointer(start: start, count: data.sz)),
                isKeyFrame: data.flags & UInt32(VPX_FRAME_IS_KEY) != 0, timestamp: timestamp, time: frame.time)
        }
        return nil
    }
}

extension vpx_codec_enc_cfg_t {
    fileprivate mutating func setForCall() {
        g_timebase = vpx_rational(num: 1, den: 90_000)
        g_threads = 1
        g_lag_in_frames = 0
        g_pass = VPX_RC_ONE_PASS
        g_error_resilient = UInt32(VPX_ERROR_RESILIENT_DEFAULT)
        rc_end_usage = VPX_CBR
        rc_min_quantizer = 2
        rc_max_quantizer = 60
        rc_undershoot_pct = 100
        rc_overshoot_pct = 15
        // In milliseconds of the bit rate: what a receiver on a link of just this rate would have to buffer.
        rc_buf_sz = 600
        rc_buf_initial_sz = 400
        rc_buf_optimal_sz = 500
        rc_dropframe_thresh = 0
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
