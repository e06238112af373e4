import Primitives

/// Wrong passwords within a window of time.
struct Tries: Sendable {
    private var start = Instant.zero
    private var count = 0

    /// How long to wait when `limit` is used up.
    func wait(limit: Int, window: Interval, now: Instant) -> Interval? {
        count >= limit && now - start < window ? start + window - now : nil
    }

    mutating func add(window: Interval, now: Instant) {
        if count == 0 || now - start >= window { (start, count) = (now, 0) }
        count += 1
    }
}

/// Compares passwords, and bounds how often somebody may guess.
///
/// Neither a password nor a digest that means anything outside of this process is kept.
struct PasswordGuard: Sendable {
    private let limits: ChannelLimits
    private let key: [UInt8]
    private let hmac: @Sendable ([UInt8], [UInt8]) -> [UInt8]
    private var tries: [IPAddress: Tries] = [:]
    /// Each address in `tries`, once.
    private var due = DueQueue<IPAddress>()

    init(limits: ChannelLimits, crypto: ChannelCrypto, random: inout RandomSource) {
        self.limits = limits
        key = random.bytes(32)
        hmac = crypto.hmacSHA256
    }

    func digest(_ password: String) -> [UInt8] { hmac(key, Array(password.utf8)) }

    /// Checks a password against a channel's digest, and counts it when it is wrong.
    mutating func check(
        _ password: String?, _ digest: [UInt8], _ channel: inout Tries, from address: IPAddress?, now: Instant
    ) throws(Refusal) {
        forget(now)
        guard let password else { throw Refusal(.passwordNeeded) }
        let address = address.map(Self.network)
        let ofAddress = address.flatMap { tries[$0]?.wait(limit: limits.wrongTriesPerAddress, window: limits.triesWindow, now: now) }
        let ofChannel = channel.wait(limit: limits.wrongTriesPerChannel, window: limits.triesWindow, now: now)
        if let wait = ofAddress ?? ofChannel { throw Refusal(.tooManyTries, retryAfter: max(wait, ofChannel ?? wait)) }
        guard !isEqualDigest(digest, self.digest(password)) else { return }
        channel.add(window: limits.triesWindow, now: now)
        if let address { add(address, now) }
        throw Refusal(.wrongPassword)
    }

    /// A host has all of an IPv6 /64 to itself.
    private static func network(_ address: IPAddress) -> IPAddress {
        if case .v6(let high, _) = address { .v6(high, 0) } else { address }
    }

    private mutating func add(_ address: IPAddress, _ now: Instant) {
        if tries[address] == nil {
            // With more addresses than are remembered, the limit of each channel still holds.
            if tries.count >= limits.maximumAddresses, let oldest = due.popFirst() { tries[oldest] = nil }
            due.append(address, at: now + limits.triesWindow)
        }
        tries[address, default: Tries()].add(window: limits.triesWindow, now: now)
    }

    var count: Int { tries.count }
    var nextTimeout: Instant? { due.next }

    mutating func forget(_ now: Instant) {
        while let address = due.popDue(now) { tries[address] = nil }
        if tries.isEmpty { tries = [:] }
    }
}
