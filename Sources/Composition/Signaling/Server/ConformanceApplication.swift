import JSON
import Primitives
import SocketIO

/// What the public test suites of Engine.IO's and Socket.IO's protocols expect of a server: echoes.
final class ConformanceApplication: ServerApplication {
    static var engine: SocketIOServerConfiguration {
        var engine = SocketIOServerConfiguration()
        engine.pingInterval = .milliseconds(300)
        engine.pingTimeout = .milliseconds(200)
        engine.connectTimeout = .milliseconds(1000)
        engine.maximumPayload = 1_000_000
        engine.namespaces = ["/", "/custom"]
        return engine
    }

    private unowned let hub: ServerHub

    init(hub: ServerHub) { self.hub = hub }

    func connecting(_ session: ServerSession, namespace: String, auth: RawJSON?) {
        session.state.accept(namespace: namespace, socketID: hub.newIdentifier())
        session.state.emit("auth", [auth.map { .raw($0) } ?? [:]], namespace: namespace)
    }

    func received(_ event: SocketIOEvent, from session: ServerSession) {
        let arguments = event.arguments.map(JSONValue.raw)
        switch (event.name, event.acknowledgement) {
        case ("message", _):
            session.state.emit("message-back", arguments, attachments: event.attachments, namespace: event.namespace)
        case ("message-with-ack", let id?):
            session.state.acknowledge(id, arguments, attachments: event.attachments, namespace: event.namespace)
        default: break
        }
    }

    func received(_ message: EngineIOPacket, from session: ServerSession) { session.state.send(message: message) }

    func disconnected(_ session: ServerSession, namespace: String, _ departure: SocketIODeparture, reason: String) {}
    func stopping(message: String) {}
    func fill(_ snapshot: inout ServerMetrics.Snapshot) {}
}
