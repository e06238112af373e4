import Primitives

/// A microphone that is open only while a key is held. Terminals tell of presses and repeats, few of releases: so the time since the last
/// press decides.
public struct PushToTalk: Equatable, Sendable {
    /// How long it stays open after a press: longer than the pause between two repeats, and than most pauses before the first.
    public static let hold = Interval.milliseconds(600)

    /// When it closes unless the key repeats; nil: it is closed.
    public private(set) var closesAt: Instant?

    public init() {}

    /// The microphone is on because of it.
    public var isOpen: Bool { closesAt != nil }

    /// A press or a repeat. True: the microphone is to be opened.
    mutating func press(now: Instant) -> Bool {
        defer { closesAt = now + Self.hold }
        return closesAt == nil
    }

    /// The key is known to be up, or something else decides about the microphone now. True: it was open.
    mutating func end() -> Bool {
        defer { closesAt = nil }
        return closesAt != nil
    }

    /// True, once: it is time to close the microphone.
    mutating func expire(now: Instant) -> Bool {
        guard let closesAt, now >= closesAt else { return false }
        return end()
    }
}
