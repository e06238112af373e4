import JSON
import Primitives

/// Writes asciicast v2 (docs.asciinema.org/manual/asciicast/v2): a line about the recording, then one line an event. Pure: bytes in,
/// bytes out.
struct Asciicast {
    /// The end of a write that is the beginning of a character.
    private var partial: [UInt8] = []

    /// The first line.
    /// - Parameter timestamp: seconds since 1970.
    static func header(columns: Int, rows: Int, timestamp: Int64, term: String) -> [UInt8] {
        line([
            "version": 2, "width": .integer(Int64(columns)), "height": .integer(Int64(rows)), "timestamp": .integer(timestamp),
            "env": ["TERM": .string(term)],
        ])
    }

    /// What the terminal was sent.
    /// - Parameter time: since the recording began.
    mutating func output(_ bytes: some Sequence<UInt8>, at time: Interval, into out: inout [UInt8]) {
        partial += bytes
        let whole = Self.wholeCharacters(partial)
        guard whole > 0 else { return }
        Self.event("o", String(decoding: partial[..<whole], as: UTF8.self), at: time, into: &out)
        partial.removeFirst(whole)
    }

    /// The terminal has another size.
    mutating func resized(columns: Int, rows: Int, at time: Interval, into out: inout [UInt8]) {
        Self.event("r", "\(columns)x\(rows)", at: time, into: &out)
    }

    private static func event(_ code: String, _ data: String, at time: Interval, into out: inout [UInt8]) {
        let milliseconds = max(0, time.wholeMilliseconds)
        JSONValue.array([.number(Double(milliseconds) / 1000), .string(code), .string(data)]).write(into: &out)
        out.append(UInt8(ascii: "\n"))
    }

    private static func line(_ value: JSONValue) -> [UInt8] { value.encoded() + [UInt8(ascii: "\n")] }

    /// How many bytes there are without a character that is not whole yet; what is no UTF-8 at all counts as whole.
    private static func wholeCharacters(_ bytes: [UInt8]) -> Int {
        for (back, byte) in bytes.suffix(3).reversed().enumerated() {
            switch byte {
            case 0x80...0xbf: continue
            case 0xc2...0xdf: return bytes.count - (back < 1 ? back + 1 : 0)
            case 0xe0...0xef: return bytes.count - (back < 2 ? back + 1 : 0)
            case 0xf0...0xf4: return bytes.count - back - 1
            default: return bytes.count
            }
        }
        return bytes.count
    }
}
