import ICE
import Primitives
import SDP

/// A candidate that overtook its description.
struct EarlyCandidate {
    var text: String
    var mid: String?
    var mLineIndex: Int?
}

extension PeerConnection {
    /// `RTCIceCandidateInit`'s fields as they were signalled; an empty text is the end of candidates.
    ///
    /// What is of another section than the shared path's, of another generation or broken is ignored; one that comes before its
    /// description waits for it.
    public mutating func addRemoteCandidate(_ candidate: String, mid: String?, mLineIndex: Int?, now: Instant) {
        guard !isClosed, !ignoresCandidates else { return }
        self.now = now
        guard let session else {
            // As many as an agent takes pairs of; a peer has a handful.
            if earlyCandidates.count < 100, candidate.utf8.count <= 1024 {
                earlyCandidates.append(EarlyCandidate(text: candidate, mid: mid, mLineIndex: mLineIndex))
            }
            return
        }
        // A browser gathers for each section until it knows that they share a path.
        if let mid, let path = session.transportMID, mid != path { return }
        if mid == nil, let mLineIndex, mLineIndex != session.transportIndex { return }
        if candidate.isEmpty {
            agent.endOfRemoteCandidates(now: now)
        } else {
            addRemote(candidate)
        }
    }

    mutating func addRemote(_ text: String) {
        let named = MDNSCandidate(sdp: text)
        let candidate = named == nil ? Candidate(sdp: text) : nil
        if let ufrag = named?.ufrag ?? candidate?.ufrag, let session, ufrag != session.remoteUfrag { return }
        if let named { return agent.addRemoteCandidate(named, now: now) }
        guard let candidate else { return }
        // The agent itself takes fewer than this.
        if remoteAddresses.count < 100 { remoteAddresses.insert(candidate.address) }
        agent.addRemoteCandidate(candidate, now: now)
    }

    /// What `PeerOutput.resolve` asked for; nil: nobody knows the name.
    public mutating func resolved(name: String, address: IPAddress?, now: Instant) {
        guard !isClosed else { return }
        self.now = now
        agent.resolved(name: name, address: address, now: now)
    }

    mutating func takeEarlyCandidates() -> [EarlyCandidate] {
        defer { earlyCandidates = [] }
        return earlyCandidates
    }

    /// Takes in what the agent knows at once, so that a description made right after has it.
    mutating func collectCandidates() {
        while let output = agent.poll() { take(output) }
    }

    mutating func addLocal(_ candidate: Candidate) {
        // Relays that come and go for days must not pile up.
        if localCandidates.count >= 64 {
            localCandidates.removeFirst()
            toldCandidates = max(0, toldCandidates - 1)
        }
        localCandidates.append(candidate)
        announceCandidates()
    }

    /// Candidates follow their description, whose section they name.
    mutating func announceCandidates() {
        guard hasLocalDescription else { return }
        let mid = session == nil ? "0" : session?.transportMID
        let index = session?.transportIndex ?? 0
        for candidate in localCandidates.dropFirst(toldCandidates) {
            outputs.append(.event(.localCandidate(sdp: candidate.sdp, mid: mid, mLineIndex: index)))
        }
        toldCandidates = localCandidates.count
    }

    private var hasLocalDescription: Bool {
        if case .haveLocalOffer = signalling { return true }
        return localDescription != nil
    }

    /// Servers whose names were only now resolved; what they tell is trickled.
    public mutating func addSTUNServers(_ servers: [SocketAddress], now: Instant) {
        guard !isClosed else { return }
        self.now = now
        agent.addSTUNServers(servers, now: now)
        collectCandidates()
    }

    /// The same for TURN servers.
    public mutating func addTURNServers(_ servers: [TURNServer], now: Instant) {
        guard !isClosed else { return }
        self.now = now
        agent.addTURNServers(servers, now: now)
        collectCandidates()
    }

    /// When anything authentic, or from an address of the other side's, last came in; nil: never.
    public var lastReceived: Instant? { agent.lastReceived }
}
