/// Why a session description cannot be used.
public enum SDPError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Over `SDPLimits`: bytes, lines or media sections.
    case tooLarge
    /// A line that the format forbids; counted from 1.
    case malformedLine(Int)
    /// The first line is not `v=0`.
    case notSDP
    case missingICECredentials
    case missingFingerprint
    /// `a=setup` leaves nobody to start the handshake.
    case unusableSetup
    /// The answer's media sections are not the offer's, in number, order or kind.
    case answerDoesNotMatchOffer
    /// No media section that both sides can use.
    case nothingInCommon

    public var description: String {
        switch self {
        case .tooLarge: "the session description is too large"
        case .malformedLine(let line): "line \(line) of the session description is malformed"
        case .notSDP: "this is not a session description"
        case .missingICECredentials: "the session description has no ICE user name and password"
        case .missingFingerprint: "the session description has no certificate fingerprint"
        case .unusableSetup: "neither side would start the DTLS handshake"
        case .answerDoesNotMatchOffer: "the answer's media sections are not those of the offer"
        case .nothingInCommon: "there is no Opus audio or VP8 video in the session description"
        }
    }
}

/// What a description from outside may cost. A browser's largest is about 15 kB and 400 lines.
public enum SDPLimits {
    public static let bytes = 256 * 1024
    public static let lines = 8192
    public static let mediaSections = 64
    /// Of each repeated attribute of a section: payload types, extensions, sources, candidates, fingerprints.
    public static let repeats = 256
}
