import DTLS
import Primitives
import SCTP
import SDP

/// Data channels (RFC 8831): SCTP packets inside DTLS records, each in a datagram of its own.
extension PeerConnection {
    /// Once the descriptions say that both sides have them, data channels can be opened; what is sent waits for the handshake.
    mutating func prepareDataChannels() {
        guard data == nil, let session, let agreed = session.data else { return }
        var settings = DataChannelTransport.Configuration(isDTLSClient: session.isDTLSClient)
        settings.remotePort = agreed.remotePort
        settings.remoteMaximumMessageSize = agreed.remoteMaximumMessageSize
        data = DataChannelTransport(configuration: settings, random: random.fork())
    }

    /// Whether this side sent the ClientHello; known with the descriptions.
    public var isDTLSClient: Bool? { session?.isDTLSClient }
    /// Whether this side's offer began the call.
    public var isOfferer: Bool? { session?.isOfferer }

    /// Whether the other side tells what the path carries for video. Otherwise `.targetBitrate` need never come.
    public var tellsBandwidth: Bool { session?.video.map { $0.transportSequenceExtensionID != nil || $0.hasREMB } ?? false }

    /// Whether the other side takes data channels; known with the descriptions.
    public var hasDataChannels: Bool { data != nil }

    /// A new channel to the other side, which hears of it by DCEP (RFC 8832) unless the id was agreed on otherwise.
    public mutating func openDataChannel(_ options: DataChannelOptions, now: Instant) throws(PeerError) -> DataChannelID {
        self.now = now
        do {
            guard let id = try data?.open(options, now: now), !isClosed else { throw PeerError.noDataChannels }
            return id
        } catch let error as DataChannelError {
            throw .dataChannel(error)
        } catch {
            throw .noDataChannels
        }
    }

    /// Queues a message; it is refused when it is longer than the other side takes, or when too much waits already.
    public mutating func sendData(_ message: DataMessage, on id: DataChannelID, now: Instant) throws(PeerError) {
        self.now = now
        guard data != nil, !isClosed else { throw .noDataChannels }
        do throws(DataChannelError) { try data?.send(message, on: id, now: now) } catch { throw .dataChannel(error) }
    }

    public mutating func closeDataChannel(_ id: DataChannelID, now: Instant) {
        self.now = now
        data?.close(id, now: now)
    }

    /// Bytes of a channel's messages that have not been sent once.
    public func bufferedAmount(of id: DataChannelID) -> Int { data?.bufferedAmount(of: id) ?? 0 }

    /// One record's content. It was decrypted, so it is the peer's.
    mutating func handleData(_ packet: [UInt8]) {
        guard !hasRemoteClosed, !hasFailed else { return }
        data?.handle(packet.span, now: now)
    }

    /// Nil when it leads to nothing for the outside.
    mutating func take(_ output: DataChannelOutput) -> PeerOutput? {
        switch output {
        case .transmit(let packet):
            dtls?.send(packet)
            return nil
        case .event(let event): return .event(.dataChannel(event))
        }
    }
}
