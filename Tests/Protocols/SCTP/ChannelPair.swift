import Primitives
import SCTP
import TestSupport
import Testing

/// Two transports and the seeded network between them, in simulated time.
struct ChannelPair {
    enum Side: CaseIterable { case client, server }

    var client: DataChannelTransport
    var server: DataChannelTransport
    var network: SimulatedNetwork
    var now = Instant.zero + .seconds(1)
    var clientEvents: [DataChannelEvent] = []
    var serverEvents: [DataChannelEvent] = []
    /// What a packet on its way is replaced by; nil: lost.
    var tamper: ((Side, [UInt8]) -> [UInt8]?)?

    private static let clientAddress = SocketAddress(.v4(0x0a00_0001), port: 1)
    private static let serverAddress = SocketAddress(.v4(0x0a00_0002), port: 2)

    init(
        seed: UInt64, conditions: PathConditions = PathConditions(),
        change: (inout DataChannelTransport.Configuration) -> Void = { _ in }
    ) {
        var one = DataChannelTransport.Configuration(isDTLSClient: true)
        var other = DataChannelTransport.Configuration(isDTLSClient: false)
        one.remoteMaximumMessageSize = 262_144
        other.remoteMaximumMessageSize = 262_144
        change(&one)
        change(&other)
        client = DataChannelTransport(configuration: one, random: .seeded(seed))
        server = DataChannelTransport(configuration: other, random: .seeded(seed &+ 1))
        network = SimulatedNetwork(seed: seed, conditions: conditions)
    }

    subscript(_ side: Side) -> DataChannelTransport {
        get { side == .client ? client : server }
        set { if side == .client { client = newValue } else { server = newValue } }
    }

    func events(_ side: Side) -> [DataChannelEvent] { side == .client ? clientEvents : serverEvents }

    mutating func start() {
        client.start(now: now)
        server.start(now: now)
    }

    mutating func flush() {
        while let output = client.poll() {
            switch output {
            case .transmit(let packet): transmit(packet, from: .client)
            case .event(let event): clientEvents.append(event)
            }
        }
        while let output = server.poll() {
            switch output {
            case .transmit(let packet): transmit(packet, from: .server)
            case .event(let event): serverEvents.append(event)
            }
        }
    }

    private mutating func transmit(_ packet: [UInt8], from side: Side) {
        precondition(packet.count <= 1191)
        guard let packet = tamper.map({ $0(side, packet) }) ?? packet else { return }
        let isClient = side == .client
        network.send(
            packet, from: isClient ? Self.clientAddress : Self.serverAddress, to: isClient ? Self.serverAddress : Self.clientAddress,
            at: now)
    }

    /// Goes on until `isDone` or until so much time has passed; true if it was done.
    @discardableResult
    mutating func run(_ duration: Interval, until isDone: (ChannelPair) -> Bool = { _ in false }) -> Bool {
        let end = now + duration
        flush()
        while !isDone(self) {
            var next = end
            for due in [client.nextTimeout, server.nextTimeout, network.nextDelivery] {
                if let due { next = min(next, due) }
            }
            guard next < end else {
                now = end
                return isDone(self)
            }
            now = max(now, next)
            for delivery in network.deliver(upTo: now) {
                if delivery.to == Self.serverAddress {
                    server.handle(delivery.payload.span, now: now)
                } else {
                    client.handle(delivery.payload.span, now: now)
                }
                flush()
            }
            if let due = client.nextTimeout, due <= now { client.handleTimeout(now: now) }
            if let due = server.nextTimeout, due <= now { server.handleTimeout(now: now) }
            flush()
        }
        return true
    }

    /// Up, with what was said meanwhile forgotten.
    mutating func connect() throws {
        start()
        let isUp = run(.seconds(60)) { $0.clientEvents.contains(.associationUp) && $0.serverEvents.contains(.associationUp) }
        try #require(isUp)
        clientEvents.removeAll { $0 == .associationUp }
        serverEvents.removeAll { $0 == .associationUp }
    }

    /// A channel that both sides have opened.
    mutating func open(_ options: DataChannelOptions, from side: Side = .client) throws -> DataChannelID {
        let id = try self[side].open(options, now: now)
        let isOpen = run(.seconds(60)) { pair in
            Side.allCases.allSatisfy { pair.events($0).contains(.opened(id, options, isRemote: $0 != side)) }
        }
        try #require(isOpen)
        return id
    }

    /// Of messages, in the order in which they came.
    func messages(_ side: Side, on id: DataChannelID) -> [DataMessage] {
        events(side).compactMap { event in
            if case .message(id, let message) = event { message } else { nil }
        }
    }
}
