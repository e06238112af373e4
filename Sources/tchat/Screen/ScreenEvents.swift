import CallSession
import ChatUI
import Primitives
import Signaling

extension ChatEvent {
    /// What the screen makes of what the call tells; nil: nothing.
    /// - Parameter place: where the signaling server is.
    init?(_ event: CallEvent, place: SignalingPlace) {
        switch event {
        case .signalingConnected: self = .signaling(.connected(place))
        case .signalingLost(let reason): self = .signaling(.lost(reason))
        case .signalingStopping(let words): self = .serverStopping(words)
        // The screen has changed when the join was asked for.
        case .joining, .ready, .left: return nil
        case .joined(let channel, let isFirst): self = .joined(isFirst: isFirst, channel: channel)
        case .joinFailed(let failure, let channel):
            self = .joinFailed(ChatRefusal(code: failure.code, sentence: failure.sentence), channel: channel)
        case .memberArrived(let id, let name): self = .memberArrived(id, name: name)
        case .memberLeft(let id, let reason): self = .memberLeft(id, reason: reason)
        case .connecting(let id): self = .connecting(id)
        case .connected(let id, let path, _): self = .connected(id, path: Self.plain(path))
        case .interrupted(let id): self = .interrupted(id)
        case .resumed(let id): self = .resumed(id)
        case .firstFrame(let id, _, _, _): self = .remotePicture(id, isPresent: true)
        case .peerNamed(let id, let name): self = .named(id, name)
        case .peerLeft(let id, _): self = .disconnected(id)
        case .chat(let id, let text): self = .chat(from: id, text: text)
        case .chatOpen(let id, let isOpen): self = .chatOpen(id, isOpen)
        case .peerMedia(let id, let microphone, let camera): self = .media(id, microphone: microphone, camera: camera)
        case .verification(let id, let verification): self = .verification(id, ChatVerification(verification))
        case .acquaintance(let id, let acquaintance): self = .acquaintance(id, ChatAcquaintance(acquaintance))
        case .path(let id, _, let summary, _): self = .path(id, summary)
        case .message(let text): self = .message(text)
        case .channels(let list): self = .channels(list.map(LobbyChannel.init))
        case .listUnsupported: self = .channelsUnsupported
        case .error(let text): self = .failure(text)
        case .device(let device): self = ChatEvent(device)
        case .deviceFailed(let kind, let choice, let error): self = .deviceFailed(DeviceKind(kind), id: choice, error)
        case .deviceList(let kind, let found): self = .deviceChoices(DeviceKind(kind), found.map { DeviceChoice($0) })
        case .pathTest(let finding): self = .pathTest(PathTestResult(finding))
        }
    }

    /// "host-host 192.0.2.1:5000 …" in a word.
    private static func plain(_ path: String) -> String { path.prefix { $0 != " " }.contains("relay") ? "relayed" : "direct" }
}

extension LobbyChannel {
    init(_ info: ChannelInfo) {
        self.init(name: info.name, members: info.members, names: info.names, capacity: info.capacity, isLocked: info.needsPassword)
    }
}

extension ChatVerification {
    init(_ verification: CallVerification) {
        self =
            switch verification {
            case .words(let words): .words(words)
            case .impossible(let why): .impossible(why)
            case .failed(let why): .failed(why)
            }
    }
}

extension ChatAcquaintance {
    init(_ acquaintance: CallAcquaintance) {
        self =
            switch acquaintance {
            case .unknown: .unknown
            case .firstSeen: .firstSeen
            case .known(let since, let isVerified): .known(since: since, isVerified: isVerified)
            case .changed(let since): .changed(since: since)
            }
    }
}
