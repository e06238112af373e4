/// What this program's sound is: 48 kHz, mono, 20 ms a packet (RFC 7587's clock and usual length).
public enum OpusFormat {
    public static let sampleRate = 48_000
    public static let samplesPerPacket = 960
    /// 120 ms: the longest packet that RFC 6716 (section 3.4) allows.
    public static let mostSamplesPerPacket = 5760
}

public enum AudioCodecError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A block whose length is none of Opus's.
    case badLength(Int)
    /// The bytes are no Opus packet (RFC 6716, section 3.4).
    case corrupt
    /// libopus said no; its status and its words.
    case library(status: Int32, String)

    public var description: String {
        switch self {
        case .badLength(let count): "Opus cannot have a block of \(count) samples."
        case .corrupt: "The Opus packet is damaged."
        case .library(let status, let text): "libopus failed with \(status): \(text)."
        }
    }
}
