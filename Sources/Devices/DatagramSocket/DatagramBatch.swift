import CLinux
import Glibc
import Primitives

/// One datagram of a batch.
public struct OutgoingDatagram: Sendable {
    public var payload: [UInt8]
    public var destination: SocketAddress

    public init(_ payload: [UInt8], to destination: SocketAddress) {
        self.payload = payload
        self.destination = destination
    }
}

/// Room for the datagrams of one sendmmsg, end to end, so that a run of equal ones can leave as one message. Used by one thread.
struct DatagramBatch: ~Copyable {
    private static let capacity = Int(TCHAT_SEND_BATCH)
    private static let arenaBytes = capacity * 2048
    /// No more than an IP packet holds; the kernel splits it again, into 64 at the most.
    private static let runBytes = 65_000
    /// Shorter runs go one by one: whatever drops packets on the way (a queue, a firewall) may take a run for one packet, and media must
    /// not lose three packets at once because they left together.
    private static let runMinimum = 8

    /// What the kernel says of a run: no checksums in hardware, a segment over the path's MTU, an old kernel.
    private static let refusals = [EIO, EINVAL, EMSGSIZE, EOPNOTSUPP, ENOPROTOOPT]

    private let arena: UnsafeMutableBufferPointer<UInt8>
    /// One entry a datagram; those of one group follow each other and have one destination.
    private let datagrams: UnsafeMutableBufferPointer<tchat_message>
    /// One entry a datagram or a run.
    private let messages: UnsafeMutableBufferPointer<tchat_message>
    private var count = 0
    private var used = 0
    private var lastDestination: SocketAddress?
    /// UDP_SEGMENT; false once the kernel or a device has refused it.
    private(set) var canSegment = true

    init() {
        arena = .allocate(capacity: Self.arenaBytes)
        arena.initialize(repeating: 0)
        datagrams = .allocate(capacity: Self.capacity)
        datagrams.initialize(repeating: tchat_message())
        messages = .allocate(capacity: Self.capacity)
        messages.initialize(repeating: tchat_message())
    }

    deinit {
        arena.deallocate()
        datagrams.deallocate()
        messages.deallocate()
    }

    /// Copies the payload. False: there is no room; send first.
    mutating func append(_ datagram: OutgoingDatagram) -> Bool {
        let length = datagram.payload.count
        guard count < Self.capacity, used + length <= Self.arenaBytes else { return false }
        if length > 0 { _ = UnsafeMutableBufferPointer(rebasing: arena[used..<used + length]).update(fromContentsOf: datagram.payload) }
        if count > 0, datagram.destination == lastDestination {
            datagrams[count] = datagrams[count - 1]
        } else {
            lastDestination = datagram.destination
            datagrams[count] = tchat_message(datagram.destination, group: UInt32(truncatingIfNeeded: count))
        }
        datagrams[count].offset = UInt32(truncatingIfNeeded: used)
        datagrams[count].length = UInt32(truncatingIfNeeded: length)
        used += length
        count += 1
        return true
    }

    /// Sends what was appended, and forgets it. Returns how many datagrams the system took; the rest is lost, as on any network.
    /// - Parameter failed: hears of each destination that cannot be reached, with the errno.
    mutating func send(on descriptor: Int32, failed: (SocketAddress, Int32) -> Void) -> Int {
        defer {
            count = 0
            used = 0
        }
        var sent = 0
        var next = 0
        var attempts = 0
        var suspect: UInt32?
        while next < count {
            let messageCount = makeMessages(from: next)
            let taken = tchat_send_batch(descriptor, arena.baseAddress, messages.baseAddress, Int32(messageCount))
            if taken > 0 {
                let width = messages[..<Int(taken)].reduce(0) { $0 + Self.width($1) }
                sent += width
                next += width
                attempts = 0
                continue
            }
            let code = errno
            let group = datagrams[next].group
            switch code {
            case EINTR, ECONNREFUSED:
                // Once more: the error was an earlier datagram's.
                attempts += 1
                if attempts < 3 { continue }
                next += Self.width(messages[0])
            case EAGAIN, ENOBUFS, ENOMEM: return sent
            case _ where messages[0].segment > 0 && Self.refusals.contains(code):
                canSegment = false
                suspect = group
            case EMSGSIZE:
                if let destination = SocketAddress(messages[0]) { failed(destination, code) }
                next += 1
            default:
                if let destination = SocketAddress(messages[0]) { failed(destination, code) }
                // It was the address, not the run.
                if group == suspect { canSegment = true }
                // One word about an address is enough, and so is one system call.
                while next < count, datagrams[next].group == group { next += 1 }
            }
            attempts = 0
        }
        return sent
    }

    /// Lays out the datagrams from one on, neighbours of one size and destination as one message; returns how many messages there are.
    private func makeMessages(from start: Int) -> Int {
        var messageCount = 0
        var index = start
        while index < count {
            var end = index + 1
            var bytes = datagrams[index].length
            if canSegment { (end, bytes) = run(from: index) }
            messages[messageCount] = datagrams[index]
            if end - index >= Self.runMinimum {
                messages[messageCount].segment = UInt16(truncatingIfNeeded: datagrams[index].length)
                messages[messageCount].length = bytes
                index = end
            } else {
                index += 1
            }
            messageCount += 1
        }
        return messageCount
    }

    /// Where the run from a datagram on ends: all of one size, but for the last, which may be shorter.
    private func run(from index: Int) -> (end: Int, bytes: UInt32) {
        let size = datagrams[index].length
        var end = index + 1
        var bytes = size
        while end < count, datagrams[end].group == datagrams[index].group, datagrams[end - 1].length == size,
            datagrams[end].length > 0, datagrams[end].length <= size, Int(bytes + datagrams[end].length) <= Self.runBytes
        {
            bytes += datagrams[end].length
            end += 1
        }
        return (end, bytes)
    }

    /// How many datagrams a message is.
    private static func width(_ message: tchat_message) -> Int {
        message.segment == 0 ? 1 : Int((message.length + UInt32(message.segment) - 1) / UInt32(message.segment))
    }
}

extension tchat_message {
    fileprivate init(_ destination: SocketAddress, group: UInt32) {
        self.init()
        self.group = group
        destination.withSystemAddress { address, length in
            address_length = UInt16(truncatingIfNeeded: length)
            withUnsafeMutableBytes(of: &self.address) { $0.copyMemory(from: UnsafeRawBufferPointer(start: address, count: Int(length))) }
        }
    }
}

extension SocketAddress {
    fileprivate init?(_ message: tchat_message) {
        var storage = sockaddr_storage()
        withUnsafeMutableBytes(of: &storage) { storage in
            withUnsafeBytes(of: message.address) { storage.copyMemory(from: $0) }
        }
        self.init(&storage)
    }
}
