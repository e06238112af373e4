import Channels

extension ChannelCrypto {
    /// Digests of the right length that are quick to make, and worth nothing.
    public static let plain = ChannelCrypto(
        sha256: { digest($0, 32) }, hmacSHA256: { digest($0 + [0] + $1, 32) }, hmacSHA1: { digest($0 + [1] + $1, 20) })

    private static func digest(_ message: [UInt8], _ count: Int) -> [UInt8] {
        var state = message.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        return (0..<count).map { _ in
            state = (state ^ state >> 29) &* 0xbf58_476d_1ce4_e5b9
            return UInt8(truncatingIfNeeded: state >> 24)
        }
    }
}
