/// Cuts what comes from standard input into lines, none of them longer than is kept.
struct InputLines {
    enum Line: Equatable {
        case whole(String)
        /// Its beginning.
        case tooLong(String)
    }

    static let longest = 4096

    private var partial: [UInt8] = []
    private var isTooLong = false

    /// Takes bytes as they come; gives the lines that are whole.
    mutating func take(_ bytes: some Collection<UInt8>) -> [Line] {
        var lines: [Line] = []
        for byte in bytes {
            if byte != UInt8(ascii: "\n") {
                if partial.count < Self.longest { partial.append(byte) } else { isTooLong = true }
                continue
            }
            let text = String(decoding: partial, as: UTF8.self)
            lines.append(isTooLong ? .tooLong(String(text.prefix(20))) : .whole(text))
            partial.removeAll(keepingCapacity: true)
            isTooLong = false
        }
        return lines
    }
}
