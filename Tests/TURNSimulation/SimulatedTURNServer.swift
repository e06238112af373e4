import ByteCoding
import ICE
import Primitives

/// A TURN server for tests (RFC 8656): one user, in simulated time; whole messages, whatever brings them. Its
/// relayed addresses are ports of its own host.
///
/// It is as strict as the RFC lets it be: what has expired, was never permitted or carries an old nonce is refused or dropped.
public struct SimulatedTURNServer: Sendable {
    public struct Datagram: Sendable {
        public var payload: [UInt8]
        public var from: SocketAddress
        public var to: SocketAddress
    }

    public struct Allocation: Sendable {
        public let client: SocketAddress
        public let relayed: SocketAddress
        public var expires: Instant
        public var permissions: [IPAddress: Instant] = [:]
        public var channels: [UInt16: (peer: SocketAddress, expires: Instant)] = [:]
    }

    public let address: SocketAddress
    public var user = "user"
    public var password = "pass"
    public var realm = "simulation"
    /// Older nonces are answered with 438; nil: a nonce lasts for ever.
    public var nonceLifetime: Interval?
    /// Requests of these methods are refused with the code.
    public var refusals: [STUNMessage.Method: Int] = [:]
    /// The next good request of these methods is challenged again with the code (401 or 438) and another nonce.
    public var challenges: [STUNMessage.Method: Int] = [:]
    /// Given to every allocation, whatever was asked for.
    public var lifetime: UInt32 = 600
    public private(set) var allocations: [Allocation] = []
    /// Every request that was accepted, by method.
    public private(set) var accepted: [STUNMessage.Method: Int] = [:]
    public private(set) var indications = 0
    public private(set) var channelDatagrams = 0
    /// Error responses by code.
    public private(set) var errors: [Int: Int] = [:]
    /// Data for or from peers that nothing permits.
    public private(set) var dropped = 0

    private let hmacSHA1: HMACSHA1
    private let md5: MD5
    private var nonceEpoch = 0
    private var nonceSince = Instant.zero
    private var nextPort: UInt16 = 50_000
    private var random = RandomSource.seeded(7)

    public init(address: SocketAddress, hmacSHA1: @escaping HMACSHA1, md5: @escaping MD5) {
        self.address = address
        self.hmacSHA1 = hmacSHA1
        self.md5 = md5
    }

    public var server: TURNServer { TURNServer(address: address, user: user, password: password) }

    public func server(_ transport: TURNTransport) -> TURNServer {
        TURNServer(address: address, user: user, password: password, transport: transport)
    }

    /// As when its client's connection ends.
    public mutating func endAllocation(of client: SocketAddress) { allocations.removeAll { $0.client == client } }

    /// As a restart would.
    public mutating func forgetAllocations() { allocations = [] }

    public mutating func handle(_ payload: [UInt8], from source: SocketAddress, to destination: SocketAddress, now: Instant) -> [Datagram] {
        allocations.removeAll { $0.expires <= now }
        if let nonceLifetime, now - nonceSince >= nonceLifetime {
            nonceEpoch += 1
            nonceSince = now
        }
        if destination != address { return relay(payload, from: source, to: destination, now: now) }
        if let first = payload.first, (64...79).contains(first) { return fromChannel(payload, client: source, now: now) }
        guard let message = try? STUNMessage(parsing: payload.span) else { return [] }
        switch message.messageClass {
        case .request: return [Datagram(payload: answer(message, client: source, now: now), from: address, to: source)]
        case .indication where message.method == .send:
            guard let peer = message.peerAddress, let data = message.data else { return [] }
            indications += 1
            return forward(data, to: peer, client: source, now: now)
        default: return []
        }
    }

    // MARK: Data

    private mutating func forward(_ data: [UInt8], to peer: SocketAddress, client: SocketAddress, now: Instant) -> [Datagram] {
        guard let allocation = allocations.first(where: { $0.client == client }), allocation.permissions[peer.ip].map({ $0 > now }) == true
        else {
            dropped += 1
            return []
        }
        return [Datagram(payload: data, from: allocation.relayed, to: peer)]
    }

    private mutating func fromChannel(_ payload: [UInt8], client: SocketAddress, now: Instant) -> [Datagram] {
        guard let data = TURNFraming.parseChannelData(payload.span),
            let channel = allocations.first(where: { $0.client == client })?.channels[data.number], channel.expires > now
        else {
            dropped += 1
            return []
        }
        channelDatagrams += 1
        return forward(Array(payload[data.payload]), to: channel.peer, client: client, now: now)
    }

