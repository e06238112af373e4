import Channels
import JSON
import Logging
import NIOCore
import Primitives
import SocketIO

/// Channels on the hub: hands them what clients send, and does what they say.
final class ChannelsApplication: ServerApplication, Timed {
    /// List changes within this time are told together.
    private static let listDelay = Interval.milliseconds(50)

    private unowned let hub: ServerHub
    private var channels: Channels
    private var sockets: [String: ServerSession] = [:]
    private var listUpdate: Instant?
    var timer = TimerQueue.Place()

    init(hub: ServerHub) {
        self.hub = hub
        channels = Channels(limits: hub.configuration.channels, access: hub.configuration.access, crypto: .openSSL, random: .system)
        hub.add(self)
    }

    // MARK: What clients do

    func connecting(_ session: ServerSession, namespace: String, auth: RawJSON?) {
        // Coming and going costs hashes and log lines: it counts as events do.
        switch hub.policy.admitEvent(from: session.client, socket: &session.budget, isJoin: false, now: hub.now) {
        case .allowed: break
        case .refused(let wait):
            hub.count(.events, from: session.client)
            let code = ChannelCode.rateLimited
            let seconds = max(1, Int64(wait.seconds.rounded(.up)))
            return session.state.refuse(
                message: code.message, data: ["code": .string(code.rawValue), "retryAfter": .integer(seconds)])
        case .close:
            hub.count(.flooding, from: session.client)
            return session.close(reason: ServerRefusal.flooding.message)
        }
        let id = hub.newIdentifier()
        switch channels.connected(id, auth: auth, address: session.client, now: hub.now, unixTime: WallClock.unixTime()) {
        case .accepted(let actions):
            session.socketID = id
            sockets[id] = session
            session.state.accept(socketID: id)
            hub.log.debug("connected", metadata: facts(session))
            perform(actions)
        case .refused(let code):
            hub.log.debug("connect refused", metadata: facts(session, reason: code.rawValue))
            session.state.refuse(message: code.message, data: ["code": .string(code.rawValue)])
        }
    }

    func received(_ event: SocketIOEvent, from session: ServerSession) {
        let isJoin = event.name == "create or join"
        switch hub.policy.admitEvent(from: session.client, socket: &session.budget, isJoin: isJoin, now: hub.now) {
        case .allowed: break
        case .refused(let retryAfter):
            // Counted by the channels.
            return perform(
                channels.refuse(
                    from: session.socketID, event: event.name, acknowledgement: event.acknowledgement, code: .rateLimited,
                    retryAfter: retryAfter, now: hub.now))
        case .close:
            hub.count(.flooding, from: session.client)
            return session.close(reason: ServerRefusal.flooding.message)
        }
        let joined = isJoin ? channels.joins["ok"] : nil
        perform(
            channels.received(
                from: session.socketID, event: event.name, arguments: event.arguments, acknowledgement: event.acknowledgement,
                now: hub.now, unixTime: WallClock.unixTime()))
        if isJoin, channels.joins["ok"] != joined { hub.log.info("joined", metadata: facts(session)) }
        if event.name == "leave" { hub.log.debug("left", metadata: facts(session, reason: "left")) }
    }

    func received(_ message: EngineIOPacket, from session: ServerSession) {}

    func disconnected(_ session: ServerSession, namespace: String, _ departure: SocketIODeparture, reason: String) {
        hub.log.info("disconnected", metadata: facts(session, reason: reason))
        let id = session.socketID
        session.socketID = ""
        let actions = channels.disconnected(id, Departure(departure), now: hub.now)
        sockets[id] = nil
        if sockets.isEmpty { sockets = [:] }
        perform(actions)
    }

    func stopping(message: String) { perform(channels.stopping(message: message)) }

    // MARK: Time

    var nextTimeout: Instant? { earliest(channels.nextTimeout, listUpdate) }

    func handleTimeout(now: Instant) {
        if let update = listUpdate, update <= now {
            listUpdate = nil
            perform(channels.listUpdates())
        }
        perform(channels.handleTimeout(now: now))
    }

    // MARK: What channels say

    private func perform(_ actions: [ChannelAction]) {
        for action in actions {
            switch action {
            case .relay(let ids, let packet): send(packet[...], to: ids)
            case .emit(let ids, let event, let arguments): send(SocketIOPacket.event(event, arguments).encoded()[...], to: ids)
            case .acknowledge(let id, let number, let arguments):
                guard let session = sockets[id] else { continue }
                session.state.acknowledge(number, arguments)
                hub.serve(session)
            case .close(let id, let reason):
                guard let session = sockets[id] else { continue }
                // Told so, an official client does not come back and take the place again.
                session.state.disconnect(reason: reason)
                session.close(reason: reason)
            }
        }
        if channels.isListStale, listUpdate == nil { listUpdate = hub.now + Self.listDelay }
        hub.updateTimer(of: self)
    }

    private func send(_ packet: ArraySlice<UInt8>, to ids: [String]) {
        for id in ids {
            guard let session = sockets[id] else { continue }
            session.state.send(encoded: packet)
            hub.serve(session)
        }
    }

    func fill(_ snapshot: inout ServerMetrics.Snapshot) {
        snapshot.channels = channels.channelCount
        snapshot.members = channels.memberCount
        snapshot.joins = channels.joins
        snapshot.relayed = channels.relayed
        for (code, count) in channels.refusals { snapshot.refusals[code.rawValue, default: 0] += count }
    }

    /// Who it was, for the log; never what it has sent.
    private func facts(_ session: ServerSession, reason: String? = nil) -> Logger.Metadata {
        var facts: Logger.Metadata = ["id": "\(session.socketID)"]
        if let client = session.client { facts["address"] = "\(client)" }
        if let reason { facts["reason"] = "\(reason)" }
        return facts
    }
}

extension Departure {
    fileprivate init(_ departure: SocketIODeparture) {
        self =
            switch departure {
            case .left: .left
            case .closed: .closed
            case .timedOut: .timedOut
            }
    }
}
