import CellGraphics

/// Which character means what in a call. Keys with Ctrl or Alt are never in it, nor those that move and edit.
public struct KeyMap: Equatable, Sendable {
    /// A sentence for a person: what is wrong with a binding, and what would be right.
    public struct Problem: Error, Equatable, CustomStringConvertible {
        public let description: String
        /// Whose binding it is; nil: nobody's.
        public let action: ChatAction?

        public init(_ description: String, action: ChatAction? = nil) {
            self.description = description
            self.action = action
        }
    }

    private var actions: [Unicode.Scalar: ChatAction]

    public static let standard = KeyMap([
        "m": .microphone, "v": .camera, "t": .chat, "w": .words, "I": .invite, "i": .statistics, "s": .snapshot, "?": .help,
        "p": .ownPicture, "r": .render, "c": .colors, "+": .brighter, "-": .darker, "]": .moreContrast, "[": .lessContrast, "f": .fit,
        "0": .showAll, " ": .pushToTalk, "q": .leave,
    ])

    init(_ actions: [Unicode.Scalar: ChatAction]) { self.actions = actions }

    /// The standard keys, except that these actions have these keys and no others.
    /// - Throws: when a key would mean two things.
    public init(binding bound: [ChatAction: [Unicode.Scalar]]) throws(Problem) {
        actions = Self.standard.actions.filter { bound[$0.value] == nil }
        for action in ChatAction.allCases {
            for key in bound[action] ?? [] {
                if let other = actions[key], other != action {
                    throw Problem(
                        "\(Self.name(of: key)) is the key for \(other.rawValue) already; "
                            + "give \(other.rawValue) another one, or \(action.rawValue).", action: action)
                }
                actions[key] = action
            }
        }
    }

    /// What is typed in Hangul, and not bound as such, counts as the Latin letter of its key.
    public subscript(scalar: Unicode.Scalar) -> ChatAction? {
        if let action = actions[scalar] { return action }
        guard let letter = HangulKey.letter(of: scalar) else { return nil }
        // Most keys type the same with Shift.
        return actions[letter] ?? HangulKey.shifted(letter).flatMap { actions[$0] }
    }

    /// The character to be named for an action, the lowest of several; nil: none is bound to it.
    public func key(for action: ChatAction) -> Unicode.Scalar? { actions.filter { $0.value == action }.keys.min() }

    /// All of an action's characters, in order.
    public func keys(for action: ChatAction) -> [Unicode.Scalar] { actions.filter { $0.value == action }.keys.sorted() }

    /// What is typed for an action where lines are: "/m", or "/microphone" when there is no key for it that can be typed so.
    func command(for action: ChatAction) -> String {
        if let key = key(for: action), key != " ", key != "/" { "/\(key)" } else { "/\(action.rawValue)" }
    }

    // MARK: - Names

    /// As a configuration writes a key: itself, or `space`.
    public static func name(of key: Unicode.Scalar) -> String { key == " " ? "space" : String(key) }

    /// - Throws: when it is no key that can be bound.
    public static func scalar(named name: String) throws(Problem) -> Unicode.Scalar {
        if name.lowercased() == "space" || name == " " { return " " }
        let shown = TerminalText.sanitize(name, maximumColumns: 20)
        guard name.unicodeScalars.count == 1, let scalar = name.unicodeScalars.first, shown == name,
            scalar.properties.generalCategory != .nonspacingMark
        else {
            throw Problem(
                "\"\(shown)\" is no key that can be bound; it takes one character, or space: no function keys, and none with Ctrl or Alt.")
        }
        guard !("1"..."9").contains(scalar) else { throw Problem("1 to 9 choose a picture and cannot be bound.") }
        return scalar
    }

    /// - Throws: when there is no such action.
    public static func action(named name: String) throws(Problem) -> ChatAction {
        guard let action = ChatAction(rawValue: name) else {
            throw Problem(
                "there is no action \(TerminalText.sanitize(name, maximumColumns: 40)). The actions are "
                    + ChatAction.allCases.map(\.rawValue).joined(separator: ", ") + ".")
        }
        return action
    }
}
