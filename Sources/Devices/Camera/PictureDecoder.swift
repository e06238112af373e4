import CV4L2
import MediaTypes

/// Pictures that only libv4lconvert understands (MJPEG and the exotic ones) to I420; the one owner of its handle.
struct PictureDecoder: ~Copyable {
    private let handle: OpaquePointer
    private var source: v4l2_format
    private var target: v4l2_format
    private let isFullRange: Bool

    /// libv4lconvert takes JPEG in whole blocks only, and halves odd sizes downwards where I420 halves them upwards.
    static func canDecode(_ format: PixelFormat, width: Int, height: Int) -> Bool {
        format.isJPEG ? width % 16 == 0 && height % 8 == 0 : width % 2 == 0 && height % 2 == 0
    }

    /// - Returns: nil when the pictures need no decoder.
    static func make(_ device: borrowing CaptureDevice, format: CaptureFormat) throws(MediaDeviceError) -> PictureDecoder? {
        if format.layout != nil { return nil }
        guard let handle = v4lconvert_create(device.descriptor) else {
            throw MediaDeviceError(.unsupported, "The pictures of the camera \(device.path) (\(format.pixelFormat)) cannot be decoded.")
        }
        return PictureDecoder(handle: handle, format: format)
    }

    private init(handle: OpaquePointer, format: CaptureFormat) {
        self.handle = handle
        source = format.raw
        target = format.raw
        target.fmt.pix.pixelformat = cv4l2_yu12
        v4lconvert_fixup_fmt(&target)
        isFullRange = format.isFullRange
    }

    deinit { v4lconvert_destroy(handle) }

    /// - Returns: nil for a picture that is damaged.
    mutating func decode(_ picture: UnsafeMutableRawBufferPointer) -> [UInt8]? {
        let (width, height) = (Int(target.fmt.pix.width), Int(target.fmt.pix.height))
        let total = I420Frame.byteCount(width: width, height: height)
        guard let input = picture.bindMemory(to: UInt8.self).baseAddress else { return nil }
        let bytes = [UInt8](unsafeUninitializedCapacity: total) { buffer, count in
            let written = v4lconvert_convert(
                handle, &source, &target, input, Int32(clamping: picture.count), buffer.baseAddress, Int32(clamping: total))
            guard written == total, let base = buffer.baseAddress else { return }
            if isFullRange { PixelConversion.limitRange(base, luma: width * height, total: total) }
            count = total
        }
        return bytes.isEmpty ? nil : bytes
    }
}
