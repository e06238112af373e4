/// What can be wrong with bytes from outside.
public enum WireError: Error, Equatable, Sendable {
    /// The bytes end before the field does.
    case truncated
    /// A field holds what its format forbids; the text names it, for a log.
    case malformed(StaticString)

    public static func == (a: WireError, b: WireError) -> Bool {
        switch (a, b) {
        case (.truncated, .truncated): true
        case (.malformed(let x), .malformed(let y)): x.description == y.description
        default: false
        }
    }
}

/// Reads big-endian fields off the front of a span, and never past its end.
public struct ByteReader: ~Escapable {
    public let bytes: Span<UInt8>
    public private(set) var offset = 0

    @_lifetime(copy bytes)
    public init(_ bytes: Span<UInt8>) { self.bytes = bytes }

    public var remaining: Int { bytes.count - offset }
    public var isAtEnd: Bool { offset == bytes.count }

    @inlinable
    public mutating func readUInt8() throws(WireError) -> UInt8 { UInt8(truncatingIfNeeded: try read(1)) }
    @inlinable
    public mutating func readUInt16() throws(WireError) -> UInt16 { UInt16(truncatingIfNeeded: try read(2)) }
    @inlinable
    public mutating func readUInt24() throws(WireError) -> UInt32 { UInt32(truncatingIfNeeded: try read(3)) }
    @inlinable
    public mutating func readUInt32() throws(WireError) -> UInt32 { UInt32(truncatingIfNeeded: try read(4)) }
    @inlinable
    public mutating func readUInt64() throws(WireError) -> UInt64 { try read(8) }

    /// The next `count` bytes as a big-endian number; `count` is 1 to 8.
    public mutating func read(_ count: Int) throws(WireError) -> UInt64 {
        guard remaining >= count else { throw .truncated }
        var value: UInt64 = 0
        for i in 0..<count { value = value << 8 | UInt64(bytes[offset + i]) }
        offset += count
        return value
    }

    /// The next `count` bytes, uncopied.
    @_lifetime(copy self)
    public mutating func readSpan(_ count: Int) throws(WireError) -> Span<UInt8> {
        guard count >= 0, remaining >= count else { throw .truncated }
        defer { offset += count }
        return bytes.extracting(offset..<offset + count)
    }

    /// The next `count` bytes, copied.
    public mutating func readBytes(_ count: Int) throws(WireError) -> [UInt8] { Array(copying: try readSpan(count)) }

    public mutating func skip(_ count: Int) throws(WireError) {
        guard count >= 0, remaining >= count else { throw .truncated }
        offset += count
    }
}

extension Array where Element == UInt8 {
    /// A span's bytes, copied once.
    public init(copying span: Span<UInt8>) {
        self = span.withUnsafeBufferPointer { Array($0) }
    }
}

extension Span where Element == UInt8 {
    /// The big-endian number at `offset`, which the caller has checked against `count`.
    @inlinable
    public func uint16(at offset: Int) -> UInt16 { UInt16(self[offset]) << 8 | UInt16(self[offset + 1]) }
    @inlinable
    public func uint32(at offset: Int) -> UInt32 { UInt32(uint16(at: offset)) << 16 | UInt32(uint16(at: offset + 2)) }
}
