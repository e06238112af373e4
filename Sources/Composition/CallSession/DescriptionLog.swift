/// What has been signalled about one peer connection, so that a description that comes again, or from a new connection of the other side's,
/// is taken for what it is. Pure.
///
/// A connection to the signaling server may end with a description on its way. Who has offered then offers the same again, and gets the same
/// answer again.
struct DescriptionLog: Sendable {
    enum Offer: Equatable, Sendable {
        /// The last one, which has this answer.
        case repeated(answer: String)
        /// Of another connection than the one that was negotiated with.
        case renewed
        case usual
    }

    struct Candidate: Equatable, Sendable {
        var sdp: String
        var mid: String?
        var mLineIndex: Int?
    }

    /// What a connection keeps for its life: the session's id (RFC 8829 section 5.2.2). Some renew that in each offer, but then not the user
    /// name fragment; an ICE restart renews this alone.
    private struct Identity: Sendable {
        var session: Substring
        var fragment: Substring

        init(_ sdp: String) {
            session = ""
            fragment = ""
            for line in sdp.split(whereSeparator: \.isNewline) {
                if session.isEmpty, line.hasPrefix("o=") { session = line.split(separator: " ").dropFirst().first ?? "" }
                if line.hasPrefix("a=ice-ufrag:") {
                    fragment = line.dropFirst(12)
                    return
                }
            }
        }

        func isAnother(than old: Identity) -> Bool { session != old.session && fragment != old.fragment }
    }

    private static let mostCandidates = 64
    private var remote: Identity?
    private var lastOffer: String?
    private var lastAnswer: String?
    private var acceptedAnswer: String?
    private var ownOffer: String?
    /// Told since this side's last description; they belong to it.
    private(set) var candidates: [Candidate] = []

    func kind(of offer: String) -> Offer {
        if offer == lastOffer, let lastAnswer { return .repeated(answer: lastAnswer) }
        if let remote, Identity(offer).isAnother(than: remote) { return .renewed }
        return .usual
    }

    mutating func answered(_ offer: String, with answer: String) {
        remote = Identity(offer)
        (lastOffer, lastAnswer, acceptedAnswer, ownOffer) = (offer, answer, nil, nil)
        candidates = []
    }

    /// This side offers: what was answered before is over.
    /// - Returns: the candidates to be told again, when it is the same offer again.
    mutating func offered(_ offer: String) -> [Candidate] {
        if offer == ownOffer { return candidates }
        (lastOffer, lastAnswer, ownOffer) = (nil, nil, offer)
        candidates = []
        return []
    }

    /// Whether an answer says nothing new.
    func isKnown(answer: String) -> Bool { answer == acceptedAnswer }

    mutating func accepted(answer: String) {
        remote = Identity(answer)
        acceptedAnswer = answer
    }

    mutating func told(_ candidate: Candidate) { if candidates.count < Self.mostCandidates { candidates.append(candidate) } }
}
