/// One `type=value` line of RFC 8866, without its line end.
struct SDPLine {
    /// The letter before `=`.
    var type: UInt8
    var value: Substring
    /// Counted from 1.
    var number: Int

    /// Splits a description at CR LF, LF or CR; empty lines are passed over.
    static func split(_ text: String) throws(SDPError) -> [SDPLine] {
        guard text.utf8.count <= SDPLimits.bytes else { throw .tooLarge }
        var lines: [SDPLine] = []
        for raw in text.utf8.split(whereSeparator: { $0 == 10 || $0 == 13 }) {
            guard lines.count < SDPLimits.lines else { throw .tooLarge }
            let number = lines.count + 1
            guard let letter = raw.first, raw.dropFirst().first == UInt8(ascii: "=") else { throw .malformedLine(number) }
            // NUL is the one byte that RFC 8866's byte-string forbids besides the line ends.
            guard !raw.contains(0) else { throw .malformedLine(number) }
            lines.append(SDPLine(type: letter, value: Substring(raw.dropFirst(2)).trimmed, number: number))
        }
        guard let first = lines.first, first.type == UInt8(ascii: "v"), first.value == "0" else { throw .notSDP }
        return lines
    }

    /// An attribute's name and value: `mid:0` is ("mid", "0"), `rtcp-mux` is ("rtcp-mux", "").
    var attribute: (name: Substring, value: Substring) { value.cut(at: UInt8(ascii: ":")) }
}

// Splitting works on UTF-8: a combining mark after a separator makes one Character of both, which `split` would miss.
extension Substring {
    /// What is before and after the first `separator`; all and nothing when there is none.
    func cut(at separator: UInt8) -> (Substring, Substring) {
        guard let i = utf8.firstIndex(of: separator) else { return (self, Substring()) }
        return (Substring(utf8[..<i]), Substring(utf8[i...].dropFirst()))
    }

    func fields(separatedBy separator: UInt8 = UInt8(ascii: " ")) -> [Substring] {
        utf8.split(separator: separator, maxSplits: SDPLimits.lines).map { Substring($0) }
    }

    /// Without blanks at either end.
    var trimmed: Substring {
        var view = utf8[...]
        while let c = view.first, c == 32 || c == 9 { view = view.dropFirst() }
        while let c = view.last, c == 32 || c == 9 { view = view.dropLast() }
        return Substring(view)
    }

    /// RFC 8866's token, and not longer than any real one.
    var isToken: Bool {
        (1...255).contains(utf8.count)
            && utf8.allSatisfy { (33...126).contains($0) && !"\"(),/:;<=>?@[\\]".utf8.contains($0) }
    }

    var asciiLowercased: String {
        String(decoding: utf8.map { (65...90).contains($0) ? $0 | 32 : $0 }, as: UTF8.self)
    }
}

extension String {
    var asciiLowercased: String { self[...].asciiLowercased }
}
