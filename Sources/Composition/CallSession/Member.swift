import CallControl
import DatagramSocket
import MediaTypes
import PeerConnection
import Primitives

/// One other person in the channel, as the network thread sees them: the peer connection and the sockets it owns.
final class Member {
    let id: CallCoordinator.MemberID
    private var connection: PeerConnection
    /// Whatever is done with it may make it want to send, or to be called at another time.
    var peer: PeerConnection {
        _read { yield connection }
        _modify {
            needsService = true
            yield &connection
        }
    }
    var sockets: [DatagramSocket]
    /// Where TCP connections from the other side are accepted.
    var listeners: [SocketAddress] = []
    /// TCP and TLS connections of this peer connection's.
    var streams: Set<StreamID> = []
    /// What each socket has to send.
    private var pending: [[OutgoingDatagram]] = []
    /// Something has changed since the last service: what it has to say is to be fetched, and `due` reckoned anew.
    var needsService = true
    /// When it wants to be called next.
    var due: Instant?
    var isConnected = false
    var isInterrupted = false
    /// From the end of the handshake on.
    var talk: PeerTalk?
    /// As the other side's program gave it.
    var name: String?
    /// What their screen can show; nil: not told.
    var screen: ControlMessage.ReceiverScreen?
    /// For video, in bits a second, as the network is at the moment: what the congestion control's start leaves beside sound, until it
    /// says more.
    var targetBitrate = 200_000
    /// Of the sound sent to them, 0 to 1.
    var audioLoss = 0.0
    var descriptions = DescriptionLog()
    /// A restart has been or is to be offered, and nobody has answered yet.
    var wantsRestart = false
    /// When to restart, unless a pair works by then.
    var restartDue: Instant? { didSet { needsService = true } }
    /// How often the path had been chosen anew when it was last told.
    var pairChanges = 0

    init(id: CallCoordinator.MemberID, peer: consuming PeerConnection, sockets: [DatagramSocket]) {
        self.id = id
        connection = peer
        self.sockets = sockets
    }

    /// Takes in all that those sockets hold that `poller` found something in.
    func receive(after poller: Poller, now: Instant) {
        for socket in sockets where poller.mayRead(socket.fileDescriptor) {
            let base = socket.localAddress
            socket.receive { datagram, source in peer.handle(datagram, from: source, base: base, now: now) }
        }
    }

    /// Queues a datagram until `flush`.
    func transmit(_ payload: [UInt8], from base: SocketAddress, to destination: SocketAddress) {
        guard let index = sockets.firstIndex(where: { $0.localAddress == base }) else { return }
        while pending.count <= index { pending.append([]) }
        pending[index].append(OutgoingDatagram(payload, to: destination))
    }

    /// Sends what is queued, in few system calls.
    func flush(now: Instant) {
        for index in pending.indices where !pending[index].isEmpty {
            if sockets.indices.contains(index) {
                let socket = sockets[index]
                socket.sendBatch(pending[index]) { destination, _ in
                    peer.sendFailed(to: destination, base: socket.localAddress, now: now)
                }
            }
            pending[index].removeAll(keepingCapacity: true)
        }
    }

    func reckonDue(now: Instant) {
        needsService = false
        due = earliest(earliest(connection.nextTimeout(now: now), talk?.nextTimeout), restartDue)
    }
}
