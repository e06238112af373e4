import CVPX
import MediaTypes
import Primitives

/// VP8 (RFC 6386) by libvpx, on the thread that calls. A picture may change its size at any key frame.
public struct VP8Decoder: ~Copyable {
    /// 4096x2304: what a key frame may ask for, so that ten bytes from the network cannot take 400 MB.
    public static let mostPixels = 4096 * 2304

    private let context: UnsafeMutablePointer<vpx_codec_ctx_t>

    public init() throws(VideoCodecError) { context = try Self.makeContext() }

    private static func makeContext() throws(VideoCodecError) -> UnsafeMutablePointer<vpx_codec_ctx_t> {
        let context = UnsafeMutablePointer<vpx_codec_ctx_t>.allocate(capacity: 1)
        context.initialize(to: vpx_codec_ctx_t())
        let status = cvpx_vp8_decoder_init(context, 1)
        if status == VPX_CODEC_OK { return context }
        context.deallocate()
        throw VideoCodecError(status)
    }

    deinit {
        vpx_codec_destroy(context)
        context.deallocate()
    }

    /// - Returns: the picture with the time of `frame`; nil for a frame that is not to be shown.
    /// - Throws: `.corrupt`, `.tooLarge` or `.library`; then nothing good comes before the next key frame.
    public mutating func decode(_ frame: EncodedVideoFrame) throws(VideoCodecError) -> I420Frame? {
        try Self.check(frame.payload.span)
        let status = frame.payload.withUnsafeBufferPointer {
            vpx_codec_decode(context, $0.baseAddress, UInt32(truncatingIfNeeded: $0.count), nil, 0)
        }
        var iterator: vpx_codec_iter_t?
        // Fetched in any case: libvpx frees the picture only when it is asked for the one after it.
        let image = vpx_codec_get_frame(context, &iterator)
        guard status == VPX_CODEC_OK else {
            if status == VPX_CODEC_CORRUPT_FRAME || status == VPX_CODEC_UNSUP_BITSTREAM { throw .corrupt }
            throw VideoCodecError(status)
        }
        var corrupted: Int32 = 0
        if cvpx_get_frame_corrupted(context, &corrupted) == VPX_CODEC_OK, corrupted != 0 { throw .corrupt }
        guard let image else { return nil }
        return image.pointee.copied(time: frame.time)
    }

    /// RFC 6386, section 9.1: a frame tag of 3 bytes. Bit 0 is clear in a key frame, which goes on with 9d 01 2a and twice 14 bits of size.
    private static func check(_ bytes: Span<UInt8>) throws(VideoCodecError) {
        guard bytes.count >= 3, bytes.count <= 8 << 20 else { throw .corrupt }
        guard bytes[0] & 1 == 0 else { return }
        guard bytes.count >= 10, bytes[3] == 0x9d, bytes[4] == 0x01, bytes[5] == 0x2a else { throw .corrupt }
        let width = Int(bytes[6]) | Int(bytes[7] & 0x3f) << 8
        let height = Int(bytes[8]) | Int(bytes[9] & 0x3f) << 8
        guard width > 0, height > 0 else { throw .corrupt }
        guard width * height <= mostPixels else { throw .tooLarge(width: width, height: height) }
    }
}

extension vpx_image_t {
    /// The rows packed, in one copy.
    fileprivate func copied(time: Instant) -> I420Frame? {
        guard let y = planes.0, let u = planes.1, let v = planes.2, d_w > 0, d_h > 0 else { return nil }
        let (width, height) = (Int(d_w), Int(d_h))
        let (chromaWidth, chromaHeight) = ((width + 1) / 2, (height + 1) / 2)
        let total = I420Frame.byteCount(width: width, height: height)
        let bytes = [UInt8](unsafeUninitializedCapacity: total) { buffer, count in
            guard var target = buffer.baseAddress else { return }
            func append(_ plane: UnsafePointer<UInt8>, _ stride: Int32, _ width: Int, _ height: Int) {
                for row in 0..<height {
                    target.update(from: plane + row * Int(stride), count: width)
                    target += width
                }
            }
            append(y, stride.0, width, height)
            append(u, stride.1, chromaWidth, chromaHeight)
            append(v, stride.2, chromaWidth, chromaHeight)
            count = total
        }
        return I420Frame(width: width, height: height, bytes: bytes, time: time)
    }
}
