import ICE
import Primitives
import Signaling
import Threading

/// STUN and TURN servers by address.
struct ResolvedICEServers: Sendable {
    var stun: [SocketAddress] = []
    var turn: [TURNServer] = []

    var isEmpty: Bool { stun.isEmpty && turn.isEmpty }

    /// Blocks while names are looked up.
    init(resolving choices: [ICEServerChoice] = []) {
        for choice in choices {
            switch choice {
            case .none: break
            case .stun(let host, let port): stun += HostResolver.addresses(of: host, port: port)
            case .turn(let host, let port, let user, let password, let choice):
                let addresses = HostResolver.addresses(of: host, port: port)
                let transport: TURNTransport =
                    switch choice {
                    case .udp: .udp
                    case .tcp: .tcp
                    case .tls: .tls(serverName: host)
                    }
                // One of each family: the others are the same server's.
                for address in [addresses.first { $0.ip.isIPv4 }, addresses.first { !$0.ip.isIPv4 }].compactMap({ $0 }) {
                    turn.append(TURNServer(address: address, user: user, password: password, transport: transport))
                }
            }
        }
    }

    /// Names are looked up on a thread of its own: nothing waits for them, host candidates least of all. Addresses are there at once.
    static func resolve(_ choices: [ICEServerChoice], then deliver: @escaping @Sendable (ResolvedICEServers) -> Void) {
        guard !choices.isEmpty else { return }
        if choices.allSatisfy(\.isLiteral) { return deliver(ResolvedICEServers(resolving: choices)) }
        // Not joined: a resolver without a network may take many seconds to say so.
        let thread = MediaThread.start(name: "resolver") {
            let servers = ResolvedICEServers(resolving: choices)
            if !servers.isEmpty { deliver(servers) }
        }
        if let thread { thread.detach() }
    }
}

extension ICEServerChoice {
    /// Nothing has to be looked up.
    fileprivate var isLiteral: Bool {
        switch self {
        case .none: true
        case .stun(let host, _), .turn(let host, _, _, _, _): IPAddress(host) != nil
        }
    }

    /// What a signaling server names; what cannot be used is left out.
    static func choices(_ signaled: [SignaledICEServer]) -> [ICEServerChoice] {
        let all = signaled.prefix(8).flatMap { server in
            server.urls.prefix(8).compactMap { ICEServerChoice(url: $0, username: server.username, credential: server.credential) }
        }
        return Array(all.prefix(8))
    }
}

extension CallNetwork {
    /// What the signaling server names to the channel's members is used as well, whatever the configuration has.
    func useSignaled(_ servers: [SignaledICEServer], now: Instant) {
        let choices = ICEServerChoice.choices(servers)
        guard choices != signaledChoices else { return }
        signaledChoices = choices
        if choices.isEmpty { signaledICEServers = ResolvedICEServers() }
        ResolvedICEServers.resolve(choices) { [inbox = own.inbox] in inbox.put(.signaledICEServers($0)) }
    }

    /// - Parameter isForAll: to connections that stand as well; they may look for another path later.
    func add(_ servers: ResolvedICEServers, isForAll: Bool, now: Instant) {
        for member in members where isForAll || !member.isConnected {
            if !servers.stun.isEmpty { member.peer.addSTUNServers(servers.stun, now: now) }
            if !servers.turn.isEmpty { member.peer.addTURNServers(servers.turn, now: now) }
        }
    }
}
