import CallControl
import Primitives
import SCTP

/// What is said to one other person's program over data channels: text on `chat`, and among tchats mute state, the terminal's size and
/// the verification on `control`.
///
/// Pure: channel events and a time in, messages and news out. Whoever made the offer opens both channels; the other side does so itself
/// when none has come after a while, as a browser's page may open one of them or neither.
struct PeerTalk: Sendable {
    struct Settings: Sendable {
        var name: String
        var isEphemeral: Bool
        var isOfferer: Bool
        var isDTLSClient: Bool
        /// SHA-256, 32 bytes each.
        var localFingerprint: [UInt8]
        var remoteFingerprint: [UInt8]
        var sha256: SHA256
    }

    enum Output: Equatable, Sendable {
        case open(DataChannelOptions)
        case send(String, on: DataChannelID)
        case chatOpen(Bool)
        case chat(String)
        case hello(name: String, isEphemeral: Bool)
        case media(microphone: Bool, camera: Bool)
        case screen(ControlMessage.ReceiverScreen)
        case verification(CallVerification)
    }

    /// How long the answering side waits for the other's channels.
    static let openPatience = Interval.seconds(2)
    /// A tchat says hello at once; who has not by then is another program.
    static let helloPatience = Interval.seconds(5)
    private static let mostOutputs = 64

    private let settings: Settings
    private var exchange: VerificationExchange
    private var chatInbox = ChatInbox()
    private var controlInbox = ControlInbox()
    private var outbox = ControlOutbox()
    private var chat: DataChannelID?
    private var control: DataChannelID?
    /// Every channel of these labels is listened to; what is sent takes the first.
    private var labels: [DataChannelID: String] = [:]
    private var opened: Set<String> = []
    private var openDue: Instant?
    private var helloDue: Instant?
    private var hasHello = false
    private var verdict: CallVerification?
    private var outputs: [Output] = []

    /// - Parameter hasDataChannels: whether the other side takes any.
    init(settings: Settings, hasDataChannels: Bool, random: RandomSource, now: Instant) {
        self.settings = settings
        exchange = VerificationExchange(
            localFingerprint: settings.localFingerprint, remoteFingerprint: settings.remoteFingerprint,
            isDTLSClient: settings.isDTLSClient, random: random, sha256: settings.sha256)
        guard hasDataChannels else {
            conclude(.impossible("the other side has no data channels"))
            return
        }
        helloDue = now + Self.helloPatience
        if settings.isOfferer { openMissing() } else { openDue = now + Self.openPatience }
    }

    // MARK: - What this side has to say

    mutating func say(_ text: String) -> Bool {
        guard let chat, let text = ChatText.normalized(text) else { return false }
        outputs.append(.send(text, on: chat))
        return true
    }

    mutating func setMedia(microphone: Bool, camera: Bool) { outbox.set(.media(microphone: microphone, camera: camera)) }

    mutating func setScreen(_ screen: ControlMessage.ReceiverScreen) { outbox.set(.screen(screen)) }

    // MARK: - What happens

    mutating func handle(_ event: DataChannelEvent, now: Instant) {
        switch event {
        case .opened(let id, let options, _): open(id, options.label, now: now)
        case .message(let id, .text(let text)): receive(text, on: id, now: now)
        case .message(let id, .binary):
            if labels[id] == ControlMessage.channelLabel { _ = controlInbox.receive("", now: now) }
        case .closed(let id): close(id)
        case .failed: for id in Array(labels.keys) { close(id) }
        case .bufferedAmountLow, .associationUp: break
        }
    }

