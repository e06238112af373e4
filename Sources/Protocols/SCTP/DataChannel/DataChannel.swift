/// One channel: a stream out and a stream in with the same id.
struct DataChannel: Sendable {
    enum State: Sendable {
        /// Asked for, and not yet confirmed; what is sent waits for nothing.
        case connecting
        case open
        /// The streams are being reset.
        case closing
    }

    let options: DataChannelOptions
    let isRemote: Bool
    var state: State
    /// Bytes of its names.
    var nameBytes: Int { options.label.utf8.count + options.protocolName.utf8.count }
    var isOutgoingReset = false
    var isIncomingReset = false
}
