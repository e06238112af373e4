import DTLS
import DatagramSocket
import Glibc
import JSON
import PeerConnection
import Primitives
import SCTP
import Threading

/// One side of a connection with a data channel; the offering one sends for so many seconds. The description goes to standard output as
/// `{"sdp": …}`, the other side's comes in the same way. The receiver says how much came in the time between the first and the last message.
func carryData(_ options: Options) {
    guard let certificate = try? DTLSCertificate.generate(), let socket = try? DatagramSocket(binding: .loopback4),
        let event = EventDescriptor()
    else { end("There is no socket or certificate.") }
    var side = DataSide(
        peer: PeerConnection(
            configuration: .init(certificate: certificate, isPolite: options.text("role") == "answer"), random: .system,
            now: MonotonicClock.now()),
        socket: socket, event: event, message: [UInt8](repeating: 0x61, count: options.number("size", 16384)),
        duration: .seconds(options.number("seconds", 5)))
    side.run(isOfferer: options.text("role") == "offer")
}

struct DataSide: ~Copyable {
    /// What waits in the channel, at the most; aiortc's side of the comparison keeps as much.
    static let mostBuffered = 1 << 20

    var peer: PeerConnection
    let socket: DatagramSocket
    let event: EventDescriptor
    let message: [UInt8]
    let duration: Interval
    var poller = Poller()
    var channel: DataChannelID?
    var isOpen = false
    var received = 0
    var first: Instant?
    var last: Instant?
    var isOver = false
    var outgoing: [OutgoingDatagram] = []

    init(peer: consuming PeerConnection, socket: DatagramSocket, event: EventDescriptor, message: [UInt8], duration: Interval) {
        self.peer = peer
        self.socket = socket
        self.event = event
        self.message = message
        self.duration = duration
    }

    mutating func run(isOfferer: Bool) {
        peer.addLocalSocket(base: socket.localAddress, now: MonotonicClock.now())
        drain()
        do {
            if isOfferer {
                tell(try peer.createOffer(now: MonotonicClock.now()))
                try peer.handleAnswer(read(), now: MonotonicClock.now())
                channel = try peer.openDataChannel(DataChannelOptions(label: "bench"), now: MonotonicClock.now())
            } else if let answer = try peer.handleOffer(read(), now: MonotonicClock.now()) {
                tell(answer)
            }
        } catch { end("\(error)") }
        drain()
        let began = cpuSeconds()
        var stop = MonotonicClock.now() + .seconds(15)
        var isSending = false
        while !isOver, MonotonicClock.now() < stop {
            if isOpen, !isSending {
                isSending = true
                // The receiver also waits for what is under way at the end.
                stop = MonotonicClock.now() + duration + (isOfferer ? .zero : .seconds(1))
            }
            if isOfferer, isOpen { fill() }
            drain()
            let now = MonotonicClock.now()
            poller.wait(on: [socket], event: event, until: min(stop, peer.nextTimeout(now: now) ?? stop))
            receive()
        }
        guard isSending else { end("The two were not connected.") }
        let seconds = (last ?? .zero) - (first ?? .zero)
        let megabits = seconds > .zero ? Double(received) * 8 / 1_000_000 / seconds.seconds : 0
        say(json(["bytes": "\(received)", "megabitsPerSecond": "\(megabits)", "cpuSeconds": "\(cpuSeconds() - began)"]))
    }

    private func tell(_ sdp: String) {
        let line: JSONValue = ["sdp": .string(sdp)]
        say(line.text)
    }

    private func read() -> String {
        guard let line = readLine(), let sdp = (try? JSONValue(parsing: Array(line.utf8)))?["sdp"]?.stringValue else {
            end("There came no description.")
        }
        return sdp
    }

    private mutating func fill() {
        guard let channel else { return }
        while peer.bufferedAmount(of: channel) + message.count <= Self.mostBuffered {
            guard (try? peer.sendData(.binary(message), on: channel, now: MonotonicClock.now())) != nil else { return }
        }
    }

    private mutating func receive() {
        let now = MonotonicClock.now()
        if let due = peer.nextTimeout(now: now), due <= now { peer.handleTimeout(now: now) }
        let base = socket.localAddress
        socket.receive { peer.handle($0, from: $1, base: base, now: now) }
    }

    private mutating func drain() {
        while let output = peer.poll() {
            switch output {
            case .transmit(_, let destination, let payload): outgoing.append(OutgoingDatagram(payload, to: destination))
            case .event(.dataChannel(let event)): take(event)
            case .event(.remoteClosed): isOver = true
            default: break
            }
        }
        if !outgoing.isEmpty {
            socket.sendBatch(outgoing) { _, _ in }
            outgoing.removeAll(keepingCapacity: true)
        }
    }

    private mutating func take(_ event: DataChannelEvent) {
        switch event {
        case .opened: isOpen = true
        case .message(_, .binary(let bytes)):
            last = MonotonicClock.now()
            if first == nil { first = last } else { received += bytes.count }
        default: break
        }
    }
}
