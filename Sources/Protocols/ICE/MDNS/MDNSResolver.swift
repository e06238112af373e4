import Primitives

/// Looks `.local` names up by multicast DNS (RFC 6762), as a one-shot querier of its own.
///
/// After every call take what there is from `poll()`; call `handleTimeout` at `nextTimeout`. Datagrams that arrive on the socket that
/// the questions left from go to `handleResponse`.
public struct MDNSResolver: Sendable {
    public enum Output: Hashable, Sendable {
        /// From one socket of the group's family, on every interface.
        case transmit([UInt8], to: SocketAddress)
        /// In lower case; nil: nobody answered in time.
        case resolved(name: String, address: IPAddress?)
    }

    /// 224.0.0.251 and ff02::fb, port 5353.
    public static let groups = [
        SocketAddress(.v4(0xe000_00fb), port: 5353), SocketAddress(.v6(0xff02 << 48, 0xfb), port: 5353),
    ]

    private struct Query: Sendable {
        let name: String
        let startedAt: Instant
        var sends = 0
    }

    /// After the first question: when it is asked again, and when it is given up.
    private static let repetitions = [Interval.zero, .milliseconds(250), .milliseconds(1000), .milliseconds(3000)]
    private static let patience = Interval.seconds(5)
    /// For all peers together.
    private static let limit = 128
    private var queries: [Query] = []
    private var outputs: [Output] = []

    public init() {}

    /// Asks now, unless it is being asked already; anything but one label and `.local` is not known at once.
    public mutating func resolve(_ name: String, now: Instant) {
        guard let name = MDNSCandidate.name(Substring(name)), queries.count < Self.limit else {
            outputs.append(.resolved(name: name.lowercased(), address: nil))
            return
        }
        guard !queries.contains(where: { $0.name == name }) else { return }
        queries.append(Query(name: name, startedAt: now))
        handleTimeout(now: now)
    }

    /// Only what was asked for is believed: anybody in the network may answer, and the connection made with it proves itself.
    public mutating func handleResponse(_ datagram: Span<UInt8>, from source: SocketAddress, now: Instant) {
        guard !queries.isEmpty, let answers = MDNSMessage.answers(datagram) else { return }
        for (name, address) in answers where !address.isUnspecified && !address.isMulticast {
            // An IPv6 link-local address is of no use without its interface.
            guard address.isIPv4 || !address.isLinkLocal, let index = queries.firstIndex(where: { $0.name == name }) else { continue }
            queries.remove(at: index)
            outputs.append(.resolved(name: name, address: address))
        }
    }

    private static func due(_ query: Query) -> Instant {
        query.startedAt + (query.sends < repetitions.count ? repetitions[query.sends] : patience)
    }

    public mutating func handleTimeout(now: Instant) {
        var index = 0
        while index < queries.count {
            guard Self.due(queries[index]) <= now else {
                index += 1
                continue
            }
            if queries[index].sends < Self.repetitions.count {
                queries[index].sends += 1
                let payload = MDNSMessage.query(queries[index].name)
                for group in Self.groups { outputs.append(.transmit(payload, to: group)) }
                index += 1
            } else {
                outputs.append(.resolved(name: queries.remove(at: index).name, address: nil))
            }
        }
    }

    public var nextTimeout: Instant? { queries.map(Self.due).min() }

    public mutating func poll() -> Output? { outputs.isEmpty ? nil : outputs.removeFirst() }
}
