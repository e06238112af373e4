import Primitives

/// What a TURN server that listens for TCP too does with the bytes (RFC 8656 §3.1 and §12.5).
public struct SimulatedTURNStreams: Sendable {
    private var waiting: [StreamID: (client: SocketAddress, bytes: [UInt8])] = [:]

    public init() {}

    public mutating func accept(_ id: StreamID, client: SocketAddress) { waiting[id] = (client, []) }

    /// Who it was; the allocation ends with it.
    public mutating func close(_ id: StreamID) -> SocketAddress? { waiting.removeValue(forKey: id)?.client }

    /// The whole messages that are there now.
    public mutating func receive(_ id: StreamID, _ bytes: [UInt8]) -> (client: SocketAddress, messages: [[UInt8]])? {
        guard var entry = waiting[id] else { return nil }
        entry.bytes += bytes
        var messages: [[UInt8]] = []
        while entry.bytes.count >= 4 {
            let length = Int(entry.bytes[2]) << 8 + Int(entry.bytes[3])
            let isChannelData = entry.bytes[0] & 0xc0 == 0x40
            let whole = isChannelData ? 4 + (length + 3) / 4 * 4 : 20 + length
            guard entry.bytes.count >= whole else { break }
            messages.append(Array(entry.bytes.prefix(isChannelData ? 4 + length : whole)))
            entry.bytes.removeFirst(whole)
        }
        waiting[id] = entry
        return (entry.client, messages)
    }

    public func stream(of client: SocketAddress) -> StreamID? { waiting.first { $0.value.client == client }?.key }

    public static func framed(_ message: [UInt8]) -> [UInt8] { message + [UInt8](repeating: 0, count: (4 - message.count % 4) % 4) }
}
