import ChatUI
import Logging
import Signaling

/// Which signaling server is used, and the one in this process if that is it.
struct ServerPlace {
    let url: ServerURL
    let embedded: SignalingServer?

    /// For the screen: where the signaling is.
    var shown: SignalingPlace {
        embedded == nil ? SignalingPlace("\(url)") : SignalingPlace("\(url.host):\(url.port)", isInThisProgram: true)
    }
    /// What a person should know before they wait for somebody.
    var notice: String? {
        embedded == nil ? nil : "Nothing answers at \(Self.usual), so the signaling server runs in this program, at \(url)."
    }

    /// What the others are told when this program ends, and the server in it.
    static let farewell = "The signaling server ends with the program that it runs in."

    private static let usual = ServerURL(host: "127.0.0.1")

    /// The server asked for; else the usual one when something answers there; else one in this process, on the usual port when it is free.
    static func find(asked: ServerURL?, logger: Logger) throws(PlainFailure) -> ServerPlace {
        if let asked { return ServerPlace(url: asked, embedded: nil) }
        if SignalingClient.answers(url: usual) { return ServerPlace(url: usual, embedded: nil) }
        do {
            return try embedded(preferredPort: usual.port, logger: logger)
        } catch {
            throw PlainFailure(error.description)
        }
    }

    /// A server in this process; any free port when the preferred one is taken.
    static func embedded(preferredPort: Int, logger: Logger) throws(SignalingError) -> ServerPlace {
        var configuration = ServerConfiguration()
        configuration.port = preferredPort
        configuration.version = tchatVersion
        let server: SignalingServer
        do {
            server = try SignalingServer.start(configuration, log: logger)
        } catch  where error.kind == .portBusy {
            configuration.port = 0
            server = try SignalingServer.start(configuration, log: logger)
        }
        return ServerPlace(url: ServerURL(host: "127.0.0.1", port: server.port), embedded: server)
    }
}
