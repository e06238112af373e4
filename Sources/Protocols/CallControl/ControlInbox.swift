import Primitives

/// What came on the control channel, bounded in size and rate.
public struct ControlInbox: Sendable {
    /// Far more than two programs have to say, a window that is being resized included.
    static let perSecond = 50

    public enum Outcome: Equatable, Sendable {
        case message(ControlMessage)
        /// Of a type that is not known here: nothing to do.
        case unknown
        /// Not what it should be: nothing to do, besides a line in the log.
        case malformed
        /// More than 50 in a second: not looked at.
        case excessive
    }

    /// How many were not taken, since the beginning.
    public private(set) var unknown = 0
    public private(set) var malformed = 0
    public private(set) var excessive = 0
    private var bucket = TokenBucket(capacity: Self.perSecond, perSecond: Self.perSecond)

    public init() {}

    /// One text message. A binary one is `malformed` to whoever counts: hand in an empty text.
    public mutating func receive(_ text: String, now: Instant) -> Outcome {
        guard bucket.take(now: now) else {
            excessive &+= 1
            return .excessive
        }
        do {
            return .message(try ControlMessage(parsing: text))
        } catch .unknownType {
            unknown &+= 1
            return .unknown
        } catch {
            malformed &+= 1
            return .malformed
        }
    }
}
