import Primitives

/// What clients may use of the server.
public struct ChannelLimits: Sendable {
    public static let capacities = 2...64

    /// Members of a channel at the most, 2 to 64; also what a channel gets whose first member asks for nothing.
    public var capacity = 8
    public var maximumChannels = 10_000
    public var maximumChannelsPerMember = 16
    /// Rows of a `channels` list.
    public var maximumListed = 200
    /// How long the place of a lost member is kept.
    public var hold = Interval.seconds(15)
    /// Wrong passwords within `triesWindow`, from one address and for one channel.
    public var wrongTriesPerAddress = 5
    public var wrongTriesPerChannel = 30
    public var triesWindow = Interval.seconds(60)
    /// Addresses whose wrong passwords are remembered.
    public var maximumAddresses = 10_000
    /// UTF-8 bytes of a channel's password.
    public var maximumPassword = 256
    /// Between two `refused` events to one socket.
    public var refusedInterval = Interval.seconds(1)

    public init() {}

    var channelCapacity: Int { min(max(capacity, Self.capacities.lowerBound), Self.capacities.upperBound) }
}

/// Who may take part, and what members are given to reach each other.
public struct ChannelAccess: Sendable {
    /// With it, a CONNECT needs a token that was signed with it.
    public var tokenSecret: [UInt8]?
    /// Shared with the TURN server (`static-auth-secret` of coturn).
    public var turnSecret: [UInt8]?
    public var turnURLs: [String] = []
    public var stunURLs: [String] = []
    /// How long a TURN credential is good for at the most, and half of it at the least.
    public var turnLifetime = Interval.seconds(12 * 3600)

    public init() {}
}

/// The cryptography that channels need, from outside.
public struct ChannelCrypto: Sendable {
    public var sha256: @Sendable (_ message: [UInt8]) -> [UInt8]
    public var hmacSHA256: @Sendable (_ key: [UInt8], _ message: [UInt8]) -> [UInt8]
    public var hmacSHA1: @Sendable (_ key: [UInt8], _ message: [UInt8]) -> [UInt8]

    public init(
        sha256: @escaping @Sendable (_ message: [UInt8]) -> [UInt8],
        hmacSHA256: @escaping @Sendable (_ key: [UInt8], _ message: [UInt8]) -> [UInt8],
        hmacSHA1: @escaping @Sendable (_ key: [UInt8], _ message: [UInt8]) -> [UInt8]
    ) {
        self.sha256 = sha256
        self.hmacSHA256 = hmacSHA256
        self.hmacSHA1 = hmacSHA1
    }
}

/// Whether two digests are the same, in a time that depends on their length alone. An empty one is like none.
func isEqualDigest(_ a: [UInt8], _ b: [UInt8]) -> Bool {
    guard a.count == b.count, !a.isEmpty else { return false }
    var difference: UInt8 = 0
    for index in a.indices { difference |= a[index] ^ b[index] }
    return difference == 0
}
