import JSON

/// A description or a candidate as another member has sent it.
enum RelayedSignal {
    case offer(String)
    case answer(String)
    case candidate(String, mid: String?, mLineIndex: Int?)

    private static let maximumDescription = 256 << 10
    private static let maximumCandidate = 4096

    /// `{offer: {type, sdp}}` or `{answer: …}`.
    static func handshake(_ argument: RawJSON?) -> RelayedSignal? {
        func description(_ name: String) -> String? {
            argument?.member(name)?.member("sdp")?.string.flatMap { $0.utf8.count <= maximumDescription ? $0 : nil }
        }
        return description("offer").map { .offer($0) } ?? description("answer").map { .answer($0) }
    }

    /// `{candidate}` or `{iceCandidate}`, or the candidate itself; with null, the end of candidates.
    static func candidate(_ arguments: [RawJSON]) -> RelayedSignal? {
        guard let argument = arguments.last else { return nil }
        let wrapped = argument.member("candidate") ?? argument.member("iceCandidate")
        if argument.kind == .null || wrapped?.kind == .null { return .candidate("", mid: nil, mLineIndex: nil) }
        let fields = wrapped?.kind == .object ? wrapped : argument
        guard let text = fields?.member("candidate")?.string, text.utf8.count <= maximumCandidate else { return nil }
        let mid = fields?.member("sdpMid")?.string.flatMap { $0.utf8.count <= 256 ? $0 : nil }
        return .candidate(text, mid: mid, mLineIndex: fields?.member("sdpMLineIndex")?.integer)
    }

    func event(from id: String?) -> SignalingEvent {
        switch self {
        case .offer(let sdp): .offer(sdp: sdp, from: id)
        case .answer(let sdp): .answer(sdp: sdp, from: id)
        case .candidate(let text, let mid, let mLineIndex): .candidate(candidate: text, mid: mid, mLineIndex: mLineIndex, from: id)
        }
    }
}

extension OutgoingSignal {
    var to: String? {
        switch self {
        case .offer(_, let to), .answer(_, let to), .candidate(_, _, _, let to): to
        }
    }

    var event: String { if case .candidate = self { "icecandidate" } else { "handshake" } }

    /// The payload's part that says what it is.
    var member: JSONMember {
        switch self {
        case .offer(let sdp, _): JSONMember("offer", ["type": "offer", "sdp": .string(sdp)])
        case .answer(let sdp, _): JSONMember("answer", ["type": "answer", "sdp": .string(sdp)])
        case .candidate(let candidate, let mid, let mLineIndex, _):
            JSONMember(
                "candidate",
                [
                    "candidate": .string(candidate), "sdpMid": mid.map(JSONValue.string) ?? .null,
                    "sdpMLineIndex": mLineIndex.map { .integer(Int64($0)) } ?? .null,
                ])
        }
    }
}
