import CV4L2
import Glibc
import MediaTypes

/// What a camera agreed to give.
struct CaptureFormat {
    var pixelFormat: PixelFormat
    var raw: v4l2_format
    var framesPerSecond: Double

    var width: Int { Int(raw.fmt.pix.width) }
    var height: Int { Int(raw.fmt.pix.height) }

    var isFullRange: Bool {
        let pixels = raw.fmt.pix
        if pixelFormat.isJPEG || pixels.quantization == cv4l2_quantization_full { return true }
        return pixels.quantization == cv4l2_quantization_default && pixels.colorspace == cv4l2_colorspace_jpeg
    }

    /// Nil when libv4lconvert has to decode the pictures.
    var layout: PixelLayout? {
        guard let arrangement = pixelFormat.arrangement else { return nil }
        let least = PixelLayout.leastBytesPerLine(arrangement, width: width)
        return PixelLayout(
            arrangement: arrangement, width: width, height: height, bytesPerLine: max(Int(raw.fmt.pix.bytesperline), least),
            isFullRange: isFullRange)
    }
}

extension CaptureDevice {
    /// Finds the format, size and rate nearest to what is asked for, and sets them; the driver has the last word.
    func negotiate(_ wanted: VideoFormat) throws(MediaDeviceError) -> CaptureFormat {
        let offered = formats
        let known = PixelFormat.preferred.filter(offered.contains)
        var best: (format: PixelFormat, score: Double)?
        for format in known.isEmpty ? Array(offered.prefix(32)) : known {
            // A later, dearer format has to be better by more than a rounding of rates.
            if let score = score(format, wanted), score > (best?.score ?? 0) * 1.02 { best = (format, score) }
        }
        guard let best, var chosen = request(best.format, wanted, cv4l2_set_format) else {
            let code = errno
            if code == EBUSY || code == ENODEV { throw .camera(path, error: code, while: "its format was set") }
            throw MediaDeviceError(
                .unsupported,
                "The camera \(path) has no picture format that tchat can use (\(offered.map(\.description).joined(separator: ", "))).")
        }
        chosen.framesPerSecond = setRate(wanted.framesPerSecond)
        return chosen
    }

    /// 1: just what is wanted; less for another size or a lower rate; nil: not usable.
    private func score(_ format: PixelFormat, _ wanted: VideoFormat) -> Double? {
        // Some drivers only have S_FMT; then the format is taken at its word.
        guard let offer = request(format, wanted, cv4l2_try_format) else { return errno == ENOTTY ? 0.5 : nil }
        let areas = (Double(offer.width * offer.height), Double(max(1, wanted.width * wanted.height)))
        let rate = highestRate(of: format, width: offer.width, height: offer.height) ?? wanted.framesPerSecond
        return min(areas.0, areas.1) / max(areas.0, areas.1) * min(1, rate / max(1, wanted.framesPerSecond))
    }

    private func request(
        _ format: PixelFormat, _ wanted: VideoFormat, _ call: (Int32, UnsafeMutablePointer<v4l2_format>?) -> Int32
    ) -> CaptureFormat? {
        var raw = v4l2_format()
        raw.type = cv4l2_type_capture
        raw.fmt.pix.pixelformat = format.code
        raw.fmt.pix.width = UInt32(clamping: wanted.width)
        raw.fmt.pix.height = UInt32(clamping: wanted.height)
        raw.fmt.pix.field = cv4l2_field_any
        guard call(descriptor, &raw) == 0 else { return nil }
        let result = CaptureFormat(pixelFormat: format, raw: raw, framesPerSecond: wanted.framesPerSecond)
        errno = EINVAL
        guard raw.fmt.pix.pixelformat == format.code, (1...16384).contains(result.width), (1...16384).contains(result.height)
        else { return nil }
        return format.arrangement != nil || PictureDecoder.canDecode(format, width: result.width, height: result.height) ? result : nil
    }

    /// - Returns: the rate that the driver keeps; what was asked for when it does not say.
    private func setRate(_ wanted: Double) -> Double {
        var parameters = v4l2_streamparm()
        parameters.type = cv4l2_type_capture
        guard cv4l2_get_parameters(descriptor, &parameters) == 0 else { return wanted }
        parameters.parm.capture.timeperframe = v4l2_fract(numerator: 1000, denominator: UInt32(max(1, min(1e6, wanted * 1000))))
        _ = cv4l2_set_parameters(descriptor, &parameters)
        _ = cv4l2_get_parameters(descriptor, &parameters)
        let kept = parameters.parm.capture.timeperframe
        guard kept.numerator > 0, kept.denominator > 0 else { return wanted }
        return Double(kept.denominator) / Double(kept.numerator)
    }
}
