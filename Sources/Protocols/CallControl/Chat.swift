import Primitives

/// Messages on the data channel `chat` (ordered, reliable): plain text, so that any peer can take part.
public enum ChatText {
    public static let channelLabel = "chat"
    public static let maximumCharacters = 2000
    public static let maximumBytes = 4096
    static let maximumLines = 40
    /// Beyond it nothing is looked at: a message may have 256 KiB.
    private static let maximumScalars = 8 * maximumBytes

    /// A message as it may be shown or sent: without controls, bidi and unassigned characters; line ends are "\n", at most 40 lines, tabs
    /// a space; no whitespace around it. What is too long is cut and ends with an ellipsis. Nil when nothing is left.
    public static func normalized(_ text: String) -> String? {
        var kept = String.UnicodeScalarView()
        var previous: Unicode.Scalar?
        var lines = 1
        var isWhole = true
        for (count, scalar) in text.unicodeScalars.enumerated() {
            guard count < maximumScalars else {
                isWhole = false
                break
            }
            defer { previous = scalar }
            switch scalar {
            case "\n" where previous == "\r": break
            case "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}":
                guard !kept.isEmpty else { break }
                lines += 1
                if lines <= maximumLines { kept.append("\n") }
            case "\t": kept.append(" ")
            case _ where CleanText.isControl(scalar): break
            default: kept.append(scalar)
            }
            guard lines <= maximumLines else {
                isWhole = false
                break
            }
        }
        let clean = CleanText.trimmed(String(kept))
        guard !clean.isEmpty else { return nil }
        let cut = CleanText.cut(clean, characters: maximumCharacters, bytes: maximumBytes)
        if isWhole, cut.utf8.count == clean.utf8.count { return clean }
        return CleanText.cut(clean, characters: maximumCharacters - 1, bytes: maximumBytes - "…".utf8.count) + "…"
    }
}

/// Chat messages from the other side, bounded in size and rate.
public struct ChatInbox: Sendable {
    /// A person's burst of lines, then more than a person types.
    static let burst = 20
    static let perSecond = 5

    /// How many came too fast and were not shown, since the beginning.
    public private(set) var excessive = 0
    private var bucket = TokenBucket(capacity: Self.burst, perSecond: Self.perSecond)

    public init() {}

    /// The message as it may be shown; nil when there is nothing to show.
    public mutating func receive(_ text: String, now: Instant) -> String? {
        guard bucket.take(now: now) else {
            excessive &+= 1
            return nil
        }
        return ChatText.normalized(text)
    }
}
