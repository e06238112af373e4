import CellGraphics
import Terminal

extension CallModel {
    /// The line that is being typed for the chat: always as it can be shown, with a place among its characters.
    public struct Draft: Equatable, Sendable {
        public internal(set) var text = "" {
            didSet { cursor = clusters.count }
        }
        /// Between characters as a person sees them; 0: before the first.
        public internal(set) var cursor = 0
        /// Which of the lines sent before is shown in its place, and what was typed until then.
        var recalled: Int?
        var kept = ""

        init(_ text: String = "") {
            self.text = text
            cursor = clusters.count
        }

        var clusters: [TextCluster] { TerminalText.clusters(text) }

        /// Takes what can be shown, as far as there is room; line ends become spaces.
        mutating func insert(_ added: some Sequence<Unicode.Scalar>) {
            let all = clusters
            let (left, right) = (all[..<cursor], all[cursor...])
            var typed = TerminalText.string(of: left).unicodeScalars
            let room = CallModel.longestDraft - text.unicodeScalars.count
            typed.append(contentsOf: added.lazy.compactMap(CallModel.shownInALine).prefix(max(0, room)))
            // A mark or a Hangul vowel joins what stands before it.
            let joined = TerminalText.clusters(String(typed))
            text = TerminalText.string(of: joined + right)
            cursor = min(joined.count, cursor)
        }

        private mutating func remove(_ range: Range<Int>) {
            var all = clusters
            all.removeSubrange(range)
            text = TerminalText.string(of: all)
            cursor = min(range.lowerBound, cursor)
        }

        /// False: the key edits nothing.
        mutating func edit(_ key: Key) -> Bool {
            let count = clusters.count
            switch key {
            case .character(let scalar): insert(CollectionOfOne(scalar))
            case .backspace: if cursor > 0 { remove(cursor - 1..<cursor) }
            case .delete, .control("d"): if cursor < count { remove(cursor..<cursor + 1) }
            case .control("u"): remove(0..<cursor)
            case .control("k"): remove(cursor..<count)
            case .control("w"):
                let all = clusters
                var start = cursor
                while start > 0, all[start - 1].base == " " { start -= 1 }
                while start > 0, all[start - 1].base != " " { start -= 1 }
                remove(start..<cursor)
            case .left, .control("b"): cursor = max(0, cursor - 1)
            case .right, .control("f"): cursor = min(count, cursor + 1)
            case .home, .control("a"): cursor = 0
            case .end, .control("e"): cursor = count
            default: return false
            }
            return true
        }
    }

    /// In characters.
    static let longestDraft = 500
    static let mostRecalled = 50

    /// While a line is typed every key belongs to it. Enter sends it, and the next one can be typed; Esc and Tab, and Enter on an empty
    /// line, give the shortcuts back. What nobody is there to read stays.
    mutating func pressInDraft(_ key: Key, time: String) -> [ChatCommand] {
        guard var draft else { return [] }
        defer { if self.draft != nil { self.draft = draft } }
        guard !draft.edit(key) else { return [] }
        switch key {
        case .up: recall(-1, into: &draft)
        case .down: recall(1, into: &draft)
        case .escape, .tab:
            self.draft = nil
            log = nil
        case .enter:
            let text = draft.text
            guard text.contains(where: { $0 != " " }) else {
                self.draft = nil
                log = nil
                return []
            }
            guard isChatOpen else {
                add(words.nobodyReads, time: time)
                return []
            }
            draft = Draft()
            log = nil
            if sent.last != text { sent.append(text) }
            if sent.count > Self.mostRecalled { sent.removeFirst() }
            return [.say(text)]
        default: break
        }
        return []
    }

    private func recall(_ step: Int, into draft: inout Draft) {
        guard !sent.isEmpty else { return }
        let kept = draft.recalled == nil ? draft.text : draft.kept
        let at = (draft.recalled ?? sent.count) + step
        guard at < sent.count else {
            draft = Draft(kept)
            return
        }
        draft.recalled = max(0, at)
        draft.kept = kept
        draft.text = sent[max(0, at)]
    }

    /// What can be shown; a combining mark only behind what it combines with.
    static func isTypable(_ scalar: Unicode.Scalar, after text: String) -> Bool {
        let character = String(scalar)
        if scalar.properties.generalCategory == .nonspacingMark { return !text.isEmpty }
        return TerminalText.sanitize(character) == character
    }

    /// What a line of text takes of what is typed or pasted; what has no width of its own is left to TerminalText.
    static func shownInALine(_ scalar: Unicode.Scalar) -> Unicode.Scalar? {
        switch scalar {
        case "\n", "\r", "\t": return " "
        default: break
        }
        switch scalar.properties.generalCategory {
        case .control, .privateUse, .unassigned, .surrogate: return nil
        default: return scalar
        }
    }
}

extension ChatModel {
    /// Into whatever line is being typed, and nowhere else: in a call without one, letters would be shortcuts.
    mutating func paste(_ pasted: String) {
        // Line ends at the end come along with copying.
        var scalars = Array(pasted.unicodeScalars.prefix(4 * CallModel.longestDraft))
        while let last = scalars.last, last == "\n" || last == "\r" { scalars.removeLast() }
        switch screen {
        case .call:
            // A line end of two characters is one space.
            let one = scalars.indices.lazy.filter { !(scalars[$0] == "\n" && $0 > 0 && scalars[$0 - 1] == "\r") }
            call.draft?.insert(one.map { scalars[$0] })
        case .lobby:
            let line = scalars.prefix { $0 != "\n" && $0 != "\r" }
            if lobby.prompt != nil {
                for scalar in line { _ = lobby.prompt?.press(.character(scalar)) }
            } else if lobby.focus == .channels {
                // Composed: macOS copies Hangul in pieces.
                let shown = TerminalText.clusters(String(String.UnicodeScalarView(line.compactMap(CallModel.shownInALine))))
                for scalar in TerminalText.string(of: shown).unicodeScalars.prefix(LobbyModel.longestName) { lobby.type(scalar) }
            }
        }
    }
}
