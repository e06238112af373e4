import Primitives

/// SHA-256 (FIPS 180-4): 32 bytes.
public typealias SHA256 = @Sendable (_ message: [UInt8]) -> [UInt8]

/// Finds words that are the same on both ends when nobody sits between them: commit first, reveal then, as ZRTP does (RFC 6189
/// section 4.4.1.1), here with a nonce from each side.
///
/// Each side sends the hash of a random nonce and of both certificates' fingerprints, and shows the nonce only when it has the other's
/// hash. Whoever sits in the middle is an end of two such exchanges, with different fingerprints, and is bound to its own nonces before it
/// sees those of the ends: it cannot steer the words, only guess, once for each DTLS association. Anything out of order ends in `.failed`,
/// also when there have been words already; there is no second try in one association.
public struct VerificationExchange: Sendable {
    /// The longest wait for the other side's part: two messages right after the channel has opened, on whatever path carries a call.
    public static let patience = Interval.seconds(30)
    public static let nonceLength = 32
    static let hashLength = 32

    public enum Failure: Equatable, Sendable, CaseIterable {
        /// The fingerprints are not SHA-256's.
        case noFingerprint
        /// A commitment or a nonce that has not its length.
        case malformed
        /// The other side changed its mind, or somebody else speaks in its name.
        case secondCommitment
        case revealBeforeCommitment
        case secondReveal
        /// Our own commitment or nonce came back.
        case reflected
        /// The nonce, or the certificates that the other side sees, are not those committed to.
        case wrongReveal
        case noAnswer
    }

    public enum State: Equatable, Sendable {
        case idle
        case committed
        /// The other's commitment is here, and our nonce has left.
        case revealed
        case words([String])
        case failed(Failure)
    }

    public enum Output: Equatable, Sendable {
        /// Only `commit` and `reveal`.
        case send(ControlMessage)
        /// To be shown: `VerificationWords.count` words.
        case words([String])
        /// To be shown loudly, and in place of words that are shown already.
        case failed(Failure)
    }

    public private(set) var state = State.idle
    /// When `handleTimeout` is due.
    public private(set) var nextTimeout: Instant?
    private let clientFingerprint: [UInt8]
    private let serverFingerprint: [UInt8]
    private let isDTLSClient: Bool
    private let nonce: [UInt8]
    private let ownCommitment: [UInt8]
    private let sha256: SHA256
    private var remoteCommitment: [UInt8]?
    /// A handful at the most: each comes from a change of `state`.
    private var outputs: [Output] = []

    /// One for each DTLS association.
    /// - Parameters:
    ///   - localFingerprint: SHA-256 of this side's certificate, 32 bytes.
    ///   - remoteFingerprint: SHA-256 of the certificate that the handshake has shown, whatever hash the description used.
    public init(
        localFingerprint: [UInt8], remoteFingerprint: [UInt8], isDTLSClient: Bool, random: RandomSource, sha256: @escaping SHA256
    ) {
        var random = random
        clientFingerprint = isDTLSClient ? localFingerprint : remoteFingerprint
        serverFingerprint = isDTLSClient ? remoteFingerprint : localFingerprint
        self.isDTLSClient = isDTLSClient
        self.sha256 = sha256
        nonce = random.bytes(Self.nonceLength)
        ownCommitment = VerificationWords.commitment(
            nonce: nonce, byDTLSClient: isDTLSClient, clientFingerprint: clientFingerprint, serverFingerprint: serverFingerprint,
            sha256: sha256)
    }

    /// The control channel is open: commits. The other side may have been quicker.
    public mutating func start(now: Instant) {
        guard state == .idle else { return }
        guard clientFingerprint.count == Self.hashLength, serverFingerprint.count == Self.hashLength else { return fail(.noFingerprint) }
        state = .committed
        nextTimeout = now + Self.patience
        outputs.append(.send(.commit(hash: ownCommitment)))
        if remoteCommitment != nil { reveal() }
    }

    /// Any other message than `commit` and `reveal` is no business of this.
    public mutating func handle(_ message: ControlMessage, now: Instant) {
        if case .failed = state { return }
        switch message {
        case .commit(let hash): take(commitment: hash)
        case .reveal(let nonce): take(nonce: nonce)
        default: break
        }
    }

    public mutating func handleTimeout(now: Instant) {
        if let due = nextTimeout, now >= due { fail(.noAnswer) }
    }

    public mutating func poll() -> Output? { outputs.isEmpty ? nil : outputs.removeFirst() }

    private mutating func take(commitment: [UInt8]) {
        guard remoteCommitment == nil else { return fail(.secondCommitment) }
        guard commitment.count == Self.hashLength else { return fail(.malformed) }
        guard commitment != ownCommitment else { return fail(.reflected) }
        remoteCommitment = commitment
        if state == .committed { reveal() }
    }

    private mutating func reveal() {
        state = .revealed
        outputs.append(.send(.reveal(nonce: nonce)))
    }

    private mutating func take(nonce remoteNonce: [UInt8]) {
        if case .words = state { return fail(.secondReveal) }
        // Before our commitment has left, the other side cannot have had it, and must not reveal.
        guard state == .revealed, let remoteCommitment else { return fail(.revealBeforeCommitment) }
        guard remoteNonce.count == Self.nonceLength else { return fail(.malformed) }
        guard remoteNonce != nonce else { return fail(.reflected) }
        let expected = VerificationWords.commitment(
            nonce: remoteNonce, byDTLSClient: !isDTLSClient, clientFingerprint: clientFingerprint, serverFingerprint: serverFingerprint,
            sha256: sha256)
        guard expected == remoteCommitment else { return fail(.wrongReveal) }
        let words = VerificationWords.words(
            clientNonce: isDTLSClient ? nonce : remoteNonce, serverNonce: isDTLSClient ? remoteNonce : nonce,
            clientFingerprint: clientFingerprint, serverFingerprint: serverFingerprint, sha256: sha256)
        guard words.count == VerificationWords.count else { return fail(.malformed) }
        nextTimeout = nil
        state = .words(words)
        outputs.append(.words(words))
    }

    private mutating func fail(_ failure: Failure) {
        state = .failed(failure)
        nextTimeout = nil
        // What has not left yet must not leave any more, our nonce least of all.
        outputs = [.failed(failure)]
    }
}

extension VerificationExchange.Failure: CustomStringConvertible {
    /// A clause that can follow "cannot be verified: ".
    public var description: String {
        switch self {
        case .noFingerprint: "the certificates have no SHA-256 fingerprint"
        case .malformed: "the other side's part cannot be read"
        case .secondCommitment: "the other side committed twice"
        case .revealBeforeCommitment: "the other side revealed its part too early"
        case .secondReveal: "the other side revealed its part twice"
        case .reflected: "our own part came back; somebody may sit in the middle"
        case .wrongReveal: "the other side sees other certificates than this one; somebody may sit in the middle"
        case .noAnswer: "the other side did not answer in time"
        }
    }
}
