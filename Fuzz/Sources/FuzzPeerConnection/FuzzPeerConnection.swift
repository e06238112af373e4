import DTLS
import FuzzSupport
import ICE
import MediaTypes
import PeerConnection
import Primitives
import SCTP
import SDP

/// A whole connection under a script: datagrams from strangers and from the peer, with and without its keys, descriptions, time.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOne(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    var call = HostileCall(FuzzInput(data, count))
    call.run()
    return 0
}

struct HostileCall: ~Copyable {
    static let address = SocketAddress(.v4(0x0a00_0001), port: 5000)
    static let stranger = SocketAddress(.v4(0x0a00_0042), port: 7000)
    static let certificate = {
        guard let certificate = try? DTLSCertificate.generate() else { violated("no certificate") }
        return certificate
    }()

    var input: FuzzInput
    var clock = SimulatedClock()
    var ours: PeerConnection
    let theirs: HostilePeer
    let usesAnnouncedCertificate: Bool
    /// Set by whatever only the peer itself or the signalling can say.
    var hasSpokenWithAuthority = false
    var remoteClosed = false
    var timestamp: UInt32 = 0

    init(_ input: FuzzInput) {
        self.input = input
        let flags = self.input.byte()
        usesAnnouncedCertificate = flags & 2 == 0
        ours = PeerConnection(
            configuration: .init(certificate: Self.certificate, isPolite: true), random: .seeded(UInt64(flags >> 4)), now: clock.now)
        theirs = HostilePeer(now: clock.now)
        ours.addLocalSocket(base: Self.address, now: clock.now)
        drain()
        if flags & 1 == 0 { connect() }
    }

    mutating func connect() {
        guard theirs.session == nil else { return }
        let offer = theirs.offer()
        guard let answer = try? ours.handleOffer(offer.text, now: clock.now) else { return }
        theirs.accept(answer, to: offer, now: clock.now)
        theirs.startHandshake(usesAnnouncedCertificate: usesAnnouncedCertificate, now: clock.now)
        for _ in 0..<40 where ours.connectionState != .connected && ours.connectionState != .failed { run(for: .milliseconds(25)) }
        if ours.connectionState == .connected, !usesAnnouncedCertificate { violated("connected to who has another certificate") }
        if ours.connectionState != .connected, usesAnnouncedCertificate, !hasSpokenWithAuthority { violated("not connected") }
    }

    mutating func run() {
        for _ in 0..<96 where !input.isAtEnd { step() }
        let isUndisturbed = usesAnnouncedCertificate && theirs.isSecure && !hasSpokenWithAuthority
        if isUndisturbed, ours.connectionState != .connected || remoteClosed { violated("a stranger has ended the call") }
        ours.close(now: clock.now)
        drain()
        if ours.poll() != nil { violated("more after the end") }
    }

    mutating func step() {
        switch input.byte() % 22 {
        case 0: receive(input.block(), from: Self.stranger)
        case 1: receive(input.block(), from: HostilePeer.address)
        case 2: repeatHeard()
        case 3:
            hasSpokenWithAuthority = true
            theirs.sendRTP(rtpPacket())
        case 4:
            hasSpokenWithAuthority = true
            theirs.sendRTP(input.block())
        case 5, 6:
            hasSpokenWithAuthority = true
            theirs.sendRTCP(input.block())
        case 7: run(for: .milliseconds(Int(input.byte()) * 4))
        case 8: signedSTUN()
        case 9:
            hasSpokenWithAuthority = true
            _ = try? ours.handleOffer(String(decoding: input.block(), as: UTF8.self), now: clock.now)
        case 10:
            hasSpokenWithAuthority = true
            try? ours.handleAnswer(String(decoding: input.block(), as: UTF8.self), now: clock.now)
        case 11:
            hasSpokenWithAuthority = true
            ours.addRemoteCandidate(String(decoding: input.block(), as: UTF8.self), mid: nil, mLineIndex: 0, now: clock.now)
        case 12: sendMedia()
        case 13: connect()
        case 14:
            hasSpokenWithAuthority = true
            _ = try? ours.createOffer(restartingICE: input.byte() & 1 == 0, now: clock.now)
        case 15: changedOffer()
        case 16:
            hasSpokenWithAuthority = true
            theirs.sendChunks(input.block())
        case 17:
            hasSpokenWithAuthority = true
            theirs.sendMessage(input.block(), stream: UInt16(input.byte()), payloadType: UInt32(input.byte()))
        case 18: useChannels()
        case 19: ours.resolved(name: "a.local", address: .v4(input.uint32()), now: clock.now)
        case 20:
            let id = StreamID(UInt64(input.byte() % 4))
            switch input.byte() % 3 {
            case 0: ours.streamAccepted(id, local: Self.address, remote: Self.stranger, now: clock.now)
            case 1: ours.streamClosed(id, reason: "over", now: clock.now)
            default: ours.streamOpened(id, local: Self.address, now: clock.now)
            }
        default:
            let bytes = input.block()
            ours.streamReceived(StreamID(UInt64(input.byte() % 4)), bytes.span, now: clock.now)
        }
        drain()
    }

