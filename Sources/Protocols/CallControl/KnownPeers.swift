/// Who has been called with which certificate, as ssh keeps its hosts: the text of `$XDG_STATE_HOME/tchat/known_peers`.
///
/// A name is what a person claims, so it proves nothing by itself; that the same name comes with the same certificate again is what is
/// checked. A certificate that does not fit is never taken over silently, only by `confirm`.
public struct KnownPeers: Equatable, Sendable {
    public static let maximumBytes = 1 << 20
    public static let maximumLines = 10_000
    /// Somebody with several machines has several certificates.
    static let maximumCertificates = 8
    static let maximumNameBytes = 256

    public enum ParseError: Error, Equatable, Sendable {
        case tooLarge
        case tooManyLines
        /// Not UTF-8, or with NUL in it.
        case notText
    }

    public struct Peer: Equatable, Sendable {
        public let name: String
        /// SHA-256 of the certificate, 32 bytes.
        public let fingerprint: [UInt8]
        public internal(set) var firstSeen: UTCDay
        public internal(set) var lastSeen: UTCDay
        /// A person has said that the words were the same on both ends.
        public internal(set) var isVerified: Bool
    }

    public enum Verdict: Equatable, Sendable {
        case firstSeen
        case known(since: UTCDay, lastSeen: UTCDay)
        /// Loud: this name has come with another certificate so far (the one that was seen last), and `since` when.
        case changed(previous: [UInt8], since: UTCDay)
        /// No name, or one too long, so there is nothing to look up.
        case unnamed
    }

    enum Line: Equatable, Sendable {
        case peer(Peer)
        /// A comment, an empty line, or one that is not understood: kept as it is.
        case other(String)
    }

    var lines: [Line]

    public init() { lines = Self.header.map { .other($0) } }

    /// Everybody, in the order in which they came.
    public var peers: [Peer] {
        lines.compactMap { if case .peer(let peer) = $0 { peer } else { nil } }
    }

    public func peers(named name: String) -> [Peer] { peers.filter { $0.name == name } }

    /// The peer of this name with this certificate, for its `isVerified`.
    public func peer(named name: String, fingerprint: [UInt8]) -> Peer? {
        peers(named: name).first { $0.fingerprint == fingerprint }
    }

    /// What is known of this name and certificate. Changes nothing.
    public func verdict(name: String?, fingerprint: [UInt8]) -> Verdict {
        guard let name = Self.usable(name, fingerprint) else { return .unnamed }
        let known = peers(named: name)
        if let peer = known.first(where: { $0.fingerprint == fingerprint }) {
            return .known(since: peer.firstSeen, lastSeen: peer.lastSeen)
        }
        guard let latest = known.max(by: { $0.lastSeen < $1.lastSeen }) else { return .firstSeen }
        return .changed(previous: latest.fingerprint, since: latest.firstSeen)
    }

    /// Notes a call: adds who is new, and the day to who is known. A changed certificate is not noted; see `confirm`.
    /// - Returns: the verdict before that.
    @discardableResult
    public mutating func record(name: String?, fingerprint: [UInt8], on day: UTCDay) -> Verdict {
        let verdict = verdict(name: name, fingerprint: fingerprint)
        switch verdict {
        case .firstSeen:
            guard let name else { break }
            append(Peer(name: name, fingerprint: fingerprint, firstSeen: day, lastSeen: day, isVerified: false))
        case .known:
            update(name, fingerprint) { $0.lastSeen = max($0.lastSeen, day) }
        case .changed, .unnamed: break
        }
        return verdict
    }

    /// The person says that the words match: this certificate is the named one's from now on. Others of that name go, unless they have been
    /// verified too, as somebody's other machine.
    public mutating func confirm(name: String?, fingerprint: [UInt8], on day: UTCDay) {
        guard let name = Self.usable(name, fingerprint) else { return }
        removePeers { $0.name == name && !$0.isVerified && $0.fingerprint != fingerprint }
        while peers(named: name).count >= Self.maximumCertificates, peer(named: name, fingerprint: fingerprint) == nil,
            let oldest = peers(named: name).min(by: { $0.lastSeen < $1.lastSeen })
        {
            removePeers { $0 == oldest }
        }
        if peer(named: name, fingerprint: fingerprint) == nil {
            append(Peer(name: name, fingerprint: fingerprint, firstSeen: day, lastSeen: day, isVerified: true))
        }
        update(name, fingerprint) {
            $0.isVerified = true
            $0.lastSeen = max($0.lastSeen, day)
        }
    }

    /// Everything under this name.
    public mutating func forget(name: String) { removePeers { $0.name == name } }

    private static func usable(_ name: String?, _ fingerprint: [UInt8]) -> String? {
        guard let name, !name.isEmpty, name.utf8.count <= maximumNameBytes, fingerprint.count == 32 else { return nil }
        return name
    }

    private mutating func update(_ name: String?, _ fingerprint: [UInt8], _ change: (inout Peer) -> Void) {
        for index in lines.indices {
            guard case .peer(var peer) = lines[index], peer.name == name, peer.fingerprint == fingerprint else { continue }
            change(&peer)
            lines[index] = .peer(peer)
        }
    }

    private mutating func removePeers(where isUnwanted: (Peer) -> Bool) {
        lines.removeAll { if case .peer(let peer) = $0 { isUnwanted(peer) } else { false } }
    }

    /// When the file is full, who was never verified and has not been seen for the longest time makes room; when all are verified, nobody.
    private mutating func append(_ peer: Peer) {
        let line = Line.peer(peer)
        var bytes = lines.reduce(line.text.utf8.count + 1) { $0 + $1.text.utf8.count + 1 }
        while lines.count >= Self.maximumLines || bytes > Self.maximumBytes {
            guard let oldest = peers.filter({ !$0.isVerified }).min(by: { $0.lastSeen < $1.lastSeen }),
                let index = lines.firstIndex(of: .peer(oldest))
            else { return }
            bytes -= lines[index].text.utf8.count + 1
            lines.remove(at: index)
        }
        lines.append(line)
    }
}
