import Primitives

/// What is to be told on the control channel about this side's state: the latest wins, so that a window being dragged does not become a
/// flood that the other side's inbox refuses.
public struct ControlOutbox: Sendable {
    /// Between two messages of one kind.
    static let spacing = Interval.milliseconds(100)

    private struct Slot: Sendable {
        var told: ControlMessage?
        var wanted: ControlMessage?
        var earliest = Instant.zero

        var isPending: Bool { wanted != nil && wanted != told }
    }

    private var media = Slot()
    private var screen = Slot()

    public init() {}

    /// Takes `media` and `screen`; what is sent as an event of its own does not go through here.
    public mutating func set(_ message: ControlMessage) {
        switch message {
        case .media: media.wanted = message
        case .screen: screen.wanted = message
        default: break
        }
    }

    /// When `poll` has something again; nil: after the next `set`.
    public var nextTimeout: Instant? { [media, screen].filter(\.isPending).map(\.earliest).min() }

    public mutating func poll(now: Instant) -> ControlMessage? {
        Self.take(&media, now) ?? Self.take(&screen, now)
    }

    private static func take(_ slot: inout Slot, _ now: Instant) -> ControlMessage? {
        guard slot.isPending, now >= slot.earliest else { return nil }
        slot.told = slot.wanted
        slot.earliest = now + spacing
        return slot.told
    }
}
