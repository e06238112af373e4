import CellGraphics
import Terminal

extension CallModel {
    /// In characters.
    static let longestDraft = 500
    static let mostRecalled = 50

    /// While a line is typed every key belongs to it; Esc and Tab give the shortcuts back.
    mutating func pressInDraft(_ key: Key) -> [ChatCommand] {
        guard var draft else { return [] }
        defer { if self.draft != nil { self.draft = draft } }
        switch key {
        case .character(let scalar):
            if draft.text.unicodeScalars.count < Self.longestDraft, Self.isTypable(scalar, after: draft.text) {
                draft.text.unicodeScalars.append(scalar)
            }
        case .backspace: if !draft.text.isEmpty { draft.text.removeLast() }
        case .control("u"): draft.text = ""
        case .control("w"):
            while draft.text.last == " " { draft.text.removeLast() }
            while let last = draft.text.last, last != " " { draft.text.removeLast() }
        case .up: recall(-1, into: &draft)
        case .down: recall(1, into: &draft)
        case .escape, .tab: self.draft = nil
        case .enter:
            let text = draft.text
            self.draft = nil
            guard text.contains(where: { $0 != " " }) else { return [] }
            if sent.last != text { sent.append(text) }
            if sent.count > Self.mostRecalled { sent.removeFirst() }
            return [.say(text)]
        default: break
        }
        return []
    }

    private func recall(_ step: Int, into draft: inout Draft) {
        guard !sent.isEmpty else { return }
        let at = (draft.recalled ?? sent.count) + step
        guard at < sent.count else {
            draft = Draft()
            return
        }
        draft.recalled = max(0, at)
        draft.text = sent[max(0, at)]
    }

    /// What can be shown; a combining mark only behind what it combines with.
    static func isTypable(_ scalar: Unicode.Scalar, after text: String) -> Bool {
        let character = String(scalar)
        if scalar.properties.generalCategory == .nonspacingMark { return !text.isEmpty }
        return TerminalText.sanitize(character) == character
    }
}
