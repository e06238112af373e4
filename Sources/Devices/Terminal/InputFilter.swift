import Primitives

/// Cuts what a terminal sends into keys and answers, so that no part of an answer, however late or torn, becomes a key.
///
/// An escape that nothing follows within 25 ms is the Esc key, within 200 ms while an answer is to come, which may be torn there; an answer
/// that is not finished in a second is dropped.
struct InputFilter {
    enum Token: Equatable {
        /// Whole UTF-8 characters and controls.
        case text([UInt8])
        case escape
        /// CSI or SS3, without a private marker: a key's.
        case sequence([UInt8])
        case alt([UInt8])
        /// CSI with a private marker, or of a kind that no key has; or a control string with its terminator cut off.
        case answer([UInt8])
        /// SGR mouse report, whole; or X10's (`CSI M` and three bytes), which terminals without mode 1006 send.
        case mouse([UInt8])
        /// What stood between the brackets of a paste.
        case paste([UInt8])
    }

    static let escapeDelay = Interval.milliseconds(25)
    /// For what may be the first one or two bytes of a longer sequence.
    static let tornDelay = Interval.milliseconds(200)
    static let answerPatience = Interval.seconds(1)
    /// For the rest of a paste: what comes later would be taken for keys.
    static let pastePatience = Interval.seconds(3)
    /// In bytes; what is longer is cut.
    static let longestPaste = 8192
    private static let longestAnswer = 4096
    private static let pasteStart = Array("\u{1b}[200~".utf8)
    private static let pasteEnd = Array("\u{1b}[201~".utf8)
    private var pending: [UInt8] = []
    private var lastByte = Instant.zero
    private var answersDue = Instant.zero
    /// Within a control string too long to keep: until its end.
    private var isSkipping = false
    /// Within a paste: what has come of it.
    private var pasted: [UInt8]?

    /// When `expire` has something to do.
    var deadline: Instant? {
        if pasted != nil { return lastByte + Self.pastePatience }
        guard !pending.isEmpty || isSkipping else { return nil }
        return lastByte + (isSkipping || isAnswerBegun ? Self.answerPatience : isPerhapsTorn ? Self.tornDelay : Self.escapeDelay)
    }

    /// Something has been asked that is answered by then, if at all.
    mutating func expectAnswers(until time: Instant) { answersDue = max(answersDue, time) }

    /// All that was asked has been answered.
    mutating func expectNoAnswers() { answersDue = .zero }

    mutating func feed(_ bytes: some Sequence<UInt8>, now: Instant) -> [Token] {
        pending += bytes
        lastByte = now
        return cut()
    }

    mutating func expire(now: Instant) -> [Token] {
        guard let deadline, now >= deadline else { return [] }
        defer { isSkipping = false }
        if let text = pasted {
            pasted = nil
            pending = []
            return [.paste(text)]
        }
        guard !isSkipping, !isAnswerBegun, pending.first == 0x1b else {
            pending = []
            return []
        }
        let rest = Array(pending.dropFirst())
        pending = []
        return rest.isEmpty ? [.escape] : [.alt(rest)]
    }

    /// More than an Alt key could have sent: a string's body, or a private marker.
    private var isAnswerBegun: Bool {
        guard pending.count > 2, pending[0] == 0x1b else { return false }
        return Self.opensString(pending[1]) || pending[1] == UInt8(ascii: "[")
    }

    /// The first bytes of what may be a longer sequence. No Alt key is a shortcut, so that Alt-[ may wait in any case.
    private var isPerhapsTorn: Bool {
        guard pending.first == 0x1b, pending.count <= 2 else { return false }
        if pending.count == 2, pending[1] == UInt8(ascii: "[") { return true }
        return lastByte < answersDue && (pending.count == 1 || Self.opensString(pending[1]))
    }

