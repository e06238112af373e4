import Glibc

/// A blocking TCP connection to a port of this machine, for what no proper client would send. Reads give up after five seconds.
final class RawConnection {
    private let descriptor: Int32
    private var unread: [UInt8] = []

    init?(port: Int) {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        var timeout = timeval(tv_sec: 5, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
        guard connected == 0 else { return nil }
    }

    deinit { close(descriptor) }

    func send(_ bytes: [UInt8]) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return }
            sent += count
        }
    }

    func send(_ text: String) { send(Array(text.utf8)) }

    /// Nil at the end of the connection.
    private func readByte() -> UInt8? {
        if unread.isEmpty {
            var chunk = [UInt8](repeating: 0, count: 65536)
            let count = recv(descriptor, &chunk, chunk.count, 0)
            guard count > 0 else { return nil }
            unread = Array(chunk[..<count].reversed())
        }
        return unread.popLast()
    }

    private func read(_ count: Int) -> [UInt8]? {
        var bytes: [UInt8] = []
        while bytes.count < count {
            guard let byte = readByte() else { return nil }
            bytes.append(byte)
        }
        return bytes
    }

    struct Response {
        var status: Int
        /// With small letters.
        var headers: [String: String]
        var body: String
    }

    func response() -> Response? {
        var head: [UInt8] = []
        while !head.suffix(4).elementsEqual([13, 10, 13, 10]) {
            guard let byte = readByte() else { return nil }
            head.append(byte)
        }
        let lines = String(decoding: head, as: UTF8.self).split(separator: "\r\n")
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts.count == 2 { headers[parts[0].lowercased()] = parts[1].drop { $0 == " " }.lowercased() }
        }
        guard let status = lines.first?.split(separator: " ").dropFirst().first.flatMap({ Int($0) }),
            let body = read(headers["content-length"].flatMap { Int($0) } ?? 0)
        else { return nil }
        return Response(status: status, headers: headers, body: String(decoding: body, as: UTF8.self))
    }

    func get(_ target: String, headers: String = "") -> Response? {
        send("GET \(target) HTTP/1.1\r\nHost: x\r\n\(headers)\r\n")
        return response()
    }

    func post(_ target: String, _ body: String, type: String = "text/plain;charset=UTF-8") -> Response? {
        send("POST \(target) HTTP/1.1\r\nHost: x\r\nContent-Type: \(type)\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
        return response()
    }

    // MARK: WebSocket (RFC 6455)

    func openWebSocket(_ target: String = "/socket.io/?EIO=4&transport=websocket") -> Response? {
        let headers =
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        return get(target, headers: headers)
    }

    /// One frame, masked with zeros.
    func frame(_ bytes: [UInt8], opcode: UInt8 = 1, isFinal: Bool = true, isMasked: Bool = true) {
        var out: [UInt8] = [(isFinal ? 0x80 : 0) | opcode]
        let mask: UInt8 = isMasked ? 0x80 : 0
        switch bytes.count {
        case ..<126: out.append(mask | UInt8(bytes.count))
        case ..<65536: out += [mask | 126, UInt8(bytes.count >> 8), UInt8(bytes.count & 255)]
        default: out += [mask | 127] + (0..<8).map { UInt8(truncatingIfNeeded: bytes.count >> (56 - 8 * $0)) }
        }
        if isMasked { out += [0, 0, 0, 0] }
        send(out + bytes)
    }

    func frame(_ text: String) { frame(Array(text.utf8)) }

    /// The next frame: a text, binary data as a list, or `close CODE`; nil at the end.
    func frame() -> String? {
        guard let head = read(2) else { return nil }
        var count = Int(head[1] & 127)
        if count >= 126 {
            guard let long = read(count == 126 ? 2 : 8) else { return nil }
            count = long.reduce(0) { $0 << 8 | Int($1) }
        }
        guard let body = read(count) else { return nil }
        switch head[0] & 15 {
        case 2: return "\(body)"
        case 8: return body.count >= 2 ? "close \(Int(body[0]) << 8 | Int(body[1]))" : "close"
        case 10: return "pong " + String(decoding: body, as: UTF8.self)
        default: return String(decoding: body, as: UTF8.self)
        }
    }

    /// The next frame that is no ping of the engine's.
    func message() -> String? {
        while let text = frame() { if text != "2" { return text } }
        return nil
    }
}
