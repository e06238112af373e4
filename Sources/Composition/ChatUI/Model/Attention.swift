import CellGraphics
import Primitives

/// What a key has just done, shown for two seconds.
struct Notice: Equatable, Sendable {
    static let duration = Interval.seconds(2)

    var text: String
    var until: Instant
}

/// What calls back a person who looks elsewhere: the bell, and unread messages in the terminal's title.
public struct Attention: Equatable, Sendable {
    /// Between two bells.
    static let pause = Interval.seconds(1)

    public var ringsBell = false
    /// Messages since the person last did anything.
    public internal(set) var unread = 0
    var lastBell: Instant?

    public init() {}
}

extension ChatModel {
    /// For the terminal: who is there and where.
    public var title: String {
        guard screen == .call else { return "tchat" }
        let named = call.people.map(\.name).filter { !$0.isEmpty }
        var names = named.prefix(3).map { TerminalText.sanitize($0, maximumColumns: 20) }.joined(separator: ", ")
        if named.count > 3 { names += " +\(named.count - 3)" }
        let unread = attention.unread > 0 ? "(\(min(attention.unread, 99))) " : ""
        let parts = [names, TerminalText.sanitize(call.channel, maximumColumns: 32), "tchat"]
        return unread + parts.filter { !$0.isEmpty }.joined(separator: " · ")
    }

    /// The bell for what others did; a key that is pressed means that somebody reads.
    mutating func attract(_ event: ChatEvent, peopleBefore: Int, now: Instant) -> [ChatCommand] {
        let isWorthIt: Bool
        switch event {
        case .key, .clicked, .wheel, .action, .joining:
            attention.unread = 0
            return []
        case .chat(.some, _):
            attention.unread += 1
            isWorthIt = true
        case .memberArrived, .connecting, .connected: isWorthIt = call.people.count > peopleBefore && call.isArrival(at: now)
        case .memberLeft: isWorthIt = call.people.count < peopleBefore
        default: return []
        }
        guard isWorthIt, attention.ringsBell, screen == .call else { return [] }
        if let last = attention.lastBell, now - last < Attention.pause { return [] }
        attention.lastBell = now
        return [.bell]
    }
}
