import DTLS
import FuzzSupport
import ICE
import Primitives
import SDP
import SRTP

/// The other side of the call: it goes as far as a real one through signalling, checks and handshake, and then has the keys to say anything.
final class HostilePeer {
    static let address = SocketAddress(.v4(0x0a00_0002), port: 6000)
    static let credentials = ICECredentials(ufrag: "them", password: "theirpasswordtheirpassw0")
    // Made once: a key pair for each run would be most of the time.
    static let certificates = (0..<2).map { _ in
        guard let certificate = try? DTLSCertificate.generate() else { violated("no certificate") }
        return certificate
    }

    var agent: ICEAgent
    var dtls: DTLSTransport?
    private var srtp: SRTPContext?
    private(set) var data = HostileAssociation(isDTLSClient: true)
    private(set) var session: NegotiatedSession?
    /// What our side sent, to be repeated to it.
    var heard: [[UInt8]] = []
    /// For our side, in their order.
    var outgoing: [[UInt8]] = []
    var version: UInt64 = 1

    init(now: Instant) {
        agent = ICEAgent(
            configuration: ICEAgent.Configuration(role: .controlling, credentials: Self.credentials), random: .seeded(2),
            hmacSHA1: opensslHMACSHA1, md5: opensslMD5)
        agent.addHostCandidate(base: Self.address, now: now)
    }

    var isSecure: Bool { srtp != nil }

    func offer() -> SessionDescription {
        var local = LocalParameters(
            sessionID: 9, ufrag: Self.credentials.ufrag, password: Self.credentials.password,
            fingerprint: Self.certificates[0].fingerprint.sdp, cname: "them", streamID: "stream", audio: .init(id: "a", ssrc: 0x3333_3333),
            video: .init(id: "v", ssrc: 0x1111_1111, repairSSRC: 0x2222_2222))
        local.sessionVersion = version
        version += 1
        local.candidates = ["candidate:1 1 udp 2130706431 \(Self.address.ip) \(Self.address.port) typ host"]
        return .offer(local)
    }

    func accept(_ answer: String, to offer: SessionDescription, now: Instant) {
        guard let description = try? SessionDescription(parsing: answer),
            let session = try? NegotiatedSession(offer: offer, answer: description, isOfferer: true)
        else { violated("our answer is none") }
        self.session = session
        agent.setRemoteCredentials(ICECredentials(ufrag: session.remoteUfrag, password: session.remotePassword), now: now)
        for line in session.remoteCandidates { if let candidate = Candidate(sdp: line) { agent.addRemoteCandidate(candidate, now: now) } }
    }

    /// - Parameter usesAnnouncedCertificate: false for who has taken somebody else's place.
    func startHandshake(usesAnnouncedCertificate: Bool, now: Instant) {
        guard dtls == nil, let session else { return }
        dtls = try? DTLSTransport(
            role: session.isDTLSClient ? .client : .server, certificate: Self.certificates[usesAnnouncedCertificate ? 0 : 1],
            remoteFingerprints: session.remoteFingerprints.compactMap(CertificateFingerprint.init(sdp:)), retransmissionBase: .seconds(1),
            now: now)
        dtls?.start(now: now)
        data = HostileAssociation(isDTLSClient: session.isDTLSClient)
    }

    func handle(_ datagram: [UInt8], from source: SocketAddress, now: Instant) {
        if heard.count < 32 { heard.append(datagram) } else { heard[Int(datagram.count) % 32] = datagram }
        if agent.handle(datagram.span, from: source, base: Self.address, now: now) { return }
        if let first = datagram.first, (20...63).contains(first) { dtls?.handle(datagram.span, now: now) }
    }

    func drain(now: Instant) {
        while let output = agent.poll() {
            if case .transmit(_, _, let payload) = output { outgoing.append(payload) }
        }
        while let output = dtls?.poll() {
            switch output {
            case .transmit(let payload): outgoing.append(payload)
            case .connected(let keys):
                srtp = try? SRTPContext(keys: keys)
                data.transport.start(now: now)
            case .applicationData(let packet): data.handle(packet, now: now)
            default: break
            }
        }
        data.drain()
        if data.outgoing.isEmpty { return }
        for packet in data.outgoing { dtls?.send(packet) }
        data.outgoing = []
        drain(now: now)
    }

    func sendChunks(_ chunks: [UInt8]) { if let packet = data.packet(chunks) { dtls?.send(packet) } }

    func sendMessage(_ payload: [UInt8], stream: UInt16, payloadType: UInt32) {
        if let packet = data.message(payload, stream: stream, payloadType: payloadType) { dtls?.send(packet) }
    }

    func sendRTP(_ packet: [UInt8]) {
        var packet = packet
        guard packet.count >= 12, (try? srtp?.protectRTP(&packet)) != nil else { return }
        outgoing.append(packet)
    }

    func sendRTCP(_ packet: [UInt8]) {
        var packet = packet
        guard packet.count >= 8, (try? srtp?.protectRTCP(&packet)) != nil else { return }
        outgoing.append(packet)
    }
}
