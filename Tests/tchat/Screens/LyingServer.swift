import Glibc
import Synchronization

/// Stands between a client and a signaling server, and puts other words into the server's mouth: texts in its WebSocket messages are
/// replaced by others of any length. What the client says goes through as it is.
final class LyingServer: Sendable {
    let port: Int
    private let task: Task<Void, Never>

    /// - Parameter lies: what is said instead, as it stands between the quotes of JSON.
    init(before server: Int, lies: [(truth: String, lie: String)]) throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = Self.loopback(0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(listener, address, length) == 0 && listen(listener, 16) == 0 && getsockname(listener, address, &length) == 0
            }
        }
        guard isListening else { throw ProgramRun.Failure(description: "no socket to lie on: \(errno)") }
        port = Int(UInt16(bigEndian: address.sin_port))
        _ = fcntl(listener, F_SETFL, O_NONBLOCK)
        let replaced = lies.map { (truth: Array($0.truth.utf8), lie: Array($0.lie.utf8)) }
        task = Task {
            var connections: [Connection] = []
            while !Task.isCancelled {
                let client = accept(listener, nil, nil)
                if client >= 0, let connection = Connection(client: client, server: server) { connections.append(connection) }
                for index in connections.indices { connections[index].pump(replaced) }
                connections.removeAll { $0.isOver }
                try? await Task.sleep(for: .milliseconds(5))
            }
            for connection in connections { connection.close() }
            Glibc.close(listener)
        }
    }

    deinit { task.cancel() }

    fileprivate static func loopback(_ port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        return address
    }
}

private struct Connection {
    private let client: Int32
    private let server: Int32
    private var fromServer: [UInt8] = []
    private var toClient: [UInt8] = []
    private var toServer: [UInt8] = []
    private var isUpgraded = false
    private(set) var isOver = false

    init?(client: Int32, server port: Int) {
        let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = LyingServer.loopback(port)
        let isConnected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(server, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0 }
        }
        for end in [client, server] {
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
        (self.client, self.server) = (client, server)
        guard isConnected else {
            close()
            return nil
        }
    }

    func close() {
        Glibc.close(client)
        Glibc.close(server)
    }

    mutating func pump(_ lies: [(truth: [UInt8], lie: [UInt8])]) {
        let isClientOpen = Self.read(client, into: &toServer)
        let isServerOpen = Self.read(server, into: &fromServer)
        while let piece = nextFromServer(lies) { toClient += piece }
        Self.write(&toServer, to: server)
        Self.write(&toClient, to: client)
        if !isClientOpen || (!isServerOpen && toClient.isEmpty) {
            isOver = true
            close()
        }
    }

    /// The answer to the handshake, then one frame after the other; nil: it is not whole.
    private mutating func nextFromServer(_ lies: [(truth: [UInt8], lie: [UInt8])]) -> [UInt8]? {
        guard isUpgraded else {
            guard let end = Self.find(Array("\r\n\r\n".utf8), in: fromServer[...]) else { return nil }
            defer { fromServer.removeFirst(end + 4) }
            isUpgraded = true
            return Array(fromServer[..<(end + 4)])
        }
        guard fromServer.count >= 2 else { return nil }
        var (length, start) = (Int(fromServer[1] & 0x7f), 2)
        if length >= 126 {
            start = length == 126 ? 4 : 10
            guard fromServer.count >= start else { return nil }
            length = fromServer[2..<start].reduce(0) { $0 << 8 | Int($1) }
        }
        guard fromServer.count >= start + length else { return nil }
        var payload = Array(fromServer[start..<(start + length)])
        let head = fromServer[0]
        fromServer.removeFirst(start + length)
        for lie in lies {
            while let at = Self.find(lie.truth, in: payload[...]) { payload.replaceSubrange(at..<(at + lie.truth.count), with: lie.lie) }
        }
        let count = payload.count
        let size: [UInt8] =
            count < 126
            ? [UInt8(count)]
            : count < 65536
                ? [126, UInt8(count >> 8), UInt8(count & 0xff)] : [127] + (0..<8).map { UInt8(truncatingIfNeeded: count >> (56 - 8 * $0)) }
        return [head] + size + payload
    }

    private static func find(_ wanted: [UInt8], in bytes: ArraySlice<UInt8>) -> Int? {
        guard bytes.count >= wanted.count else { return nil }
        return (bytes.startIndex...(bytes.endIndex - wanted.count)).first {
            bytes[$0] == wanted[0] && bytes[$0..<($0 + wanted.count)].elementsEqual(wanted)
        }
    }

    private static func read(_ end: Int32, into bytes: inout [UInt8]) -> Bool {
        var piece = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(end, &piece, piece.count)
            if count > 0 { bytes += piece[..<count] } else { return count < 0 && (errno == EAGAIN || errno == EINTR) }
        }
    }

    private static func write(_ bytes: inout [UInt8], to end: Int32) {
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { send(end, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return }
            bytes.removeFirst(count)
        }
    }
}
