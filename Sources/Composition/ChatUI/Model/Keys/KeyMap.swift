import Terminal

/// Which character means what in a call. Keys with Ctrl or Alt are never in it, nor those that move and edit.
public struct KeyMap: Equatable, Sendable {
    private var actions: [Unicode.Scalar: ChatAction]

    public static let standard = KeyMap([
        "m": .microphone, "v": .camera, "t": .chat, "w": .words, "I": .invite, "i": .statistics, "s": .snapshot, "?": .help,
        "p": .ownPicture, "r": .render, "c": .colors, "+": .brighter, "-": .darker, "f": .fit, "0": .showAll, " ": .pushToTalk,
        "q": .leave,
    ])

    init(_ actions: [Unicode.Scalar: ChatAction]) { self.actions = actions }

    public subscript(scalar: Unicode.Scalar) -> ChatAction? { actions[scalar] }

    /// The character to be named for an action, the lowest of several; nil: none is bound to it.
    public func key(for action: ChatAction) -> Unicode.Scalar? { actions.filter { $0.value == action }.keys.min() }
}
