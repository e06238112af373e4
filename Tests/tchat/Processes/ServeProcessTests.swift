import Glibc
import Primitives
import Signaling
import Synchronization
import TestCertificates
import Testing
import Threading

/// A server as it is run for others: its options, its signals, its limits.
@Suite struct ServeProcessTests {
    private let folder = TemporaryFolder()

    /// The port in a line such as "Signaling server at 127.0.0.1, port 4711. Ctrl-C stops it."
    private func port(of server: ProgramRun) async throws -> Int {
        let line = try await server.line()
        return try #require(line.split(separator: " ").compactMap { Int($0.prefix { $0 != "." }) }.last, "\(line)")
    }

    /// A client that understands what the server tells before it stops.
    private final class Client: Sendable {
        private let events: Events
        let signaling: SignalingClient

        private final class Events: Sendable {
            let all = Mutex<[SignalingEvent]>([])
        }

        init(port: Int) {
            let events = Events()
            self.events = events
            signaling = SignalingClient(url: ServerURL(host: "127.0.0.1", port: port), options: SignalingOptions()) { event in
                events.all.withLock { $0.append(event) }
            }
            signaling.start()
        }

        func has(_ isIt: (SignalingEvent) -> Bool) -> Bool { events.all.withLock { $0.contains(where: isIt) } }
    }

    @Test(arguments: [SIGTERM, SIGINT])
    func tellsItsClientsAndEnds(number: Int32) async throws {
        let server = try ProgramRun(["serve", "--port", "0"])
        let client = Client(port: try await port(of: server))
        _ = try await server.wait("a connected client") { client.has { if case .connected = $0 { true } else { false } } ? true : nil }
        server.signal(number)
        #expect(try await server.ended() == .exited(0))
        _ = try await server.wait("the client being told") {
            client.has { if case .serverStopping = $0 { true } else { false } } ? true : nil
        }
        #expect(server.complaints.isEmpty)
        client.signaling.stop()
    }

    @Test func readsItsCertificateAgain() async throws {
        let made = try TestCertificate(names: ["chat.example.org"])
        let certificate = folder.write(Array(made.pem.utf8), as: "cert.pem")
        let key = folder.write(Array(made.keyPEM.utf8), as: "key.pem")
        let log = folder.file("log")
        let server = try ProgramRun(["serve", "--port", "0", "--tls-cert", certificate, "--tls-key", key, "--log-file", log])
        let port = try await port(of: server)
        #expect(try await server.line() == "A friend types:  tchat --server https://chat.example.org:\(port)")
        #expect(try await server.line() == "A browser opens:  https://chat.example.org:\(port)/CHANNEL")
        _ = folder.write(Array("rubbish".utf8), as: "cert.pem")
        server.signal(SIGHUP)
        _ = try await server.wait("a complaint") { server.complaints.contains("The old certificate stays in use.") ? true : nil }
        #expect(server.complaints.contains(certificate))
        _ = folder.write(Array(made.pem.utf8), as: "cert.pem")
        server.signal(SIGHUP)
        _ = try await server.wait("the certificate being read") {
            String(decoding: folder.read("log"), as: UTF8.self).contains("the certificate has been read again") ? true : nil
        }
        server.signal(SIGTERM)
        #expect(try await server.ended() == .exited(0))
    }

    @Test func takesItsOptionsFromAFileTheEnvironmentAndTheLine() async throws {
        let log = folder.file("log.json")
        let config = folder.write(
            Array("port = 1\nhost = \"192.0.2.1\"\nno-page = true\nlog-file = \"\(log)\"\nlog-format = \"json\"\n".utf8), as: "c.toml")
        let server = try ProgramRun(["serve", "--config", config, "--port", "0"], environment: ["TCHAT_HOST": "127.0.0.1"])
        _ = try await port(of: server)
        server.signal(SIGTERM)
        #expect(try await server.ended() == .exited(0))
        #expect(server.lines.allSatisfy { !$0.contains("browser") })
        let first = try #require(String(decoding: folder.read("log.json"), as: UTF8.self).split(separator: "\n").first)
        #expect(first.hasPrefix("{\"time\":\"") && first.contains("\"message\":\"listening\""))
    }

    @Test func makesSecretsAndTokens() async throws {
        let secret = folder.file("secret")
        let made = try ProgramRun(["token", "--new-secret", secret])
        #expect(try await made.ended() == .exited(0))
        let token = try ProgramRun(["token", "--secret", secret, "--channel", "standup", "--url", "https://chat.example.org"])
        #expect(try await token.ended() == .exited(0))
        #expect(token.lines.count == 1 && token.lines.first?.hasPrefix("https://chat.example.org/standup#token=ey") == true)
        #expect(token.complaints.isEmpty)
        let server = try ProgramRun(["serve", "--port", "0", "--token-secret", secret])
        let port = try await port(of: server)
        // A caller learns it at once, and not when its patience is over.
        let stranger = try ProgramRun(["standup", "--server", "http://127.0.0.1:\(port)", "--headless", "--timeout", "6000"])
        #expect(try await stranger.ended() == .exited(1))
        #expect(stranger.complaints.contains("token"), "\(stranger.complaints)")
        let client = Client(port: port)
        _ = try await server.wait("the refusal of one without a token") {
            client.has { if case .disconnected(let reason, _) = $0 { reason.contains("token") } else { false } } ? true : nil
        }
        server.signal(SIGTERM)
        #expect(try await server.ended() == .exited(0))
        client.signaling.stop()
    }

    @Test(arguments: [
        ["--tls-cert", "/nowhere/c.pem", "--tls-key", "/nowhere/k.pem"], ["--config", "/nowhere/c.toml"], ["--token-secret", "/nowhere/s"],
    ])
    func whatIsNotThere(options: [String]) async throws {
        let run = try ProgramRun(["serve", "--port", "0"] + options)
        #expect(try await run.ended() == .exited(1))
        expectSentences(run.complaints)
        #expect(run.complaints.contains(options[1]) && run.lines.isEmpty)
    }

    /// It neither ends nor spins, and goes on when there are descriptors again.
    @Test func outlivesARunOnItsDescriptors() async throws {
        let server = try ProgramRun(["serve", "--port", "0", "--log-file", folder.file("log")])
        let port = try await port(of: server)
        let open = try #require(descriptorCount(of: server.process))
        try #require(system("prlimit --pid \(server.process) --nofile=\(open + 5)") == 0)
        let start = MonotonicClock.now()
        let sockets = (0..<20).map { _ in connectTo(port) }
        func waits() -> Int {
            String(decoding: folder.read("log"), as: UTF8.self).split(separator: "\n").count { $0.contains("connections wait") }
        }
        _ = try await server.wait("the warning") { waits() > 0 ? true : nil }
        // A second apart, each, however slow this machine is at the moment.
        _ = try await server.wait("a second try") { waits() > 1 ? true : nil }
        let count = waits()
        #expect(Double(count) <= (MonotonicClock.now() - start).seconds + 2)
        for socket in sockets { close(socket) }
        _ = try await server.wait("an answer") {
            SignalingClient.answers(url: ServerURL(host: "127.0.0.1", port: port), within: .seconds(2)) ? true : nil
        }
        server.signal(SIGTERM)
        #expect(try await server.ended() == .exited(0))
    }

    private func descriptorCount(of process: pid_t) -> Int? {
        guard let folder = opendir("/proc/\(process)/fd") else { return nil }
        defer { closedir(folder) }
        var count = 0
        while readdir(folder) != nil { count += 1 }
        // Without . and ..
        return count - 2
    }

    private func connectTo(_ port: Int) -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        _ = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
        return descriptor
    }
}
