import CVPX

public enum VideoCodecError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A width, height, rate or bit rate that the codec cannot have, or a picture of another size than the encoder's.
    case badFormat
    /// libvpx said no; its status and its words.
    case library(status: Int32, String)
    /// The bytes are no VP8 frame, or a damaged one. Only a key frame repairs the picture.
    case corrupt
    /// The key frame asks for a picture larger than `VP8Decoder.mostPixels`.
    case tooLarge(width: Int, height: Int)

    public var description: String {
        switch self {
        case .badFormat: "The video codec cannot have this size or rate."
        case .library(let status, let text): "libvpx failed with \(status): \(text)."
        case .corrupt: "The video frame is damaged."
        case .tooLarge(let width, let height): "A video frame of \(width)x\(height) is too large."
        }
    }
}

extension VideoCodecError {
    init(_ status: vpx_codec_err_t) {
        self = .library(status: Int32(bitPattern: status.rawValue), String(cString: vpx_codec_err_to_string(status)))
    }
}