    private mutating func open(_ id: DataChannelID, _ label: String, now: Instant) {
        // A peer could open channels without end.
        guard labels.count < 16 else { return }
        switch label {
        case ChatText.channelLabel:
            opened.insert(label)
            labels[id] = label
            if chat == nil {
                chat = id
                outputs.append(.chatOpen(true))
            }
        case ControlMessage.channelLabel:
            opened.insert(label)
            labels[id] = label
            guard control == nil else { return }
            control = id
            var features: [String] = [ControlMessage.Hello.Feature.words]
            if settings.isEphemeral { features.append(ControlMessage.Hello.Feature.ephemeral) }
            send(.hello(ControlMessage.Hello(program: "tchat", features: features, name: settings.name)))
            flush(now: now)
        default: break
        }
    }

    private mutating func close(_ id: DataChannelID) {
        guard let label = labels.removeValue(forKey: id) else { return }
        let next = labels.filter { $0.value == label }.keys.min()
        if id == chat {
            chat = next
            if chat == nil { outputs.append(.chatOpen(false)) }
        }
        if id == control { control = next }
    }

    private mutating func receive(_ text: String, on id: DataChannelID, now: Instant) {
        switch labels[id] {
        case ChatText.channelLabel: if let text = chatInbox.receive(text, now: now) { tell(.chat(text)) }
        case ControlMessage.channelLabel:
            guard case .message(let message) = controlInbox.receive(text, now: now) else { return }
            receive(message, now: now)
        default: break
        }
    }

    private mutating func receive(_ message: ControlMessage, now: Instant) {
        switch message {
        case .hello(let hello):
            guard !hasHello else { return }
            hasHello = true
            helloDue = nil
            tell(.hello(name: hello.name, isEphemeral: hello.features.contains(ControlMessage.Hello.Feature.ephemeral)))
            guard hello.features.contains(ControlMessage.Hello.Feature.words) else {
                return conclude(.impossible("the other side's program is too old"))
            }
            exchange.start(now: now)
        case .media(let microphone, let camera): tell(.media(microphone: microphone, camera: camera))
        case .screen(let screen): tell(.screen(screen))
        case .commit, .reveal: exchange.handle(message, now: now)
        }
        flush(now: now)
    }

    mutating func handleTimeout(now: Instant) {
        if let due = openDue, now >= due {
            openDue = nil
            openMissing()
        }
        if let due = helloDue, now >= due {
            helloDue = nil
            conclude(.impossible("the other side is not tchat"))
        }
        exchange.handleTimeout(now: now)
        flush(now: now)
    }

    var nextTimeout: Instant? {
        let own = earliest(earliest(openDue, helloDue), exchange.nextTimeout)
        return control == nil ? own : earliest(own, outbox.nextTimeout)
    }

    mutating func poll() -> Output? { outputs.isEmpty ? nil : outputs.removeFirst() }

    private mutating func openMissing() {
        for (label, name) in [(ControlMessage.channelLabel, ControlMessage.channelProtocol), (ChatText.channelLabel, "")]
        where !opened.contains(label) {
            opened.insert(label)
            outputs.append(.open(DataChannelOptions(label: label, protocolName: name)))
        }
    }

    /// What the exchange and the outbox have to say, as far as there is a channel.
    private mutating func flush(now: Instant) {
        while let output = exchange.poll() {
            switch output {
            case .send(let message): send(message)
            case .words(let words): conclude(.words(words))
            // A network that stood still is no attack.
            case .failed(.noAnswer): conclude(.impossible("\(VerificationExchange.Failure.noAnswer)"))
            case .failed(let failure): conclude(.failed("\(failure)"))
            }
        }
        guard control != nil else { return }
        while let message = outbox.poll(now: now) { send(message) }
    }

    private mutating func send(_ message: ControlMessage) {
        guard let control else { return }
        outputs.append(.send(message.encoded(), on: control))
    }

    /// A failure stands, whatever is said later.
    private mutating func conclude(_ new: CallVerification) {
        if case .failed = verdict { return }
        guard verdict != new else { return }
        verdict = new
        outputs.append(.verification(new))
    }

    /// News beyond what anybody takes in are dropped.
    private mutating func tell(_ output: Output) {
        if outputs.count < Self.mostOutputs { outputs.append(output) }
    }
}