    mutating func receive(_ datagram: [UInt8], from source: SocketAddress) {
        // A handshake's first records are not protected from who stands on the path itself.
        if source == HostilePeer.address, !theirs.isSecure { hasSpokenWithAuthority = true }
        ours.handle(datagram.span, from: source, base: Self.address, now: clock.now)
        drain()
    }

    /// Something that was really said, cut or bent, to who said it or as if it came from elsewhere.
    mutating func repeatHeard() {
        guard !theirs.heard.isEmpty else { return }
        var datagram = theirs.heard[Int(input.byte()) % theirs.heard.count]
        let change = input.byte()
        let at = Int(input.uint16())
        if change & 1 != 0, !datagram.isEmpty { datagram[at % datagram.count] ^= input.byte() | 1 }
        if change & 2 != 0 { datagram = Array(datagram.prefix(at)) }
        receive(datagram, from: change & 4 != 0 ? Self.stranger : HostilePeer.address)
    }

    mutating func rtpPacket() -> [UInt8] {
        let kind = input.byte()
        let types: [(UInt8, UInt32)] = [(96, 0x1111_1111), (97, 0x2222_2222), (111, 0x3333_3333), (kind >> 2, 0x4444_4444)]
        let (type, ssrc) = types[Int(kind & 3)]
        let sequence = input.uint16()
        timestamp &+= UInt32(input.byte()) &* 960
        let head = [0x80, type & 0x7f | (kind & 0x80), UInt8(sequence >> 8), UInt8(truncatingIfNeeded: sequence)]
        return head + [timestamp, ssrc].flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> (24 - 8 * $0)) } } + input.block()
    }

    /// A message made of the script's attributes that carries the right name and signature.
    mutating func signedSTUN() {
        hasSpokenWithAuthority = true
        guard let session = theirs.session, var message = try? STUNMessage(parsing: input.block().span) else { return }
        message.attributes.removeAll { if case .username = $0 { true } else { false } }
        message.attributes.insert(.username(Array("\(session.remoteUfrag):\(HostilePeer.credentials.ufrag)".utf8)), at: 0)
        let key = message.messageClass == .request ? session.remotePassword : HostilePeer.credentials.password
        receive(message.encoded(integrity: (Array(key.utf8), opensslHMACSHA1)), from: HostilePeer.address)
    }

    /// What the application on our side does with data channels.
    mutating func useChannels() {
        let kind = input.byte()
        switch kind & 3 {
        case 0: _ = try? ours.openDataChannel(DataChannelOptions(label: "l\(kind)", isOrdered: kind & 4 == 0), now: clock.now)
        case 1: try? ours.sendData(.binary([UInt8](repeating: 1, count: Int(input.uint16()))), on: UInt16(kind >> 2), now: clock.now)
        case 2: ours.closeDataChannel(UInt16(kind >> 2), now: clock.now)
        default: _ = ours.stats(now: clock.now)
        }
    }

    mutating func sendMedia() {
        timestamp &+= 3000
        let size = Int(input.uint16()) % 20_000 + 10
        let frame = EncodedVideoFrame(
            payload: [UInt8](repeating: 0x10, count: size), isKeyFrame: true, timestamp: timestamp, time: clock.now)
        ours.sendVideo(frame, now: clock.now)
        ours.sendAudio(EncodedAudioFrame(payload: [1, 2, 3, 4], timestamp: timestamp), now: clock.now)
    }

    /// The peer's own description with one line replaced.
    mutating func changedOffer() {
        hasSpokenWithAuthority = true
        var lines = theirs.offer().text.split(separator: "\r\n", omittingEmptySubsequences: true).map(String.init)
        let at = Int(input.byte()) % max(1, lines.count)
        lines[at] = String(decoding: input.block(), as: UTF8.self)
        _ = try? ours.handleOffer(lines.joined(separator: "\r\n") + "\r\n", now: clock.now)
    }

    // MARK: Time

    mutating func drain() {
        var outputs = 0
        repeat {
            while let output = ours.poll() {
                outputs += 1
                if outputs > 100_000 { violated("outputs without end") }
                switch output {
                case .transmit(_, let destination, let payload):
                    if payload.count > 1500 { violated("a datagram of \(payload.count) bytes") }
                    if destination == HostilePeer.address { theirs.handle(payload, from: Self.address, now: clock.now) }
                case .event(.remoteClosed): remoteClosed = true
                default: break
                }
            }
            theirs.drain(now: clock.now)
            let arriving = theirs.outgoing
            theirs.outgoing = []
            for datagram in arriving { ours.handle(datagram.span, from: HostilePeer.address, base: Self.address, now: clock.now) }
            if arriving.isEmpty { return }
        } while true
    }

    mutating func run(for time: Interval) {
        let end = clock.now + time
        var repeats = 0
        while true {
            let next = min(ours.nextTimeout(now: clock.now) ?? end, theirs.agent.nextTimeout ?? end, end)
            repeats = next <= clock.now ? repeats + 1 : 0
            if repeats > 2000 { violated("a time-out that stays due") }
            if next > clock.now { clock.advance(by: next - clock.now) }
            if let due = theirs.agent.nextTimeout, due <= clock.now { theirs.agent.handleTimeout(now: clock.now) }
            if let due = ours.nextTimeout(now: clock.now), due <= clock.now { ours.handleTimeout(now: clock.now) }
            drain()
            if clock.now >= end { return }
        }
    }
}
