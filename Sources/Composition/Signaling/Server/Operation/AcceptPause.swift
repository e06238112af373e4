import Glibc
import Logging
import NIOCore

/// On the listening channel: when a connection cannot be accepted for want of descriptors or memory, none is for a second.
///
/// Without it the channel stays readable and the loop spins. NIO's own AcceptBackoffHandler does not help there: it delays reads, and
/// after such an error one is still pending.
final class AcceptPause: ChannelInboundHandler {
    typealias InboundIn = Channel

    private static let time = TimeAmount.seconds(1)

    private let log: Logger
    private var isPaused = false

    init(log: Logger) { self.log = log }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let code = (error as? IOError)?.errnoCode, [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(code) else { return }
        guard !isPaused, let options = context.channel.syncOptions else { return }
        let isFull = code == EMFILE || code == ENFILE
        log.warning(
            isFull
                ? "connections wait: there are no file descriptors left; raise the limit (ulimit -n, LimitNOFILE)"
                : "connections wait: one could not be accepted", metadata: ["error": "\(String(cString: strerror(code)))"])
        isPaused = true
        try? options.setOption(.autoRead, value: false)
        context.eventLoop.assumeIsolated().scheduleTask(in: Self.time) { [weak self] in
            self?.isPaused = false
            try? options.setOption(.autoRead, value: true)
        }
    }
}
