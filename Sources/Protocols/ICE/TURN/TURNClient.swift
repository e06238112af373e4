import ByteCoding
import Primitives

/// One allocation on a TURN server (RFC 8656): made, kept alive and ended here.
///
/// After every call take what there is from `poll()`; call `handleTimeout` at `nextTimeout`. The server's datagrams go to
/// `handle` when they are STUN responses, and through `unwrap` when they carry a peer's data.
public struct TURNClient: Sendable {
    public enum State: Hashable, Sendable {
        case allocating
        case allocated(relayed: SocketAddress)
        case failed(TURNFailure)
        case closed
    }

    public enum Output: Hashable, Sendable {
        /// One message for the server; over a stream not framed yet.
        case transmit([UInt8])
        /// `mapped` is how the server sees this side's socket.
        case allocated(relayed: SocketAddress, mapped: SocketAddress?)
        /// Over for good.
        case failed(TURNFailure)
    }

    struct Credential: Sendable {
        let realm: [UInt8]
        let nonce: [UInt8]
        let key: [UInt8]
    }

    public let server: TURNServer
    public internal(set) var state = State.allocating
    /// Any response at all: the server can be reached.
    public internal(set) var hasAnswered = false
    let hmacSHA1: HMACSHA1
    let md5: MD5
    var random: RandomSource
    var credential: Credential?
    var transactions: [TURNTransaction] = []
    var permissions: [TURNPermission] = []
    var channels: [TURNChannel] = []
    var nextChannel = TURNFraming.channelNumbers.lowerBound
    var held = HeldDatagrams()
    var refreshDue: Instant?
    var outputs: [Output] = []

    static let lifetime: UInt32 = 600

    /// Asks for an allocation of the server's own address family at once.
    public init(server: TURNServer, random: RandomSource, hmacSHA1: @escaping HMACSHA1, md5: @escaping MD5, now: Instant) {
        self.server = server
        self.random = random
        self.hmacSHA1 = hmacSHA1
        self.md5 = md5
        request(.allocate(isIPv4: server.address.ip.isIPv4), now: now)
    }

    public var relayed: SocketAddress? { if case .allocated(let address) = state { address } else { nil } }
    public var isOver: Bool {
        switch state {
        case .allocating, .allocated: false
        case .failed, .closed: true
        }
    }

    public mutating func poll() -> Output? { outputs.isEmpty ? nil : outputs.removeFirst() }

    // MARK: What is wanted of it

    /// The peer's host may send to the relayed address, and be sent to.
    public mutating func permit(_ ip: IPAddress, now: Instant) {
        guard !isOver else { return }
        if let known = permissions.firstIndex(where: { $0.ip == ip }) {
            permissions[known].isWanted = true
        } else if permissions.count < TURNPermission.limit {
            permissions.append(TURNPermission(ip: ip, due: now))
        }
    }

    /// Data to and from this peer travels with four bytes around it instead of 36.
    public mutating func bind(_ peer: SocketAddress, now: Instant) {
        guard !isOver else { return }
        if let known = channels.firstIndex(where: { $0.peer == peer }) {
            if !channels[known].isWanted, let due = channels[known].due, due <= now { channels[known].isBound = false }
            channels[known].isWanted = true
        } else if channels.count < TURNChannel.limit, nextChannel <= TURNFraming.channelNumbers.upperBound {
            channels.append(TURNChannel(number: nextChannel, peer: peer, due: now))
            nextChannel += 1
        }
    }

    /// Nothing is refreshed for the present peers any more.
    public mutating func forgetPeers() {
        for i in permissions.indices { permissions[i].isWanted = false }
        for i in channels.indices { channels[i].isWanted = false }
        held.removeAll()
    }

    // MARK: Data

    /// Frames a datagram for a peer, in place; false: it cannot be sent now, for want of a permission or an allocation.
    public mutating func wrap(_ payload: inout [UInt8], to peer: SocketAddress) -> Bool {
        guard case .allocated = state, payload.count <= TURNFraming.payloadLimit else { return false }
        if let channel = channels.first(where: { $0.peer == peer && $0.isBound }) {
            TURNFraming.putChannelHeader(channel.number, before: &payload)
            return true
        }
        guard permissions.contains(where: { $0.ip == peer.ip && $0.isGranted }) else { return false }
        payload = TURNFraming.sendIndication(payload, to: peer, transactionID: STUNTransactionID(using: &random))
        return true
    }

    /// Keeps a datagram that `wrap` refused until its permission is there; then it comes out of `poll`.
    public mutating func hold(_ payload: [UInt8], for peer: SocketAddress) {
        if permissions.contains(where: { $0.ip == peer.ip && !$0.isRefused }) { held.append(payload, to: peer) }
    }

    /// The peer and the place of its data in a datagram from the server; nil when it holds none.
    public func unwrap(_ datagram: Span<UInt8>) -> (peer: SocketAddress, payload: Range<Int>)? {
        guard case .allocated = state else { return nil }
        if let data = TURNFraming.parseChannelData(datagram) {
            // Also before the bind's response, which may be overtaken.
            return channels.first { $0.number == data.number }.map { ($0.peer, data.payload) }
        }
        return TURNFraming.parseDataIndication(datagram)
    }

    /// Gives the allocation back: one Refresh with lifetime zero (RFC 8656 §8), which nothing waits for.
    public mutating func close() {
        guard !isOver else { return }
        outputs = []
        transactions = []
        if credential != nil || relayed != nil {
            // While allocating, the request in flight may yet succeed.
            request(.refresh(lifetime: 0), now: .zero)
            transactions = []
        }
        state = .closed
        permissions = []
        channels = []
        held.removeAll()
        refreshDue = nil
    }

    mutating func fail(_ reason: TURNFailure) {
        guard !isOver else { return }
        state = .failed(reason)
        transactions = []
        permissions = []
        channels = []
        held.removeAll()
        refreshDue = nil
        outputs.append(.failed(reason))
    }
}
