import JSON

/// What the server is to send.
public enum ChannelAction: Sendable, Hashable {
    /// One event to each of these members, in this order.
    case emit(to: [String], event: String, arguments: [JSONValue])
    /// The answer to an event that wanted one.
    case acknowledge(to: String, id: Int, arguments: [JSONValue])
}

/// Why something that a client sent was ignored or refused; counted.
public enum ChannelRefusal: Sendable, Hashable, CaseIterable {
    case unknownEvent
    /// Arguments missing, or of the wrong kind.
    case malformed
    case badName
    case channelFull
    case tooManyChannels
    /// A relay or leave for a channel that the sender is not in.
    case notMember
}

public struct ChannelLimits: Sendable {
    /// Members of one channel.
    public var capacity = 2
    public var maximumChannels = 10_000
    public var maximumChannelsPerMember = 16
    /// Rows of a `channels` list.
    public var maximumListed = 200

    public init() {}
}