    private static func opensString(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "P") || byte == UInt8(ascii: "]") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "^")
            || byte == UInt8(ascii: "X")
    }

    private mutating func cut() -> [Token] {
        var tokens: [Token] = []
        var text: [UInt8] = []
        var index = 0
        if isSkipping { index = skip() }
        while index < pending.count {
            if pasted != nil {
                guard let whole = paste(from: &index) else { break }
                tokens.append(.paste(whole))
                continue
            }
            guard pending[index] == 0x1b else {
                let length = Self.characterLength(pending[index])
                guard index + length <= pending.count else { break }
                text += pending[index..<index + length]
                index += length
                continue
            }
            guard let (token, length) = sequence(at: index) else { break }
            if !text.isEmpty { tokens.append(.text(text)) }
            text = []
            index += length
            if token == .sequence(Self.pasteStart) { pasted = [] } else { tokens.append(token) }
        }
        if !text.isEmpty { tokens.append(.text(text)) }
        pending.removeFirst(index)
        if pending.count > Self.longestAnswer {
            pending = pending.last == 0x1b ? [0x1b] : []
            isSkipping = true
        }
        return tokens
    }

    /// Takes what there is of a paste; gives it when its end has come.
    private mutating func paste(from index: inout Int) -> [UInt8]? {
        let rest = pending[index...]
        var end = rest.endIndex
        var isWhole = false
        if let found = rest.indices.first(where: { rest[$0...].starts(with: Self.pasteEnd) }) {
            (end, isWhole) = (found, true)
        } else if let escape = rest.lastIndex(of: 0x1b), Self.pasteEnd.starts(with: rest[escape...]) {
            end = escape  // perhaps the beginning of the end
        }
        let text = (pasted ?? []) + pending[index..<end]
        pasted = Array(text.prefix(Self.longestPaste))
        index = end
        guard isWhole else { return nil }
        index += Self.pasteEnd.count
        defer { pasted = nil }
        return pasted
    }

    /// How much belongs to the string being skipped.
    private mutating func skip() -> Int {
        for index in pending.indices {
            let ends = pending[index] == 7 || (pending[index] == UInt8(ascii: "\\") && index > 0 && pending[index - 1] == 0x1b)
            guard ends else { continue }
            isSkipping = false
            return index + 1
        }
        let keepsEscape = pending.last == 0x1b
        return pending.count - (keepsEscape ? 1 : 0)
    }

    /// Nil: not whole yet.
    private func sequence(at start: Int) -> (Token, Int)? {
        guard start + 1 < pending.count else { return nil }
        let second = pending[start + 1]
        if second == UInt8(ascii: "[") { return controlSequence(at: start) }
        if second == UInt8(ascii: "O") {
            guard start + 2 < pending.count else { return nil }
            return (.sequence(Array(pending[start...start + 2])), 3)
        }
        if Self.opensString(second) { return controlString(at: start) }
        if second == 0x1b { return (.escape, 1) }
        let length = Self.characterLength(second)
        guard start + 1 + length <= pending.count else { return nil }
        return (.alt(Array(pending[(start + 1)..<start + 1 + length])), 1 + length)
    }

    private func controlSequence(at start: Int) -> (Token, Int)? {
        for index in (start + 2)..<max(start + 2, pending.count) {
            let byte = pending[index]
            if byte == 0x1b { return (.alt([pending[start + 1]]), 2) }
            if byte == UInt8(ascii: "$"), isKeyNumber(pending[(start + 2)..<index]) {
                // As rxvt ends a key with Shift held; in answers a number of their own kind stands before it.
                return (.sequence(Array(pending[start...index])), index + 1 - start)
            }
            guard (0x40...0x7e).contains(byte) else { continue }
            if index == start + 2, byte == UInt8(ascii: "[") { return extended(at: start, by: 1) { .sequence($0) } }
            if index == start + 2, byte == UInt8(ascii: "M") { return extended(at: start, by: 3) { .mouse($0) } }
            let whole = Array(pending[start...index])
            return (Self.control(whole), whole.count)
        }
        return nil
    }

    /// What has a few bytes after what looks like its end: the Linux console's F1 to F5 (`CSI [ A`), X10's mouse reports. Nil: not whole yet.
    ///
    /// A new escape ends it: it was something else, which nobody knows.
    private func extended(at start: Int, by count: Int, _ token: ([UInt8]) -> Token) -> (Token, Int)? {
        let rest = pending[(start + 3)...].prefix(count)
        if let escape = rest.firstIndex(of: 0x1b) { return (.answer(Array(pending[start..<escape])), escape - start) }
        guard rest.count == count else { return nil }
        return (token(Array(pending[start..<start + 3 + count])), 3 + count)
    }

    private func isKeyNumber(_ bytes: ArraySlice<UInt8>) -> Bool {
        (1...2).contains(bytes.count) && bytes.allSatisfy { (0x30...0x39).contains($0) }
    }

    private static func control(_ whole: [UInt8]) -> Token {
        let final = whole.last
        if whole.count > 2, (0x3c...0x3f).contains(whole[2]) {
            let isMouse = whole[2] == UInt8(ascii: "<") && (final == UInt8(ascii: "M") || final == UInt8(ascii: "m"))
            return isMouse ? .mouse(whole) : .answer(whole)
        }
        // Status reports, window reports: no key ends like that.
        if final == UInt8(ascii: "n") || final == UInt8(ascii: "t") || final == UInt8(ascii: "y") { return .answer(whole) }
        return .sequence(whole)
    }

    private func controlString(at start: Int) -> (Token, Int)? {
        for index in (start + 2)..<max(start + 2, pending.count) {
            if pending[index] == 7 { return (.answer(Array(pending[start..<index])), index + 1 - start) }
            if pending[index] == UInt8(ascii: "\\"), pending[index - 1] == 0x1b, index > start + 2 {
                return (.answer(Array(pending[start..<index - 1])), index + 1 - start)
            }
        }
        return nil
    }

    private static func characterLength(_ first: UInt8) -> Int {
        first < 0xc2 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 1
    }
}
