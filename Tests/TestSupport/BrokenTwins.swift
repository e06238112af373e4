/// Every shorter version of some bytes, and every version with one byte changed in a few ways: none of them may trap a parser.
public func brokenTwins(_ bytes: [UInt8], _ parse: (Span<UInt8>) -> Void) {
    for count in 0..<bytes.count {
        let short = Array(bytes[..<count])
        parse(short.span)
    }
    for index in bytes.indices {
        for mask: UInt8 in [0x01, 0x10, 0x40, 0x80, 0x7f, 0xff] {
            var changed = bytes
            changed[index] ^= mask
            parse(changed.span)
        }
    }
}
