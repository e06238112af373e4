import Primitives

/// A candidate that hides its address behind a name, which only hosts of the same network can look up
/// (draft-ietf-mmusic-mdns-ice-candidates §3).
public struct MDNSCandidate: Hashable, Sendable {
    /// One label and `.local`, in lower case.
    public let name: String
    private let candidate: Candidate
    public var ufrag: String? { candidate.ufrag }

    /// From the text form; nil unless an address is all that is missing.
    public init?(sdp: String) {
        guard let (candidate, host) = Candidate.parse(sdp), let host, let name = Self.name(host) else { return nil }
        self.name = name
        self.candidate = candidate
    }

    /// `^[A-Za-z0-9-]{1,63}\.local$`, without regard to case.
    static func name(_ text: Substring) -> String? {
        let name = text.lowercased()
        guard name.hasSuffix(".local") else { return nil }
        let label = name.utf8.dropLast(".local".utf8.count)
        let isLabel = label.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == UInt8(ascii: "-") }
        return (1...63).contains(label.count) && isLabel ? name : nil
    }

    func resolved(to ip: IPAddress) -> Candidate {
        var resolved = candidate
        resolved.address.ip = ip
        return resolved
    }
}
