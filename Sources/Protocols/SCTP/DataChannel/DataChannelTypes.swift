import Primitives

/// The SCTP stream that a channel runs on, the same in both directions.
public typealias DataChannelID = UInt16

/// What a data channel promises, as in the W3C's `RTCDataChannelInit`.
public struct DataChannelOptions: Sendable, Equatable {
    public enum Reliability: Sendable, Hashable {
        case reliable
        /// A message is given up when each of its parts has been sent this many times more than once.
        case maximumRetransmits(UInt16)
        /// A message is given up when it is older than this, in whole milliseconds.
        case maximumLifetime(Interval)
    }

    /// At most 65535 bytes of UTF-8. From the peer: any text at all.
    public var label: String
    public var protocolName: String
    public var isOrdered: Bool
    public var reliability: Reliability
    /// Both sides open the channel with this id by themselves, and nothing is said about it on the wire.
    public var negotiatedID: DataChannelID?

    public init(
        label: String, protocolName: String = "", isOrdered: Bool = true, reliability: Reliability = .reliable,
        negotiatedID: DataChannelID? = nil
    ) {
        self.label = label
        self.protocolName = protocolName
        self.isOrdered = isOrdered
        self.reliability = reliability
        self.negotiatedID = negotiatedID
    }
}

public enum DataMessage: Sendable, Equatable {
    /// What is not UTF-8 in the peer's message is replaced by U+FFFD.
    case text(String)
    case binary([UInt8])
}

public enum DataChannelEvent: Sendable, Equatable {
    /// Messages can flow both ways. `isRemote`: the peer has asked for it.
    case opened(DataChannelID, DataChannelOptions, isRemote: Bool)
    case message(DataChannelID, DataMessage)
    /// Its id is free again.
    case closed(DataChannelID)
    /// The buffered amount has come down to its threshold.
    case bufferedAmountLow(DataChannelID)
    case associationUp
    /// The association is over, for the reason given, which is for a log; every channel has been closed before.
    case failed(String)
}

public enum DataChannelOutput: Sendable, Equatable {
    /// One SCTP packet of at most 1191 bytes, to be sent as one DTLS record.
    case transmit([UInt8])
    case event(DataChannelEvent)
}

public enum DataChannelError: Error, Equatable, Sendable {
    /// There is no such channel, or it is being closed.
    case notOpen
    /// A negotiated id that is in use, or the one (65535) that cannot be.
    case unusableID
    case tooManyChannels
    /// The label or the protocol is longer than 65535 bytes.
    case labelTooLong
    /// Larger than the peer takes.
    case messageTooLarge(limit: Int)
    /// More is waiting to be sent than may; wait for `bufferedAmountLow`.
    case bufferFull
    /// The association is over.
    case associationOver
}

public struct DataChannelStatistics: Sendable, Equatable {
    public var channelsOpened = 0
    public var channelsClosed = 0
    public var messagesSent = 0
    public var messagesReceived = 0
    /// Of messages, without any header.
    public var bytesSent = 0
    public var bytesReceived = 0
    public var packetsSent = 0
    public var packetsReceived = 0
    /// DATA chunks that were sent again.
    public var retransmissions = 0
    public var retransmissionTimeouts = 0
    /// Bytes that may be under way, and that are.
    public var congestionWindow = 0
    public var bytesInFlight = 0
    /// Smoothed; nil before the first measurement.
    public var roundTripTime: Interval?

    public init() {}
}
