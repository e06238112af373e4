import Channels
import FuzzServerSupport
import FuzzSupport
import JSON
import Primitives
import SocketIO

/// Three clients, each a `ServerLink`, and channels that they meet in.
struct FuzzedServer {
    private var links: [ServerLink] = []
    private var channels: Channels
    private var clock = SimulatedClock()
    /// Which link a socket's id belongs to.
    private var owners: [String: Int] = [:]
    private var socketOf: [Int: String] = [:]
    private var lastSocket = 0

    init(_ flags: UInt8) {
        var configuration = SocketIOServerConfiguration()
        configuration.maximumBuffered = 50_000
        configuration.maximumPayload = 5000
        configuration.namespaces = ["/", "/custom"]
        var limits = ChannelLimits()
        limits.maximumChannels = 6
        limits.maximumChannelsPerMember = 3
        channels = Channels(limits: limits, crypto: .plain, random: .seeded(2))
        for index in 0..<3 {
            links.append(ServerLink(isOverWebSocket: flags >> (index + 1) & 1 == 1, configuration: configuration, now: clock.now))
        }
        settle()
    }

    mutating func run(_ input: inout FuzzInput) {
        for _ in 0..<128 where !input.isAtEnd {
            let deed = input.byte()
            let index = Int(deed >> 3) % links.count
            switch deed % 8 {
            case 0: pass(.milliseconds(Int(input.uint16()) * 4))
            case 1: event(input.block(), from: index, on: input.byte())
            case 2:
                if input.byte() > 128 {
                    _ = links[index].session.emitAcknowledged("asked", [.string("x")], attachments: [input.take(3)[...]])
                } else {
                    links[index].session.disconnect(reason: "the script")
                }
            case 3: links[index].say(.text(Array("40".utf8) + input.block()), on: 0, now: clock.now)
            default: links[index].act(&input, now: clock.now)
            }
            settle()
        }
        pass(.seconds(200))
        if links.contains(where: { !$0.isClosed }) { violated("a session that outlives its client") }
        if channels.memberCount != 0 || channels.channelCount != 0 {
            violated("ghosts: \(channels.memberCount) in \(channels.channelCount)")
        }
    }

    /// One of the events that the server knows, with arguments as they come.
    private mutating func event(_ arguments: [UInt8], from index: Int, on socket: UInt8) {
        let names = ["create or join", "handshake", "icecandidate", "leave", "channels", "name"]
        let name = names[Int(socket) % names.count]
        let id = socket >= 128 ? "7" : ""
        links[index].say(.text(Array("42\(id)[\"\(name)\"".utf8) + arguments + Array("]".utf8)), on: 0, now: clock.now)
    }

    private mutating func pass(_ time: Interval) {
        let end = clock.now + time
        var repeats = 0
        while true {
            guard let next = (links.map(\.session.nextTimeout) + [channels.nextTimeout]).compactMap({ $0 }).min(), next <= end else {
                break
            }
            repeats = next <= clock.now ? repeats + 1 : 0
            if repeats > 2000 { violated("a time-out that stays due") }
            if next > clock.now { clock.advance(by: next - clock.now) }
            for index in links.indices where links[index].session.nextTimeout.map({ $0 <= clock.now }) ?? false {
                links[index].session.handleTimeout(now: clock.now)
            }
            if let due = channels.nextTimeout, due <= clock.now { perform(channels.handleTimeout(now: clock.now)) }
            settle()
        }
        if end > clock.now { clock.advance(by: end - clock.now) }
    }

    private mutating func settle() {
        var rounds = 0
        repeat {
            rounds += 1
            if rounds > 1000 { violated("a conversation without end") }
        } while round()
    }

    /// Whether anything was done.
    private mutating func round() -> Bool {
        var actions: [ChannelAction] = []
        for index in links.indices {
            // Taken out meanwhile: answering changes the rest of the server.
            var link = links[index]
            link.drain { session, output in actions += answer(&session, output, from: index) }
            links[index] = link
        }
        actions += channels.listUpdates()
        perform(actions)
        return !actions.isEmpty
    }

    private mutating func answer(_ session: inout SocketIOServerSession, _ output: SocketIOServerOutput, from index: Int) -> [ChannelAction]
    {
        let now = clock.now
        switch output {
        case .connecting("/", let auth):
            lastSocket += 1
            let id = "socket\(lastSocket)"
            switch channels.connected(id, auth: auth, address: .loopback4, now: now, unixTime: 1_800_000_000) {
            case .accepted(let actions):
                session.accept(socketID: id)
                owners[id] = index
                socketOf[index] = id
                return actions
            case .refused(let code):
                session.refuse(message: code.message)
                return []
            }
        case .connecting(let namespace, _):
            session.accept(namespace: namespace, socketID: "other")
            return []
        case .event(let event):
            guard event.namespace == "/" else {
                session.emit(event.name, event.arguments.map(JSONValue.raw), attachments: event.attachments, namespace: event.namespace)
                return []
            }
            guard let id = socketOf[index] else { violated("an event of nobody") }
            return channels.received(
                from: id, event: event.name, arguments: event.arguments, acknowledgement: event.acknowledgement, now: now,
                unixTime: 1_800_000_000)
        case .disconnected("/", let departure, _):
            guard let id = socketOf.removeValue(forKey: index) else { violated("nobody has gone") }
            owners[id] = nil
            let how: Departure =
                switch departure {
                case .left: .left
                case .closed: .closed
                case .timedOut: .timedOut
                }
            return channels.disconnected(id, how, now: now)
        default: return []
        }
    }

    private mutating func perform(_ actions: [ChannelAction]) {
        for action in actions {
            switch action {
            case .emit(let ids, let event, let arguments): for id in ids { link(id) { $0.emit(event, arguments) } }
            case .acknowledge(let id, let number, let arguments): link(id) { $0.acknowledge(number, arguments) }
            case .relay(let ids, let packet):
                guard (try? SocketIOPacket(parsing: packet))?.event != nil else { violated("what is relayed is no event") }
                for id in ids { link(id) { $0.send(encoded: packet[...]) } }
            case .close(let id, let reason): link(id) { $0.close(reason: reason) }
            }
        }
    }

    /// One who has gone in the same breath is told nothing.
    private mutating func link(_ id: String, _ body: (inout SocketIOServerSession) -> Void) {
        if let index = owners[id] { body(&links[index].session) }
    }
}
