import Primitives

/// Whether a join that was refused is tried again, and after how long. Pure.
///
/// A client that has been inside may be refused because of its own ghost, or because everybody comes back at once after a restart;
/// a full channel may hold a place for somebody who does not come back.
struct JoinRetry {
    static let usualDelay = Interval.seconds(2)
    static let longestDelay = Interval.seconds(60)
    static let maximumTries = 30

    private(set) var tries = 0

    mutating func reset() { tries = 0 }

    /// Nil: the channel is given up.
    mutating func delay(after failure: JoinFailure, hasBeenInside: Bool) -> Interval? {
        guard tries < Self.maximumTries, passes(failure, hasBeenInside) else { return nil }
        tries += 1
        return min(max(failure.retryAfter ?? Self.usualDelay, .milliseconds(100)), Self.longestDelay)
    }

    private func passes(_ failure: JoinFailure, _ hasBeenInside: Bool) -> Bool {
        switch failure.code {
        case "rate-limited", "stopping": true
        case "full": hasBeenInside || failure.retryAfter != nil
        case "bad-name", "malformed", "not-member", "password-needed", "wrong-password": false
        case let code?: hasBeenInside && !code.hasPrefix("token-")
        case nil: hasBeenInside
        }
    }
}
