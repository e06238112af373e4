import CallSession
import ChatUI
import Glibc
import Identity
import MediaTypes
import Primitives
import Terminal
import Threading

// Devices, the path test and recent channels: what the lobby shows besides the channels.
extension ScreenLoop {
    /// Before the session starts.
    mutating func showDevices(_ now: Instant) {
        for kind in CallDeviceKind.allCases { tell(ChatEvent(session.device(kind)), now) }
        tell(.pathTest(.running), now)
        session.testPath()
    }

    /// The channels joined before at this server. Read at once: it is one small file.
    mutating func showRecents(_ now: Instant) {
        guard let recents else { return }
        let (entries, notice) = recents.read()
        tell(.recents(entries.filter { $0.server == "\(place.url)" }.map(\.channel)), now)
        if let notice { tell(.failure(notice), now) }
    }

    /// Writing waits for the disk, and for other tchats: not on this thread.
    mutating func remember(_ channel: String, _ now: Instant) {
        guard let recents else { return }
        let names = [channel] + model.lobby.recents.filter { $0 != channel }
        tell(.recents(names), now)
        let entry = RecentChannels.Entry(server: "\(place.url)", channel: channel)
        if let thread = MediaThread.start(name: "recent", { _ = recents.add(entry) }) { thread.detach() }
    }

    /// How long until the meter is looked at again, where it is seen.
    mutating func watchMicrophone(_ now: Instant) {
        guard model.screen == .lobby, model.hasMicrophone else { return }
        tell(.microphoneLevel(session.microphoneLevel), now)
    }

    mutating func performDevice(_ command: ChatCommand, _ now: Instant) {
        switch command {
        case .choose(let kind, let id):
            guard !session.setDevice(CallDeviceKind(kind), id) else { return }
            tell(.deviceFailed(kind, id: id, MediaDeviceError(.unsupported, "\(printable(id)) is no name of a device.")), now)
        case .listDevices(let kind): session.listDevices(CallDeviceKind(kind))
        case .playTone: session.playTestTone()
        default: break
        }
    }

    mutating func take(_ mouse: MouseEvent, _ now: Instant) {
        switch mouse.kind {
        case .press: tell(.clicked(column: mouse.column, row: mouse.row), now)
        case .wheelUp: tell(.wheel(up: true), now)
        case .wheelDown: tell(.wheel(up: false), now)
        case .release: break
        }
    }

    /// Where recent channels are kept; nil: nothing is to be left behind, or there is no place for it.
    static func recents(isEphemeral: Bool) -> RecentChannels? {
        guard !isEphemeral else { return nil }
        return StateFolder { name in getenv(name).map { String(cString: $0) } }.map { RecentChannels(folder: $0) }
    }
}

extension ChatEvent {
    init(_ device: CallDevice) {
        let format = device.format.map { "\($0.width)x\($0.height) \(Int($0.framesPerSecond.rounded()))" }
        self = .device(DeviceKind(device.kind), id: device.choice, name: device.name, detail: format ?? "")
    }
}

extension DeviceKind {
    init(_ kind: CallDeviceKind) {
        self =
            switch kind {
            case .camera: .camera
            case .microphone: .microphone
            case .speaker: .speaker
            }
    }
}

extension CallDeviceKind {
    init(_ kind: DeviceKind) {
        self =
            switch kind {
            case .camera: .camera
            case .microphone: .microphone
            case .speaker: .speaker
            }
    }
}

extension DeviceChoice {
    init(_ info: CallDeviceInfo) { self.init(id: info.choice, name: info.name, problem: info.problem) }
}

extension PathTestResult {
    init(_ finding: PathFinding) {
        self =
            switch finding {
            case .localOnly: .localOnly
            case .direct(let time): .direct(milliseconds: time)
            case .portsChange(let hasRelay): .portsChange(hasRelay: hasRelay)
            case .relay(let time): .relay(milliseconds: time)
            case .noAnswer(let server): .noAnswer(server: server)
            case .relayRefused(let server, let why): .relayRefused(server: server, why: why)
            case .unknownName(let host): .unknownName(host: host)
            case .noNetwork: .noNetwork
            case .untried: .untried
            }
    }
}
