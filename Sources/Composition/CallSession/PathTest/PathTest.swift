import DTLS
import DatagramSocket
import ICE
import Primitives
import Synchronization
import Threading

/// Runs a `PathProbe` from this machine, on a thread of its own.
enum PathTest {
    /// Gives what was found, once, on that thread.
    static func run(_ choices: [ICEServerChoice], then deliver: @escaping @Sendable (PathFinding) -> Void) {
        guard choices.contains(where: { $0 != .none }) else { return deliver(.localOnly) }
        // Not joined: a resolver without a network may take many seconds to say so.
        let thread = MediaThread.start(name: "path-test") { deliver(find(choices)) }
        if let thread { thread.detach() } else { deliver(.untried) }
    }

    private static func find(_ choices: [ICEServerChoice]) -> PathFinding {
        let servers = ResolvedICEServers(resolving: choices)
        guard !servers.isEmpty else { return .unknownName(host: choices.lazy.compactMap(\.host).first ?? "") }
        let turn = servers.turn.filter { $0.transport == .udp }
        guard !servers.stun.isEmpty || !turn.isEmpty else { return .untried }
        var random = RandomSource.system
        var probe = PathProbe(
            stun: servers.stun, turn: turn, random: &random, hmacSHA1: opensslHMACSHA1, md5: opensslMD5, now: MonotonicClock.now())
        let sockets = [IPAddress.any4, .any6].compactMap { try? DatagramSocket(binding: $0) }
        guard let never = EventDescriptor(), !sockets.isEmpty else { return .noNetwork }
        var poller = Poller()
        while !probe.isOver(now: MonotonicClock.now()) {
            send(&probe, sockets)
            guard !probe.isOver(now: MonotonicClock.now()) else { break }
            poller.wait(on: sockets, event: never, until: probe.nextTimeout)
            let now = MonotonicClock.now()
            for socket in sockets { socket.receive { probe.handle($0, from: $1, now: now) } }
            probe.handleTimeout(now: now)
        }
        // An allocation is given back.
        send(&probe, sockets)
        return probe.finding { address in choices.first { $0.isAt(address, among: servers, choices) }?.description ?? "\(address)" }
    }

    private static func send(_ probe: inout PathProbe, _ sockets: [DatagramSocket]) {
        while let (payload, server) = probe.poll() {
            guard let socket = sockets.first(where: { $0.localAddress.ip.isIPv4 == server.ip.isIPv4 }) else {
                probe.failed(server)
                continue
            }
            if case .unreachable = socket.send(payload, to: server) { probe.failed(server) }
        }
    }
}

extension ICEServerChoice {
    var host: String? {
        switch self {
        case .none: nil
        case .stun(let host, _), .turn(let host, _, _, _, _): host
        }
    }

    /// Which of the choices an address came from: by the address itself, else the only one of its kind and port.
    fileprivate func isAt(_ address: SocketAddress, among servers: ResolvedICEServers, _ choices: [ICEServerChoice]) -> Bool {
        switch self {
        case .none: false
        case .stun(let host, let port):
            servers.stun.contains(address) && port == address.port && (IPAddress(host).map { $0 == address.ip } ?? true)
        case .turn(let host, let port, _, _, _):
            servers.turn.contains { $0.address == address } && port == address.port && (IPAddress(host).map { $0 == address.ip } ?? true)
        }
    }
}
