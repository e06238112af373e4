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
    public var realm: [UInt8]? { first { if case .realm(let realm) = $0 { realm } else { nil } } }
    public var nonce: [UInt8]? { first { if case .nonce(let nonce) = $0 { nonce } else { nil } } }
    public var lifetime: UInt32? { first { if case .lifetime(let seconds) = $0 { seconds } else { nil } } }
    public var relayedAddress: SocketAddress? { first { if case .xorRelayedAddress(let address) = $0 { address } else { nil } } }
    public var peerAddress: SocketAddress? { first { if case .xorPeerAddress(let address) = $0 { address } else { nil } } }
    public var channelNumber: UInt16? { first { if case .channelNumber(let number) = $0 { number } else { nil } } }
    public var data: [UInt8]? { first { if case .data(let bytes) = $0 { bytes } else { nil } } }
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
