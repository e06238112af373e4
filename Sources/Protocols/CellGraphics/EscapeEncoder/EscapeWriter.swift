/// Writes escape sequences at a pointer whose room the encoder has made sure of.
struct EscapeWriter {
    private(set) var pointer: UnsafeMutablePointer<UInt8>

    /// Each byte's digits after a semicolon, lowest byte first in the word, and how many bytes that is.
    private static let decimals: [(word: UInt32, count: Int)] = (0..<256).map { value in
        let digits = String(value).utf8
        var word = UInt32(UInt8(ascii: ";"))
        for (i, digit) in digits.enumerated() { word |= UInt32(digit) << UInt32(8 * (i + 1)) }
        return (word, digits.count + 1)
    }
    private let decimals: UnsafePointer<(word: UInt32, count: Int)>

    /// `decimals` must outlive the writer: see `withDecimals`.
    init(_ pointer: UnsafeMutablePointer<UInt8>, decimals: UnsafePointer<(word: UInt32, count: Int)>) {
        self.pointer = pointer
        self.decimals = decimals
    }

    static func withDecimals<R>(_ body: (UnsafePointer<(word: UInt32, count: Int)>) -> R?) -> R? {
        Self.decimals.withUnsafeBufferPointer { $0.baseAddress.flatMap(body) }
    }

    @inline(__always)
    mutating func byte(_ value: UInt8) {
        pointer.pointee = value
        pointer += 1
    }

    /// The low `count` bytes, lowest first; writes four.
    @inline(__always)
    mutating func word(_ value: UInt32, count: Int) {
        UnsafeMutableRawPointer(pointer).storeBytes(of: value.littleEndian, as: UInt32.self)
        pointer += count
    }

    @inline(__always)
    mutating func bytes(_ text: StaticString) {
        pointer.update(from: text.utf8Start, count: text.utf8CodeUnitCount)
        pointer += text.utf8CodeUnitCount
    }

    mutating func bytes(_ array: [UInt8]) {
        for value in array { byte(value) }
    }

    @inline(__always)
    mutating func decimal(_ value: UInt32) {
        let entry = decimals[Int(value & 255)]
        word(entry.word, count: entry.count)
    }

    mutating func number(_ value: Int) {
        if value >= 10 { number(value / 10) }
        byte(UInt8(truncatingIfNeeded: 48 + value % 10))
    }

    @inline(__always)
    mutating func semicolonRGB(_ packed: UInt32) {
        decimal(packed >> 16 & 255)
        decimal(packed >> 8 & 255)
        decimal(packed & 255)
    }

    @inline(__always)
    mutating func utf8(_ scalar: UInt32) {
        if scalar < 0x80 {
            byte(UInt8(truncatingIfNeeded: scalar))
        } else if scalar < 0x800 {
            byte(UInt8(truncatingIfNeeded: 0xc0 | scalar >> 6))
            byte(UInt8(truncatingIfNeeded: 0x80 | scalar & 63))
        } else if scalar < 0x10000 {
            let middle: UInt32 = (scalar >> 6 & 63) << 8
            let last: UInt32 = (scalar & 63) << 16
            word(0x8080e0 | scalar >> 12 | middle | last, count: 3)
        } else {
            let second: UInt32 = (scalar >> 12 & 63) << 8
            let third: UInt32 = (scalar >> 6 & 63) << 16
            let last: UInt32 = (scalar & 63) << 24
            word(0x808080f0 | scalar >> 18 | second | third | last, count: 4)
        }
    }
}
