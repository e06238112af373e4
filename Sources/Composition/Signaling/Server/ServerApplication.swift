import JSON
import SocketIO

/// What the sessions talk to. It lives as long as its hub.
protocol ServerApplication: AnyObject {
    /// A client wants to join a namespace: accept or refuse it.
    func connecting(_ session: ServerSession, namespace: String, auth: RawJSON?)
    func received(_ event: SocketIOEvent, from session: ServerSession)
    /// A message of Engine.IO's, under the path for that.
    func received(_ message: EngineIOPacket, from session: ServerSession)
    func disconnected(_ session: ServerSession, namespace: String, _ departure: SocketIODeparture, reason: String)
    /// The server is about to close every session.
    func stopping(message: String)
    /// Adds what it counts.
    func fill(_ snapshot: inout ServerMetrics.Snapshot)
}
