import CellGraphics
import Primitives

public struct CallModel: Equatable, Sendable {
    public enum Phase: Equatable, Sendable {
        case joining
        /// Alone in the channel; who left, if anybody did.
        case waiting(left: String?)
        /// Somebody is there, of whom nothing is known yet.
        case expecting
        /// With `people`.
        case together
    }

    public struct Line: Equatable, Sendable {
        public var time: String
        public var text: String
        public var isTrouble: Bool
        /// Of the text chat: what a person wrote, after their name and ": ".
        public var isChat = false
        /// Who wrote it; `text` begins with it.
        public internal(set) var author = ""
        /// Theirs, as of `ChatPerson`; nil: we wrote it.
        public internal(set) var number: Int?
        /// In place of a text that would not fit into a line; nil: it is wrapped.
        var short: String?

        /// What was written, without the name.
        var body: String { isChat ? String(text.unicodeScalars.dropFirst(author.unicodeScalars.count + 2)) : text }
    }

    /// The most people that a screen keeps account of.
    static let mostPeople = 64
    static let mostLines = 200

    /// The screen's, for sentences.
    var words = Words()
    /// As the server knows it.
    public internal(set) var channel = ""
    public internal(set) var phase = Phase.joining
    /// The others, by their numbers.
    public internal(set) var people: [ChatPerson] = []
    /// Whose picture is large, by id; nil: all are as large as each other.
    public internal(set) var enlarged: String?
    public internal(set) var speaker: String?
    /// Whose words are looked at in the words pane, by id.
    public internal(set) var selected: String?
    /// Oldest first, at most 200.
    public internal(set) var lines: [Line] = []
    /// All that there have been.
    public private(set) var added = 0
    public internal(set) var statistics = ChatStatistics()
    public internal(set) var details: [ChatDetail] = []
    /// Nil: keys are shortcuts.
    public internal(set) var draft: Draft?
    /// Where it is read back in the lines; nil: at the newest.
    var log: LogPlace?
    /// Lines of others since the chat was looked at.
    public internal(set) var unread = 0
    /// A line that lies over the picture for a while, where there is no other place for it.
    var notice: Notice?
    /// What was sent before, oldest first, at most 50.
    var sent: [String] = []
    /// Whole seconds of joining or expecting, counted by the ticks.
    public internal(set) var phaseSeconds = 0
    var phaseStart = Instant.zero
    var joinedAt: Instant?
    /// Until when it says "you are muted" to someone who talks.
    var mutedTalkUntil: Instant?

    /// Somebody is there to read text.
    public var isChatOpen: Bool { people.contains { $0.isChatOpen } }
    /// More than one other: tiles with names.
    public var isGroup: Bool { people.count > 1 }
    /// For sentences.
    var title: String { TerminalText.sanitize(channel, maximumColumns: 64) }

    init(words: Words = Words()) { self.words = words }

    public func person(_ id: String) -> ChatPerson? { people.first { $0.id == id } }

    /// Whose picture is large or alone; nil: of several nobody's.
    public var foremost: ChatPerson? { isGroup ? enlarged.flatMap { person($0) } : people.first }

    /// For a sentence: a name; in a call of two "the other side" does.
    func name(of person: ChatPerson) -> String {
        if !person.name.isEmpty { return person.name }
        return isGroup ? words.callGuest(person.number) : words.callOther
    }

    func name(of id: String) -> String { person(id).map { name(of: $0) } ?? words.callOther }

    /// For the person at a tile: who it is, without the digit.
    func shortName(of person: ChatPerson) -> String { person.name.isEmpty ? words.callGuest : person.name }

    mutating func add(_ text: String, time: String, isTrouble: Bool = false) {
        let text = TerminalText.sanitize(text, maximumColumns: 500)
        append(Line(time: time, text: text, isTrouble: isTrouble))
    }

    /// A line of the chat; nil: our own, under the name that is given.
    mutating func addChat(from id: String?, as own: String, _ text: String, time: String) {
        let author = TerminalText.sanitize(id.map { name(of: $0) } ?? own, maximumColumns: 64)
        let text = TerminalText.sanitize("\(author): \(text)", maximumColumns: 2000)
        append(Line(time: time, text: text, isTrouble: false, isChat: true, author: author, number: id.map { person($0)?.number ?? 0 }))
    }

    private mutating func append(_ line: Line) {
        lines.append(line)
        added += 1
        if lines.count > Self.mostLines { lines.removeFirst(lines.count - Self.mostLines) }
    }

    mutating func enter(_ phase: Phase, now: Instant) {
        self.phase = phase
        phaseStart = now
        phaseSeconds = 0
    }
}
