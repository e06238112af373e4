import NIOCore
import NIOPosix
import Primitives

/// The one thread of all signaling in this process. It lives as long as the process does.
enum SignalingLoop {
    static let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    static var loop: any EventLoop { group.any() }

    /// The loop's own monotonic clock.
    static func now() -> Instant {
        Instant(microseconds: Int64(truncatingIfNeeded: NIODeadline.now().uptimeNanoseconds / 1000))
    }

    static func deadline(_ instant: Instant) -> NIODeadline {
        .uptimeNanoseconds(UInt64(max(0, instant.microseconds)).multipliedReportingOverflow(by: 1000).partialValue)
    }
}