    private mutating func relay(_ payload: [UInt8], from peer: SocketAddress, to relayed: SocketAddress, now: Instant) -> [Datagram] {
        guard let allocation = allocations.first(where: { $0.relayed == relayed }),
            allocation.permissions[peer.ip].map({ $0 > now }) == true
        else {
            dropped += 1
            return []
        }
        var framed = payload
        if let channel = allocation.channels.first(where: { $0.value.peer == peer && $0.value.expires > now }) {
            TURNFraming.putChannelHeader(channel.key, before: &framed)
        } else {
            let id = STUNTransactionID(using: &random)
            framed = STUNMessage(.indication, .data, transactionID: id, attributes: [.xorPeerAddress(peer), .data(payload)]).encoded()
        }
        return [Datagram(payload: framed, from: address, to: allocation.client)]
    }

    // MARK: Requests

    private var nonce: [UInt8] { Array("nonce-\(nonceEpoch)".utf8) }
    private var key: [UInt8] { md5(Array("\(user):\(realm):\(password)".utf8)) }

    private mutating func answer(_ request: STUNMessage, client: SocketAddress, now: Instant) -> [UInt8] {
        let challenge: [STUNAttribute] = [.realm(Array(realm.utf8)), .nonce(nonce)]
        guard request.hasIntegrity, request.username == Array(user.utf8), request.isAuthentic(key: key, hmacSHA1: hmacSHA1) else {
            return refuse(request, 401, challenge, signed: false)
        }
        guard request.nonce == nonce else { return refuse(request, 438, challenge, signed: false) }
        if let code = challenges.removeValue(forKey: request.method) {
            nonceEpoch += 1
            return refuse(request, code, [.realm(Array(realm.utf8)), .nonce(nonce)], signed: false)
        }
        if let code = refusals[request.method] { return refuse(request, code, [], signed: true) }
        let index = allocations.firstIndex { $0.client == client }
        switch request.method {
        case .allocate: return allocate(request, client: client, known: index, now: now)
        case .refresh:
            guard let index else { return refuse(request, 437, [], signed: true) }
            let asked = request.lifetime ?? lifetime
            if asked == 0 { allocations.remove(at: index) } else { allocations[index].expires = now + .seconds(Int(lifetime)) }
            return accept(request, [.lifetime(asked == 0 ? 0 : lifetime)])
        case .createPermission:
            guard let index else { return refuse(request, 437, [], signed: true) }
            guard let peer = request.peerAddress else { return refuse(request, 400, [], signed: true) }
            allocations[index].permissions[peer.ip] = now + .seconds(300)
            return accept(request, [])
        case .channelBind:
            guard let index else { return refuse(request, 437, [], signed: true) }
            guard let peer = request.peerAddress, let number = request.channelNumber, (0x4000...0x4fff).contains(number),
                allocations[index].channels.allSatisfy({ ($0.key == number) == ($0.value.peer == peer) })
            else { return refuse(request, 400, [], signed: true) }
            allocations[index].channels[number] = (peer, now + .seconds(600))
            allocations[index].permissions[peer.ip] = now + .seconds(300)
            return accept(request, [])
        default: return refuse(request, 400, [], signed: true)
        }
    }

    private mutating func allocate(_ request: STUNMessage, client: SocketAddress, known: Int?, now: Instant) -> [UInt8] {
        guard request.attributes.contains(.requestedTransport(17)) else { return refuse(request, 442, [], signed: true) }
        let wantsIPv4 = !request.attributes.contains(.requestedAddressFamily(isIPv4: false))
        guard wantsIPv4 == address.ip.isIPv4 else { return refuse(request, 440, [], signed: true) }
        if known == nil {
            let relayed = SocketAddress(address.ip, port: nextPort)
            nextPort += 1
            allocations.append(Allocation(client: client, relayed: relayed, expires: now + .seconds(Int(lifetime))))
        }
        // A request that comes again is answered as before: its answer was lost (RFC 8656 section 7.2).
        guard let allocation = allocations.first(where: { $0.client == client }) else { return refuse(request, 508, [], signed: true) }
        return accept(request, [.xorRelayedAddress(allocation.relayed), .xorMappedAddress(client), .lifetime(lifetime)])
    }

    private mutating func accept(_ request: STUNMessage, _ attributes: [STUNAttribute]) -> [UInt8] {
        accepted[request.method, default: 0] += 1
        return STUNMessage(.success, request.method, transactionID: request.transactionID, attributes: attributes)
            .encoded(integrity: (key, hmacSHA1))
    }

    private mutating func refuse(_ request: STUNMessage, _ code: Int, _ extra: [STUNAttribute], signed: Bool) -> [UInt8] {
        errors[code, default: 0] += 1
        return STUNMessage(
            .error, request.method, transactionID: request.transactionID, attributes: [.errorCode(code: code, reason: [])] + extra
        ).encoded(integrity: signed ? (key, hmacSHA1) : nil)
    }
}
