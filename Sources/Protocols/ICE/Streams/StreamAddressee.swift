import ByteCoding

/// Whom an accepted connection is for, when several peer connections share a listener: its first message is a check, which says it.
public enum StreamAddressee: Equatable, Sendable {
    /// More bytes have to come.
    case incomplete
    /// The `localCredentials.ufrag` of the agent that is meant.
    case agent(ufrag: String)
    /// Nobody here.
    case nobody

    /// - Parameter bytes: everything that has come by the stream.
    public init(firstBytes bytes: Span<UInt8>) {
        switch StreamFraming.lengths.parse(bytes, at: 0) {
        case .incomplete:
            // No check is longer.
            self = bytes.count >= 2 && Int(bytes.uint16(at: 0)) > STUNMessage.lengthLimit ? .nobody : .incomplete
        case .broken: self = .nobody
        case .frame(let range, _):
            guard let message = try? STUNMessage(parsing: bytes.extracting(range)), message.messageClass == .request,
                let username = message.username, let colon = username.firstIndex(of: UInt8(ascii: ":"))
            else {
                self = .nobody
                return
            }
            self = .agent(ufrag: String(decoding: username[..<colon], as: UTF8.self))
        }
    }
}
