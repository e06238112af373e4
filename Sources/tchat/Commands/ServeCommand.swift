import ArgumentParser
import DatagramSocket
import Glibc
import Signaling
import Threading

struct ServeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Run a signaling server: it brings people together, the call itself goes past it.")

    @Option(help: "Address to listen at; 0.0.0.0 for everyone who can reach this machine.")
    var host = "127.0.0.1"

    @Option(help: "Port to listen at; 0 for any free one.")
    var port = 6125

    @OptionGroup var log: LogOptions

    func validate() throws {
        guard (0...65535).contains(port) else { throw ValidationError("--port must be between 0 and 65535.") }
    }

    func run() throws {
        let logger = try log.makeLogger()
        let server: SignalingServer
        do {
            server = try SignalingServer.start(host: host, port: port, log: logger)
        } catch {
            throw PlainFailure(error.description)
        }
        guard let wake = EventDescriptor() else { throw PlainFailure("There are no file descriptors left; raise the limit (ulimit -n).") }
        let signals = TerminationSignals(wake: wake)
        say("Signaling server at \(host), port \(server.port). Ctrl-C stops it.")
        for address in Self.addresses(for: host) { say("A friend types:  tchat --server http://\(address):\(server.port)") }
        while !signals.received {
            var descriptor = pollfd(fd: wake.fileDescriptor, events: Int16(POLLIN), revents: 0)
            poll(&descriptor, 1, -1)
            wake.drain()
        }
        server.stop()
    }

    /// What a friend can reach: every address of this machine when all are listened at.
    private static func addresses(for host: String) -> [String] {
        switch host {
        case "0.0.0.0", "::":
            let own = localAddresses(includingLoopback: false).filter { host == "::" || $0.isIPv4 }
            return own.map { $0.isIPv4 ? "\($0)" : "[\($0)]" }
        default: return [host.contains(":") ? "[\(host)]" : host]
        }
    }

    private func say(_ text: String) { writeFully(Array((text + "\n").utf8), to: STDOUT_FILENO) }
}
