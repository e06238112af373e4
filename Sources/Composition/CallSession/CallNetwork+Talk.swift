import CallControl
import DTLS
import PeerConnection
import Primitives
import SCTP

/// Data channels: what the two programs tell each other besides media.
extension CallNetwork {
    /// The handshake is over: channels can be opened, and who the other side is can be found out.
    func startTalk(with member: Member, now: Instant) {
        guard member.talk == nil, let remote = member.peer.remoteFingerprint else { return }
        let settings = PeerTalk.Settings(
            name: own.configuration.name ?? "", isEphemeral: own.configuration.isEphemeral, isOfferer: member.peer.isOfferer ?? false,
            isDTLSClient: member.peer.isDTLSClient ?? false, localFingerprint: own.certificate.fingerprint.bytes, remoteFingerprint: remote,
            sha256: opensslSHA256)
        var talk = PeerTalk(settings: settings, hasDataChannels: member.peer.hasDataChannels, random: .system, now: now)
        if let media = ownMedia { talk.setMedia(microphone: media.microphone, camera: media.camera) }
        if let screen = ownScreens[member.id.id] ?? ownScreen { talk.setScreen(screen) }
        member.talk = talk
        serveTalk(of: member, now: now)
    }

    func handle(_ event: DataChannelEvent, of member: Member, now: Instant) {
        if case .failed(let reason) = event { own.logger.info("data channels ended", metadata: ["reason": "\(reason)"]) }
        member.talk?.handle(event, now: now)
        serveTalk(of: member, now: now)
    }

    func say(_ text: String, now: Instant) {
        var isHeard = false
        for member in members where member.talk?.say(text) == true { isHeard = true }
        if !isHeard { own.report.event(.error("Nobody is there to read text.")) }
        for member in members { serveTalk(of: member, now: now) }
    }

    /// Carries out what a talk wants done, and tells the person its news.
    func serveTalk(of member: Member, now: Instant) {
        member.needsService = true
        while let output = member.talk?.poll() {
            switch output {
            case .open(let options):
                do { _ = try member.peer.openDataChannel(options, now: now) } catch {
                    own.logger.warning("data channel", metadata: ["label": "\(options.label)", "reason": "\(error)"])
                }
            case .send(let text, let id):
                do { try member.peer.sendData(.text(text), on: id, now: now) } catch {
                    own.logger.warning("message not sent", metadata: ["reason": "\(error)"])
                }
            case .chatOpen(let isOpen): own.report.event(.chatOpen(member.id.id, isOpen))
            case .chat(let text): own.report.event(.chat(from: member.id.id, text: text))
            case .hello(let name, let isEphemeral): meet(member, name: name, isEphemeral: isEphemeral)
            case .media(let microphone, let camera): own.report.event(.peerMedia(member.id.id, microphone: microphone, camera: camera))
            case .screen(let screen):
                member.screen = screen
                adaptPicture()
            case .verification(let verification): own.report.event(.verification(member.id.id, verification))
            }
        }
    }

    /// The name is told inside the call, so that it cannot be the signaling server's invention.
    private func meet(_ member: Member, name: String, isEphemeral: Bool) {
        member.name = name
        guard let fingerprint = member.peer.remoteFingerprint else { return }
        if !name.isEmpty { own.report.named(member.id.id, name) }
        guard !isEphemeral else { return own.report.event(.acquaintance(member.id.id, .unknown)) }
        own.acquaintances.meet(name: name, fingerprint: fingerprint) { [inbox = own.inbox, id = member.id] in
            inbox.put(.acquainted(id, fingerprint: fingerprint, $0))
        }
    }

    /// What a file said of a certificate: the connection may be another one by now.
    func acquainted(_ id: CallCoordinator.MemberID, fingerprint: [UInt8], _ acquaintance: CallAcquaintance) {
        guard member(id)?.peer.remoteFingerprint == fingerprint else { return }
        own.report.event(.acquaintance(id.id, acquaintance))
    }

    func confirmWords(of id: CallMemberID) {
        guard let member = member(CallCoordinator.MemberID(id: id)), let fingerprint = member.peer.remoteFingerprint else { return }
        own.acquaintances.confirm(name: member.name ?? "", fingerprint: fingerprint) { [inbox = own.inbox, id = member.id] in
            inbox.put(.acquainted(id, fingerprint: fingerprint, $0))
        }
    }
}
