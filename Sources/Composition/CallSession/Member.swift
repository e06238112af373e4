import DatagramSocket
import MediaTypes
import PeerConnection
import Primitives

/// One other person in the channel, as the network thread sees them: the peer connection and the sockets it owns.
final class Member {
    let id: CallCoordinator.MemberID
    var peer: PeerConnection
    let sockets: [DatagramSocket]
    var isConnected = false
    var isInterrupted = false

    init(id: CallCoordinator.MemberID, peer: consuming PeerConnection, sockets: [DatagramSocket]) {
        self.id = id
        self.peer = peer
        self.sockets = sockets
    }

    /// Takes in all that the sockets hold.
    func receive(now: Instant) {
        for socket in sockets {
            let base = socket.localAddress
            socket.receive { datagram, source in peer.handle(datagram, from: source, base: base, now: now) }
        }
    }

    func transmit(_ payload: [UInt8], from base: SocketAddress, to destination: SocketAddress, now: Instant) {
        guard let socket = sockets.first(where: { $0.localAddress == base }) else { return }
        if case .unreachable = socket.send(payload, to: destination) { peer.sendFailed(to: destination, base: base, now: now) }
    }
}
