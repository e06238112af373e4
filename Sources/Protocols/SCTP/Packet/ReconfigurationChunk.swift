import ByteCoding

/// What RE-CONFIG carries (RFC 6525, section 4), as far as data channels need it.
enum ReconfigurationParameter: Equatable, Sendable {
    ///     |     Parameter Type = 13       | Parameter Length = 16 + 2 * N |
    ///     |           Re-configuration Request Sequence Number            |
    ///     |           Re-configuration Response Sequence Number           |
    ///     |                Sender's Last Assigned TSN                     |
    ///     |  Stream Number 1 (optional)   |    Stream Number 2 (optional) |
    case outgoingReset(request: UInt32, response: UInt32, lastTSN: UInt32, streams: [UInt16])
    ///     |     Parameter Type = 16       |      Parameter Length         |
    ///     |         Re-configuration Response Sequence Number             |
    ///     |                            Result                             |
    case response(sequence: UInt32, result: Result)
    /// Requests that are not served: to reset streams of this side's, all TSNs, or to add streams.
    case other(request: UInt32)

    enum Result: UInt32, Sendable {
        case nothingToDo = 0
        case performed = 1
        case denied = 2
        case wrongStreams = 3
        case alreadyInProgress = 4
        case wrongSequenceNumber = 5
        case inProgress = 6
    }

    /// nil for a type that is unknown.
    init?(type: UInt16, _ value: Span<UInt8>) throws(WireError) {
        var reader = ByteReader(value)
        switch type {
        case 13:
            let request = try reader.readUInt32()
            let response = try reader.readUInt32()
            let lastTSN = try reader.readUInt32()
            var streams: [UInt16] = []
            while reader.remaining >= 2 { streams.append(try reader.readUInt16()) }
            self = .outgoingReset(request: request, response: response, lastTSN: lastTSN, streams: streams)
        case 14, 15, 17, 18: self = .other(request: try reader.readUInt32())
        case 16:
            let sequence = try reader.readUInt32()
            guard let result = Result(rawValue: try reader.readUInt32()) else { throw .malformed("RE-CONFIG with an unknown result") }
            self = .response(sequence: sequence, result: result)
        default: return nil
        }
    }

    func append(to body: inout [UInt8]) {
        var value: [UInt8] = []
        switch self {
        case .outgoingReset(let request, let response, let lastTSN, let streams):
            value.append(uint32: request)
            value.append(uint32: response)
            value.append(uint32: lastTSN)
            for stream in streams { value.append(uint16: stream) }
            body.appendParameter(13, value)
        case .response(let sequence, let result):
            value.append(uint32: sequence)
            value.append(uint32: result.rawValue)
            body.appendParameter(16, value)
        case .other: break
        }
    }
}
