/// Why bytes are not the JSON text (RFC 8259) that was asked for.
public enum JSONError: Error, Equatable, Sendable {
    /// More bytes than the limits allow.
    case tooLarge
    /// Arrays and objects nested deeper than the limits allow.
    case tooDeep
    /// Not UTF-8.
    case notUTF8
    /// The text breaks the grammar at this byte offset.
    case unexpected(offset: Int)
}

/// What a text from outside may cost.
public struct JSONLimits: Sendable {
    public var maximumBytes: Int
    public var maximumDepth: Int

    public init(maximumBytes: Int = 1_000_000, maximumDepth: Int = 32) {
        self.maximumBytes = maximumBytes
        self.maximumDepth = maximumDepth
    }
}

/// Walks over JSON values without decoding them.
struct JSONScanner: ~Escapable {
    let bytes: Span<UInt8>
    private(set) var position = 0
    private var depthLeft: Int

    @_lifetime(copy bytes)
    init(_ bytes: Span<UInt8>, maximumDepth: Int = .max) {
        self.bytes = bytes
        depthLeft = maximumDepth
    }

    /// The byte at the position, nil at the end.
    var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    mutating func advance() { position += 1 }

    mutating func skipWhitespace() {
        while let byte = next, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 { position += 1 }
    }

    /// True and past it when the next byte is `byte`.
    mutating func skip(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        position += 1
        return true
    }

    mutating func skipValue() throws(JSONError) {
        switch next {
        case UInt8(ascii: "\""): try skipString()
        case UInt8(ascii: "{"): try skipContainer(closing: UInt8(ascii: "}"), keyed: true)
        case UInt8(ascii: "["): try skipContainer(closing: UInt8(ascii: "]"), keyed: false)
        case UInt8(ascii: "t"): try skipWord("true")
        case UInt8(ascii: "f"): try skipWord("false")
        case UInt8(ascii: "n"): try skipWord("null")
        default: try skipNumber()
        }
    }

    private mutating func skipContainer(closing: UInt8, keyed: Bool) throws(JSONError) {
        guard depthLeft > 0 else { throw .tooDeep }
        depthLeft -= 1
        position += 1
        skipWhitespace()
        if !skip(closing) {
            repeat {
                skipWhitespace()
                if keyed { try skipKey() }
                try skipValue()
                skipWhitespace()
            } while skip(UInt8(ascii: ","))
            guard skip(closing) else { throw .unexpected(offset: position) }
        }
        depthLeft += 1
    }

    /// The next element or member of a container that has been checked and begins at 0: the inside of its name's quotes, and its value.
    mutating func nextSlice(isKeyed: Bool) -> (name: Range<Int>, value: Range<Int>)? {
        guard position == 0 || next == UInt8(ascii: ",") else { return nil }
        advance()
        skipWhitespace()
        var name = position..<position
        if isKeyed {
            // The text has been checked as a whole, so this only fails on an empty container.
            guard (try? skipString()) != nil else { return nil }
            name = name.lowerBound + 1..<position - 1
            skipWhitespace()
            advance()
            skipWhitespace()
        }
        let start = position
        guard (try? skipValue()) != nil else { return nil }
        let value = start..<position
        skipWhitespace()
        return (name, value)
    }

    /// A member's name and its colon, up to the value.
    mutating func skipKey() throws(JSONError) {
        try skipString()
        skipWhitespace()
        guard skip(UInt8(ascii: ":")) else { throw .unexpected(offset: position) }
        skipWhitespace()
    }

    mutating func skipString() throws(JSONError) {
        guard skip(UInt8(ascii: "\"")) else { throw .unexpected(offset: position) }
        while let byte = next {
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return
            case UInt8(ascii: "\\"): try skipEscape()
            case 0..<0x20: throw .unexpected(offset: position - 1)
            default: break
            }
        }
        throw .unexpected(offset: position)
    }

    private mutating func skipEscape() throws(JSONError) {
        guard let byte = next else { throw .unexpected(offset: position) }
        position += 1
        switch byte {
        case UInt8(ascii: "u"):
            for _ in 0..<4 {
                guard let digit = next, hexadecimalValue(digit) != nil else { throw .unexpected(offset: position) }
                position += 1
            }
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"), UInt8(ascii: "n"),
            UInt8(ascii: "r"), UInt8(ascii: "t"):
            break
        default: throw .unexpected(offset: position - 1)
        }
    }

    private mutating func skipWord(_ word: StaticString) throws(JSONError) {
        let matches = word.withUTF8Buffer { letters in
            position + letters.count <= bytes.count && letters.indices.allSatisfy { bytes[position + $0] == letters[$0] }
        }
        guard matches else { throw .unexpected(offset: position) }
        position += word.utf8CodeUnitCount
    }

    private mutating func skipNumber() throws(JSONError) {
        _ = skip(UInt8(ascii: "-"))
        if !skip(UInt8(ascii: "0")) { try skipDigits() }
        if skip(UInt8(ascii: ".")) { try skipDigits() }
        if skip(UInt8(ascii: "e")) || skip(UInt8(ascii: "E")) {
            if !skip(UInt8(ascii: "+")) { _ = skip(UInt8(ascii: "-")) }
            try skipDigits()
        }
    }

    private mutating func skipDigits() throws(JSONError) {
        let start = position
        while let byte = next, (0x30...0x39).contains(byte) { position += 1 }
        guard position > start else { throw .unexpected(offset: position) }
    }
}

func hexadecimalValue(_ byte: UInt8) -> UInt32? {
    switch byte {
    case 0x30...0x39: UInt32(byte - 0x30)
    case 0x41...0x46: UInt32(byte - 0x41 + 10)
    case 0x61...0x66: UInt32(byte - 0x61 + 10)
    default: nil
    }
}
