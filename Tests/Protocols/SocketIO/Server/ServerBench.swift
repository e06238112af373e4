import JSON
import Primitives
import SocketIO

/// A session under test, with a clock that only moves when told. It lets everybody in, under the id SOCKET.
struct ServerBench {
    var session: SocketIOServerSession
    var now = Instant(microseconds: 1_000_000)
    /// The namespaces that refuse.
    var refuses: [String: JSONValue?] = [:]
    static let first = WebSocketID(1)
    static let second = WebSocketID(2)

    init(webSocket: Bool, configuration: SocketIOServerConfiguration = .init()) {
        session = SocketIOServerSession(id: "ENGINE", webSocket: webSocket ? Self.first : nil, configuration: configuration, now: now)
    }

    /// A session that has been greeted, and is in `/`.
    static func connected(webSocket: Bool = true, configuration: SocketIOServerConfiguration = .init()) -> ServerBench {
        var bench = ServerBench(webSocket: webSocket, configuration: configuration)
        _ = bench.outputs()
        _ = webSocket ? bench.receive("40") : bench.post("40") + bench.get()
        return bench
    }

    /// What comes out, in words.
    mutating func outputs() -> [String] {
        var all: [String] = []
        while let output = session.poll() {
            switch output {
            case .answerPoll(let body): all.append("poll " + text(body[...]).replacing("\u{1e}", with: "|"))
            case .packet(.binary(let bytes), let id): all.append("ws\(id.value) \(Array(bytes))")
            case .packet(let packet, let id): all.append("ws\(id.value) " + text([packet.type ?? 0] + packet.data))
            case .closeWebSocket(let id): all.append("close ws\(id.value)")
            case .connecting(let namespace, let auth):
                all.append("connecting \(namespace) " + (auth.map { text($0.bytes) } ?? "-"))
                if let data = refuses[namespace] {
                    session.refuse(namespace: namespace, message: "no", data: data)
                } else {
                    session.accept(namespace: namespace, socketID: "SOCKET" + (namespace == "/" ? "" : namespace))
                }
            case .event(let event):
                let arguments = event.arguments.map { text($0.bytes) } + event.attachments.map { "\(Array($0))" }
                all.append(
                    "event \(event.namespace) \(event.name)(\(arguments.joined(separator: ";"))) \(event.acknowledgement.map(String.init) ?? "-")"
                )
            case .acknowledged(let namespace, let id, let arguments, let attachments):
                let all_ = arguments.map { text($0.bytes) } + attachments.map { "\(Array($0))" }
                all.append("acknowledged \(namespace) \(id)(\(all_.joined(separator: ";")))")
            case .disconnected(let namespace, let departure, _): all.append("disconnected \(namespace) \(departure)")
            case .message(let packet): all.append("message " + (packet.type == nil ? "\(Array(packet.data))" : text(packet.data)))
            case .closed: all.append("closed")
            }
        }
        return all
    }

    private func text(_ bytes: ArraySlice<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }

    mutating func receive(_ text: String, on id: WebSocketID = Self.first) -> [String] {
        session.receive(.text(Array(text.utf8)), on: id, now: now)
        return outputs()
    }

    mutating func receive(_ bytes: [UInt8], on id: WebSocketID = Self.first) -> [String] {
        session.receive(.binary(bytes), on: id, now: now)
        return outputs()
    }

    mutating func open(_ id: WebSocketID) -> [String] {
        session.openWebSocket(id, now: now)
        return outputs()
    }

    /// A GET or POST that overlaps or is refused: what it brings about, or nil when it was taken.
    mutating func refusedGet() -> [String]? { session.beginPoll(now: now) ? nil : outputs() }
    mutating func refusedPost(isBinary: Bool = false) -> [String]? { session.beginPost(isBinary: isBinary) ? nil : outputs() }

    mutating func post(_ text: String) -> [String] {
        if refusedPost() != nil { return ["refused"] }
        return (session.endPost(body: Array(text.utf8), now: now) ? [] : ["400"]) + outputs()
    }

    mutating func get() -> [String] { refusedGet() ?? outputs() }

    /// Lets time pass, handling every timeout on the way.
    mutating func pass(_ time: Interval) -> [String] {
        let end = now + time
        var all: [String] = []
        while let next = session.nextTimeout, next <= end {
            now = max(now, next)
            session.handleTimeout(now: now)
            all += outputs()
        }
        now = end
        return all
    }
}

func greeting(_ upgrades: String) -> String {
    "0{\"sid\":\"ENGINE\",\"upgrades\":[\(upgrades)],\"pingInterval\":25000,\"pingTimeout\":20000,\"maxPayload\":1000000}"
}

let closedByServer = ["close ws1", "disconnected / closed", "closed"]
