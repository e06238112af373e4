extension Array where Element == UInt8 {
    /// Appends the low `count` bytes of a number, most significant first.
    public mutating func append(bigEndian value: UInt64, count: Int) {
        for i in stride(from: (count - 1) * 8, through: 0, by: -8) { append(UInt8(truncatingIfNeeded: value >> UInt64(i))) }
    }
    public mutating func append(uint16 value: UInt16) {
        append(UInt8(truncatingIfNeeded: value >> 8))
        append(UInt8(truncatingIfNeeded: value))
    }
    public mutating func append(uint24 value: UInt32) { append(bigEndian: UInt64(value), count: 3) }
    public mutating func append(uint32 value: UInt32) {
        append(uint16: UInt16(truncatingIfNeeded: value >> 16))
        append(uint16: UInt16(truncatingIfNeeded: value))
    }
    public mutating func append(uint64 value: UInt64) { append(bigEndian: value, count: 8) }
    public mutating func append(span: Span<UInt8>) {
        span.withUnsafeBufferPointer { append(contentsOf: $0) }
    }
    /// Overwrites two bytes that are there already, such as a length known only afterwards.
    public mutating func set(uint16 value: UInt16, at offset: Int) {
        self[offset] = UInt8(truncatingIfNeeded: value >> 8)
        self[offset + 1] = UInt8(truncatingIfNeeded: value)
    }
    public mutating func set(uint32 value: UInt32, at offset: Int) {
        set(uint16: UInt16(truncatingIfNeeded: value >> 16), at: offset)
        set(uint16: UInt16(truncatingIfNeeded: value), at: offset + 2)
    }
}
