import Glibc
import NIOCore

/// How the sockets of streams are set up.
enum StreamOptions {
    /// Reads of up to 64 KiB in a row, before anybody can say stop.
    static let readsAtOnce: UInt = 2

    static let all: [(ChannelOptions.Types.SocketOption, Int)] = [
        (.tcpOption(.tcp_nodelay), 1),
        // A dead path is noticed within half a minute: when nothing is sent, and when nothing is acknowledged.
        (.socketOption(.so_keepalive), 1), (.tcpOption(.init(rawValue: TCP_KEEPIDLE)), 15), (.tcpOption(.init(rawValue: TCP_KEEPINTVL)), 5),
        (.tcpOption(.init(rawValue: TCP_KEEPCNT)), 3), (.tcpOption(.init(rawValue: TCP_USER_TIMEOUT)), 30_000),
        // The system is to hold little that is not on its way: there nothing can be dropped any more.
        (.tcpOption(.init(rawValue: TCP_NOTSENT_LOWAT)), 16 << 10),
        // What a peer can have waiting here when nobody reads.
        (.socketOption(.so_rcvbuf), 256 << 10),
    ]

    /// With no descriptors left, accept would fail for ever and at once.
    static func backoff() -> AcceptBackoffHandler {
        AcceptBackoffHandler { [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains($0.errnoCode) ? .seconds(1) : nil }
    }
}
