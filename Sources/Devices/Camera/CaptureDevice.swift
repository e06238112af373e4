import CV4L2
import Glibc
import MediaTypes

/// An open V4L2 device: the one owner of its descriptor. All calls go through libv4l2, whose plugins make multi-planar cameras look simple.
struct CaptureDevice: ~Copyable {
    let path: String
    let descriptor: Int32
    private let capability: v4l2_capability

    init(path: String) throws(MediaDeviceError) {
        cv4l2_silence()
        // Not v4l2_open: its own conversion would hide which formats are cheap.
        let opened = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC)
        guard opened >= 0 else { throw .camera(path, error: errno, while: "being opened") }
        var found = v4l2_capability()
        guard cv4l2_query_capability_directly(opened, &found) == 0, v4l2_fd_open(opened, V4L2_DISABLE_CONVERSION) >= 0 else {
            let code = errno
            close(opened)
            throw code == EINVAL || code == ENOTTY ? .notACamera(path) : .camera(path, error: code, while: "being opened")
        }
        // Once more through libv4l2: a plugin may make a device look simpler than it is.
        _ = cv4l2_query_capability(opened, &found)
        self.path = path
        descriptor = opened
        capability = found
    }

    deinit { v4l2_close(descriptor) }

    /// "HD Webcam", as the driver says it.
    var name: String {
        withUnsafeBytes(of: capability.card) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }

    /// False for a radio, a metadata node or a device that only plays.
    var canStream: Bool {
        let all = capability.capabilities
        let own = all & cv4l2_capability_per_device != 0 ? capability.device_caps : all
        return own & cv4l2_capability_capture != 0 && own & cv4l2_capability_streaming != 0
    }

    /// The driver's own formats, in its order.
    var formats: [PixelFormat] {
        var found: [PixelFormat] = []
        // A bound, in case a driver's list has no end.
        for index in 0..<UInt32(256) {
            var description = v4l2_fmtdesc()
            description.index = index
            description.type = cv4l2_type_capture
            guard cv4l2_enumerate_format(descriptor, &description) == 0 else { break }
            found.append(PixelFormat(code: description.pixelformat))
        }
        return found
    }

    /// The highest frame rate at a size; nil when the driver does not say.
    func highestRate(of format: PixelFormat, width: Int, height: Int) -> Double? {
        var highest: Double?
        for index in 0..<UInt32(256) {
            var interval = v4l2_frmivalenum()
            interval.index = index
            interval.pixel_format = format.code
            interval.width = UInt32(clamping: width)
            interval.height = UInt32(clamping: height)
            guard cv4l2_enumerate_frame_interval(descriptor, &interval) == 0 else { break }
            let isDiscrete = interval.type == cv4l2_interval_discrete
            let shortest = isDiscrete ? interval.discrete : interval.stepwise.min
            if shortest.numerator > 0 { highest = max(highest ?? 0, Double(shortest.denominator) / Double(shortest.numerator)) }
            if !isDiscrete { break }
        }
        return highest
    }
}
