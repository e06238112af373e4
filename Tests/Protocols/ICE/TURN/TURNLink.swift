import DTLS
import ICE
import Primitives
import TURNSimulation
import TestSupport

/// One client, its server and an echoing peer, over a simulated network.
struct TURNLink {
    static let serverAddress = SocketAddress(IPAddress("203.0.113.1")!, port: 3478)
    static let host = SocketAddress(IPAddress("192.0.2.1")!, port: 5000)
    static let peer = SocketAddress(IPAddress("198.51.100.2")!, port: 6000)

    var network: SimulatedNetwork
    var server: SimulatedTURNServer
    var client: TURNClient
    var now = Instant.zero + .seconds(100)
    var relayed: SocketAddress?
    var mapped: SocketAddress?
    var failure: TURNFailure?
    var transmitted = 0
    /// Echoed back to the client through the relay.
    var echoes: [[UInt8]] = []
    var echoesInChannels = 0
    /// Whether the last could be sent.
    var canSay = false

    init(
        seed: UInt64 = 1, conditions: PathConditions = PathConditions(), password: String = "pass",
        change: (inout SimulatedTURNServer) -> Void = { _ in }
    ) {
        network = SimulatedNetwork(seed: seed, conditions: conditions)
        server = SimulatedTURNServer(address: Self.serverAddress, hmacSHA1: opensslHMACSHA1, md5: opensslMD5)
        change(&server)
        client = TURNClient(
            server: TURNServer(address: Self.serverAddress, user: "user", password: password), random: .seeded(seed),
            hmacSHA1: opensslHMACSHA1, md5: opensslMD5, now: now)
        drain()
    }

    mutating func drain() {
        while let output = client.poll() {
            switch output {
            case .transmit(let payload):
                transmitted += 1
                network.send(payload, from: Self.host, to: Self.serverAddress, at: now)
            case .allocated(let relayed, let mapped):
                self.relayed = relayed
                self.mapped = mapped
            case .failed(let reason): failure = reason
            }
        }
    }

    mutating func say(_ payload: [UInt8]) {
        var datagram = payload
        canSay = client.wrap(&datagram, to: Self.peer)
        if canSay { network.send(datagram, from: Self.host, to: Self.serverAddress, at: now) }
    }

    mutating func run(for duration: Interval) {
        let end = now + duration
        while true {
            let next = min(network.nextDelivery ?? end, client.nextTimeout ?? end)
            guard next < end else { break }
            now = max(now, next)
            for delivery in network.deliver(upTo: now) { receive(delivery) }
            if let due = client.nextTimeout, due <= now { client.handleTimeout(now: now) }
            drain()
        }
        now = end
    }

    private mutating func receive(_ delivery: SimulatedNetwork.Delivery) {
        if delivery.to.ip == Self.serverAddress.ip {
            for answer in server.handle(delivery.payload, from: delivery.from, to: delivery.to, now: now) {
                network.send(answer.payload, from: answer.from, to: answer.to, at: now)
            }
        } else if delivery.to == Self.peer {
            network.send(delivery.payload, from: Self.peer, to: delivery.from, at: now)
        } else if let data = client.unwrap(delivery.payload.span) {
            if delivery.payload[0] >= 64 { echoesInChannels += 1 }
            if data.peer == Self.peer { echoes.append(Array(delivery.payload[data.payload])) }
        } else if let message = try? STUNMessage(parsing: delivery.payload.span) {
            _ = client.handle(message, now: now)
        }
    }
}
