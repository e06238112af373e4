import DatagramSocket
import Glibc
import Primitives
import Threading

/// Two ports, one for each peer; what comes to one leaves from the other after the delay. Says its ports, then reads the peers' on
/// standard input: `PORT PORT`, the first's and the second's. Runs until it is killed.
func relay(_ options: Options) {
    guard let first = try? DatagramSocket(binding: .loopback4), let second = try? DatagramSocket(binding: .loopback4),
        let event = EventDescriptor()
    else { end("There is no socket.") }
    say(json(["first": "\(first.localAddress.port)", "second": "\(second.localAddress.port)"]))
    let ports = (readLine() ?? "").split(separator: " ").compactMap { UInt16($0) }
    guard ports.count == 2 else { end("Two ports are needed.") }
    let delay = Interval.milliseconds(options.number("delay", 0))
    // What came to the first goes to the second peer, and the other way round.
    var ways = [DelayedWay(from: first, out: second, to: ports[1]), DelayedWay(from: second, out: first, to: ports[0])]
    var poller = Poller()
    while true {
        let due = min(ways[0].nextDue ?? .distantFuture, ways[1].nextDue ?? .distantFuture, MonotonicClock.now() + .seconds(1))
        poller.wait(on: [first, second], event: event, until: due)
        for index in ways.indices { ways[index].move(delay: delay) }
    }
}

/// One direction. All wait equally long, so the order stays.
struct DelayedWay {
    private static let limit = 100_000
    let from: DatagramSocket
    let out: DatagramSocket
    let destination: SocketAddress
    private var waiting: [(due: Instant, payload: [UInt8])] = []
    private var next = 0

    init(from: DatagramSocket, out: DatagramSocket, to port: UInt16) {
        self.from = from
        self.out = out
        destination = SocketAddress(.loopback4, port: port)
    }

    var nextDue: Instant? { next < waiting.count ? waiting[next].due : nil }

    mutating func move(delay: Interval) {
        let now = MonotonicClock.now()
        from.receive { datagram, _ in
            if waiting.count - next < Self.limit { waiting.append((now + delay, datagram.withUnsafeBufferPointer { Array($0) })) }
        }
        var batch: [OutgoingDatagram] = []
        while next < waiting.count, waiting[next].due <= now {
            batch.append(OutgoingDatagram(waiting[next].payload, to: destination))
            next += 1
        }
        if !batch.isEmpty { out.sendBatch(batch) { _, _ in } }
        if next > 4096 {
            waiting.removeFirst(next)
            next = 0
        }
    }
}
