import ArgumentParser
import DatagramSocket
import Glibc
import Logging
import Signaling
import Threading

struct ServeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Run a signaling server: it brings people together, the call itself goes past it.",
        discussion: """
            SIGHUP reads the certificate and its key again. SIGTERM and Ctrl-C tell every client, then stop. All options can also stand in \
            a file, see --config; what is typed wins over the environment (TCHAT_PORT and so on), and that over the file.
            """)

    @Option(help: ArgumentHelp("Take options from this TOML file: port = 6125 for --port 6125.", valueName: "file"))
    var config: String?

    @OptionGroup var options: ServeOptions

    func run() throws {
        let options = if let config { self.options.over(try ConfigFile.serve.read(config).options) } else { self.options }
        var plan = try ServePlan(options)
        let logger = try makeLogger(
            path: options.logFile, level: options.logLevel ?? .info, format: options.logFormat ?? .text, allowsStandardError: true)
        let descriptors = DescriptorLimit.raise()
        if descriptors < plan.configuration.limits.connections {
            plan.warnings.append(
                "This process may have \(descriptors) file descriptors open, fewer than connections (\(plan.configuration.limits.connections)); "
                    + "beyond that, connections wait. Raise the limit (ulimit -n, or LimitNOFILE of a unit).")
        }
        guard let wake = EventDescriptor() else { throw PlainFailure("There are no file descriptors left; raise the limit (ulimit -n).") }
        let signals = TerminationSignals(wake: wake, endsOnHangUp: false)
        let server: SignalingServer
        do {
            server = try SignalingServer.start(plan.configuration, log: logger)
        } catch {
            throw PlainFailure(error.description)
        }
        for line in plan.announcement(port: server.port, hosts: Self.hosts(for: plan.configuration.host, of: server)) { say(line) }
        for warning in plan.warnings + [server.notice].compactMap({ $0 }) {
            complain(warning)
            logger.warning("\(warning)")
        }
        while !signals.received {
            var descriptor = pollfd(fd: wake.fileDescriptor, events: Int16(POLLIN), revents: 0)
            poll(&descriptor, 1, -1)
            wake.drain()
            if signals.takeHangUp() { reload(server) }
        }
        server.stop()
    }

    private func reload(_ server: SignalingServer) {
        do {
            try server.reloadTLS()
        } catch {
            complain("\(error.description) The old certificate stays in use.")
        }
    }

    /// By what a friend can reach it: the certificate's names, else every address of this machine when all are listened at.
    private static func hosts(for host: String, of server: SignalingServer) -> [String] {
        if !server.certificateNames.isEmpty { return server.certificateNames }
        switch host {
        case "0.0.0.0", "::":
            return localAddresses(includingLoopback: false).filter { host == "::" || $0.isIPv4 }.map(\.description)
        default: return [host]
        }
    }

    private func say(_ text: String) { writeFully(Array((printable(text) + "\n").utf8), to: STDOUT_FILENO) }
}

/// The file descriptors that this process may have open.
enum DescriptorLimit {
    /// Raises the limit to what the system allows without more rights.
    /// - Returns: what it is then.
    static func raise() -> Int {
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0 else { return Int.max }
        if limit.rlim_cur < limit.rlim_max {
            var raised = limit
            raised.rlim_cur = limit.rlim_max
            if setrlimit(resource, &raised) == 0 { limit = raised }
        }
        return Int(clamping: limit.rlim_cur)
    }
}
