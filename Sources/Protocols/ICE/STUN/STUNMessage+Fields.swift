import Primitives

/// The first attribute of each kind, which is the one that counts (RFC 8489 §14).
extension STUNMessage {
    private func first<Value>(_ pick: (STUNAttribute) -> Value?) -> Value? {
        for attribute in attributes {
            if let value = pick(attribute) { return value }
        }
        return nil
    }

    public var username: [UInt8]? { first { if case .username(let name) = $0 { name } else { nil } } }
    public var priority: UInt32? { first { if case .priority(let priority) = $0 { priority } else { nil } } }
    public var errorCode: Int? { first { if case .errorCode(let code, _) = $0 { code } else { nil } } }
    public var useCandidate: Bool { attributes.contains(.useCandidate) }
    public var controllingTieBreaker: UInt64? { first { if case .iceControlling(let tie) = $0 { tie } else { nil } } }
    public var controlledTieBreaker: UInt64? { first { if case .iceControlled(let tie) = $0 { tie } else { nil } } }

    /// Where the answering side saw the request come from: XOR-MAPPED-ADDRESS, else an old server's MAPPED-ADDRESS.
    public var mappedAddress: SocketAddress? {
        first { if case .xorMappedAddress(let address) = $0 { address } else { nil } }
            ?? first { if case .mappedAddress(let address) = $0 { address } else { nil } }
    }
}
