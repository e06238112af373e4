import CV4L2

/// A V4L2 pixel format, by its four-character code.
struct PixelFormat: Hashable, CustomStringConvertible {
    let code: UInt32

    /// What is asked of a camera, cheapest to convert first.
    static let preferred = [cv4l2_yu12, cv4l2_nv12, cv4l2_yv12, cv4l2_nv21, cv4l2_yuyv, cv4l2_uyvy, cv4l2_mjpeg, cv4l2_jpeg]
        .map(PixelFormat.init)

    /// Nil: libv4lconvert has to decode it.
    var arrangement: PixelLayout.Arrangement? {
        switch code {
        case cv4l2_yu12: .planar(vFirst: false)
        case cv4l2_yv12: .planar(vFirst: true)
        case cv4l2_nv12: .semiPlanar(vFirst: false)
        case cv4l2_nv21: .semiPlanar(vFirst: true)
        case cv4l2_yuyv: .packed(lumaFirst: true)
        case cv4l2_uyvy: .packed(lumaFirst: false)
        default: nil
        }
    }

    /// JPEG values fill 0...255 whatever colour space the driver names.
    var isJPEG: Bool { code == cv4l2_mjpeg || code == cv4l2_jpeg }

    /// "YUYV"; bit 31 marks a big-endian format and is no letter.
    var description: String {
        let letters = (0..<4).map { UInt8(truncatingIfNeeded: (code & 0x7fff_ffff) >> (8 * UInt32($0))) }
        var text = String(decoding: letters.map { (32..<127).contains($0) ? $0 : 63 }, as: UTF8.self)
        while text.last == " " { text.removeLast() }
        return text
    }
}
