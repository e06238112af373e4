import Logging
import Signaling

/// Which signaling server is used, and the one in this process if that is it.
struct ServerPlace {
    let url: ServerURL
    let embedded: SignalingServer?

    /// For the screen: where the signaling is.
    var description: String { embedded == nil ? "\(url)" : "in this program, \(url.host):\(url.port)" }
    /// What a person should know before they wait for somebody.
    var notice: String? {
        embedded == nil ? nil : "Nothing answers at \(Self.usual), so the signaling server runs in this program, at \(url)."
    }

    private static let usual = ServerURL(host: "127.0.0.1")

    /// The server asked for; else the usual one when something answers there; else one in this process, on the usual port when it is free.
    static func find(asked: String?, logger: Logger) throws -> ServerPlace {
        if let asked {
            guard let url = ServerURL(asked) else {
                throw PlainFailure("\(asked) is no server's URL; one looks like http://192.168.1.5:6125.")
            }
            return ServerPlace(url: url, embedded: nil)
        }
        if SignalingClient.answers(url: usual) { return ServerPlace(url: usual, embedded: nil) }
        do {
            return try embedded(preferredPort: usual.port, logger: logger)
        } catch {
            throw PlainFailure(error.description)
        }
    }

    /// A server in this process; any free port when the preferred one is taken.
    static func embedded(preferredPort: Int, logger: Logger) throws(SignalingError) -> ServerPlace {
        let server: SignalingServer
        do {
            server = try SignalingServer.start(host: "127.0.0.1", port: preferredPort, log: logger)
        } catch  where error.kind == .portBusy {
            server = try SignalingServer.start(host: "127.0.0.1", port: 0, log: logger)
        }
        return ServerPlace(url: ServerURL(host: "127.0.0.1", port: server.port), embedded: server)
    }
}
