import Primitives

/// First in, first out, without moving what remains.
struct OutputQueue {
    private var items: [PeerOutput] = []
    private var head = 0

    var isEmpty: Bool { head == items.count }

    mutating func append(_ item: PeerOutput) { items.append(item) }

    mutating func popFirst() -> PeerOutput? {
        guard head < items.count else { return nil }
        let item = items[head]
        head += 1
        if head == items.count {
            items.removeAll(keepingCapacity: true)
            head = 0
        }
        return item
    }

    mutating func removeAll() {
        items = []
        head = 0
    }
}

/// Datagrams that came before what can read them: the newest are dropped when it is full.
struct EarlyDatagrams {
    private let limit: Int
    private var datagrams: [(bytes: [UInt8], source: SocketAddress)] = []

    init(limit: Int) { self.limit = limit }

    mutating func append(_ datagram: [UInt8], from source: SocketAddress) {
        guard datagrams.count < limit, datagram.count <= 2048 else { return }
        datagrams.append((datagram, source))
    }

    mutating func take() -> [(bytes: [UInt8], source: SocketAddress)] {
        defer { datagrams = [] }
        return datagrams
    }
}
