import MediaTypes
import Primitives

public enum DeviceKind: String, Sendable, CaseIterable { case camera, microphone, speaker }

/// Something that can be chosen as camera, microphone or speaker.
public struct DeviceChoice: Equatable, Sendable {
    /// As the options name it: "/dev/video0", "test", "none".
    public var id: String
    /// Text from outside; empty for "test" and "none".
    public var name: String
    /// Why it cannot be used, as far as is known.
    public var problem: MediaDeviceError?

    public init(id: String, name: String, problem: MediaDeviceError? = nil) {
        self.id = id
        self.name = name
        self.problem = problem
    }
}

/// What a test of the way to the STUN and TURN servers has found.
public enum PathTestResult: Equatable, Sendable {
    case running
    /// No server is set.
    case localOnly
    /// STUN answers, so fast.
    case direct(milliseconds: Int)
    /// The router gives each connection another port.
    case portsChange(hasRelay: Bool)
    case relay(milliseconds: Int)
    case noAnswer(server: String)
    case relayRefused(server: String, why: String)
    case unknownName(host: String)
    case noNetwork
    /// Relays that only a call tries.
    case untried
}

/// What is used for one purpose, and what could be.
public struct DeviceRow: Equatable, Sendable {
    static let mostChoices = 64

    public internal(set) var id = ""
    /// Nil: nothing is used.
    public internal(set) var name: String?
    /// "640x480 30"; empty where it has none.
    public internal(set) var detail = ""
    public internal(set) var choices: [DeviceChoice] = []
    /// Chosen, and not there yet.
    public internal(set) var pending: String?
    /// Why the last choice is not used, or what was used is no more.
    public internal(set) var problem: MediaDeviceError?

    /// The next one of the list, round and round; nil: there is nothing else.
    func next(_ step: Int) -> DeviceChoice? {
        guard !choices.isEmpty else { return nil }
        let now = choices.firstIndex { $0.id == pending ?? id }
        let next = ((now ?? (step > 0 ? -1 : choices.count)) + step + choices.count) % choices.count
        return next == now ? nil : choices[next]
    }

    mutating func take(_ list: [DeviceChoice]) { choices = Array(list.prefix(Self.mostChoices)) }

    mutating func failed(_ id: String, _ error: MediaDeviceError) {
        if pending == id { pending = nil }
        problem = error
        for index in choices.indices where choices[index].id == id { choices[index].problem = error }
    }

    mutating func uses(id: String, name: String?, detail: String) {
        // Of an order before the one that is awaited.
        if pending == id { pending = nil }
        (self.id, self.name, self.detail) = (id, name, detail)
        guard name != nil else { return }
        for index in choices.indices where choices[index].id == id { choices[index].problem = nil }
    }
}

/// What the microphone hears, as the lobby shows it.
public struct MicrophoneMeter: Equatable, Sendable {
    static let hold = Interval.milliseconds(1500)
    static let patience = Interval.seconds(5)
    /// Of 0...1: -59 dB.
    static let silence = 0.02

    /// In eighths.
    public internal(set) var peak = 0
    /// Nothing has been heard for so long that the device may be the wrong one.
    public internal(set) var isSilent = false
    var peakUntil = Instant.zero
    var quietSince: Instant?

    /// - Parameter eighths: the same, as it is shown.
    mutating func hear(_ level: Double, eighths: Int, now: Instant) {
        if eighths >= peak || now >= peakUntil { (peak, peakUntil) = (eighths, now + Self.hold) }
        if level >= Self.silence {
            (quietSince, isSilent) = (nil, false)
        } else {
            quietSince = quietSince ?? now
            if let quietSince { isSilent = now - quietSince >= Self.patience }
        }
    }

    public static func == (a: MicrophoneMeter, b: MicrophoneMeter) -> Bool { a.peak == b.peak && a.isSilent == b.isSilent }
}
