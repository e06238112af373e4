import DTLS
import MediaTypes
import Primitives
import SCTP
import SDP

/// RFC 8829's connection state: the path and the handshake together.
public enum PeerConnectionState: String, Sendable {
    /// No description of the other side yet.
    case new
    case connecting
    /// ICE has a writable pair, and DTLS has shown the certificate that was signalled: media flows.
    case connected
    /// Nothing has come in for a while; it may come back by itself.
    case disconnected
    case failed
    case closed
}

/// How the other side ended the call.
public enum RemoteCloseReason: String, Sendable {
    /// RTCP BYE from all its sources.
    case bye
    /// DTLS close_notify.
    case closeNotify
}

public enum PeerError: Error, Equatable, Sendable, CustomStringConvertible {
    case description(SDPError)
    /// An answer without an offer of ours.
    case unexpectedAnswer
    /// The description has another certificate than the connected peer: it belongs to somebody new, who needs a new connection.
    case differentPeer
    case closed
    /// The other side speaks no SCTP, or the descriptions are not there yet.
    case noDataChannels
    case dataChannel(DataChannelError)

    public var description: String {
        switch self {
        case .description(let error): error.description
        case .unexpectedAnswer: "an answer came, but there was no offer"
        case .differentPeer: "the session description belongs to a different peer"
        case .closed: "the connection is closed"
        case .noDataChannels: "the other side has no data channels"
        case .dataChannel(let error): "\(error)"
        }
    }
}

public enum PeerEvent: Sendable {
    /// To be signalled: `RTCIceCandidateInit`'s fields. Only ever after this side's description.
    case localCandidate(sdp: String, mid: String?, mLineIndex: Int)
    case connectionState(PeerConnectionState)
    case video(EncodedVideoFrame)
    case audio(ReceivedAudioPacket)
    /// The next encoded frame must be a key frame.
    case keyFrameRequested
    /// The encoder should make no more than this, in bit/s.
    case targetBitrate(Int)
    /// How the sent audio fares: lost lately, 0...1, and the round trip. At most once a second.
    case audioNetwork(lossFraction: Double, roundTrip: Interval?)
    /// A whole sentence: why a TURN server is of no use.
    case relayFailed(String)
    case dataChannel(DataChannelEvent)
    /// The network under the call has changed: an offer with `restartingICE` finds the new way.
    case restartNeeded
    /// At most once; nothing more comes from the other side.
    case remoteClosed(RemoteCloseReason)
}

public enum PeerOutput: Sendable {
    /// One UDP datagram, to be sent from the socket that `base` names.
    case transmit(base: SocketAddress, destination: SocketAddress, payload: [UInt8])
    /// Connect by TCP, with TLS when there is a name to expect in the certificate; then `streamOpened` or `streamClosed`.
    case openStream(StreamID, to: SocketAddress, tls: String?)
    /// Whole frames on an open stream. When what waits there piles up, lose some rather than all time.
    case sendStream(StreamID, payload: [UInt8])
    /// Nothing more is expected of it.
    case closeStream(StreamID)
    /// Look a `.local` name up by multicast DNS; then `resolved`.
    case resolve(name: String)
    case event(PeerEvent)
}
