import FuzzSupport
import Logging
import NIOCore
import NIOEmbedded

@testable import Signaling

/// A `ServerHub` with connections that exist in memory alone. Session ids are the system's randomness, so the script cannot name them: it has
/// the ones that the server told.
struct FuzzedServer {
    private let loop = EmbeddedEventLoop()
    private let hub: ServerHub
    private var connections: [EmbeddedChannel] = []
    private var sessions: [String] = []

    init(_ flags: UInt8) {
        var configuration = ServerConfiguration()
        if flags & 1 == 1 { configuration.conform() }
        configuration.engine.maximumPayload = 3000
        configuration.limits.connections = 6
        configuration.limits.countsLoopback = flags & 2 == 2
        if flags & 4 == 4 { configuration.trustedProxies = [AddressRange(.v4(0x7f00_0000), bits: 8)].compactMap { $0 } }
        if flags & 8 == 8 { configuration.access.tokenSecret = [1, 2, 3] }
        hub = ServerHub(loop: loop, configuration: configuration, log: Logger(label: "fuzz", factory: { _ in SwiftLogNoOpLogHandler() }))
        open()
    }

    private mutating func open() {
        guard connections.count < 12 else { return }
        let channel = EmbeddedChannel(loop: loop)
        _ = try? channel.connect(to: NIOCore.SocketAddress(ipAddress: "127.0.0.1", port: 40_000 + connections.count)).wait()
        // As the bootstrap does it, what cannot be configured is closed.
        do { try hub.configure(channel) } catch { _ = try? channel.close().wait() }
        connections.append(channel)
    }

    mutating func step(_ input: inout FuzzInput) {
        let deed = input.byte()
        let index = Int(deed >> 4) % connections.count
        switch deed & 15 {
        case 0, 1: write(input.block(), to: index)
        case 2, 3: request(&input, to: index)
        case 4: request("GET", "&transport=polling", "", nil, to: index)
        case 5: request("GET", "&transport=polling\(session(input.byte()))", "", nil, to: index)
        case 6: request("POST", "&transport=polling\(session(input.byte()))", "", input.block(), to: index)
        case 7: upgrade(input.byte() & 1 == 1 ? session(input.byte()) : "", to: index)
        case 8, 9: frame(&input, to: index)
        case 10: open()
        case 11: _ = try? connections[index].close().wait()
        case 12: connections[index].pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        default: loop.advanceTime(by: .milliseconds(Int64(input.byte()) * 200))
        }
        loop.run()
        for index in connections.indices { read(index) }
    }

    private func session(_ byte: UInt8) -> String { sessions.isEmpty ? "" : "&sid=\(sessions[Int(byte) % sessions.count])" }

    private func write(_ bytes: [UInt8], to index: Int) {
        guard connections[index].isActive else { return }
        _ = try? connections[index].writeInbound(ByteBuffer(bytes: bytes))
    }

    private mutating func request(_ input: inout FuzzInput, to index: Int) {
        let choice = input.byte()
        let methods = ["GET", "POST", "HEAD", "OPTIONS", "PUT", "DELETE", "CONNECT", "get"]
        let targets = ["/", "/healthz", "/metrics", "/-/app.js", "/room", "/%2e", "*", "/socket.io/?EIO=4&transport=polling"]
        let target =
            targets[Int(choice >> 3) & 7] + (choice & 64 == 64 ? String(decoding: input.take(Int(input.byte())), as: UTF8.self) : "")
        let headers = choice & 128 == 128 ? String(decoding: input.block(), as: UTF8.self) : ""
        write(Array("\(methods[Int(choice & 7)]) \(target) HTTP/1.1\r\nHost: a\r\n\(headers)\r\n".utf8), to: index)
    }

    private func request(_ method: String, _ query: String, _ headers: String, _ body: [UInt8]?, to index: Int) {
        let length = body.map { "Content-Length: \($0.count)\r\n" } ?? ""
        write(
            Array("\(method) /socket.io/?EIO=4\(query) HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 8.8.8.8\r\n\(length)\(headers)\r\n".utf8)
                + (body ?? []),
            to: index)
    }

    private func upgrade(_ session: String, to index: Int) {
        let asking =
            "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
        request("GET", "&transport=websocket\(session)", asking, nil, to: index)
    }

    /// RFC 6455 section 5.2; the first byte, the mask, the form of the length and how it comes in pieces are the script's.
    private func frame(_ input: inout FuzzInput, to index: Int) {
        let first = input.byte(), kind = input.byte()
        let payload = kind & 1 == 1 ? Array("40".utf8) : input.block()
        let key: [UInt8] = kind & 4 == 4 ? input.take(4) + [0, 0, 0, 0] : [0, 0, 0, 0]
        var bytes: [UInt8] = [kind & 2 == 2 ? 0x81 : first]
        if payload.count < 126, kind & 8 == 0 {
            bytes.append(0x80 | UInt8(payload.count))
        } else if kind & 16 == 0 {
            bytes += [0xfe, UInt8(payload.count >> 8 & 255), UInt8(payload.count & 255)]
        } else {
            bytes += [0xff, kind & 32 == 32 ? input.byte() : 0, 0, 0, 0, 0, 0, UInt8(payload.count >> 8 & 255), UInt8(payload.count & 255)]
        }
        bytes += key.prefix(4) + payload.enumerated().map { $1 ^ key[$0 & 3] }
        let cut = kind & 64 == 64 ? min(bytes.count, Int(input.byte())) : bytes.count
        write(Array(bytes[..<cut]), to: index)
        if cut < bytes.count { write(Array(bytes[cut...]), to: index) }
    }

    /// Whatever a connection is answered with begins as HTTP; ids of sessions are kept.
    private mutating func read(_ index: Int) {
        while let buffer = try? connections[index].readOutbound(as: ByteBuffer.self) {
            let text = String(buffer: buffer)
            if let rest = text.after(#""sid":""#), sessions.count < 32 { sessions.append(String(rest.prefix(20))) }
        }
    }

    mutating func end() {
        for channel in connections { _ = try? channel.close().wait() }
        // A session that is open keeps its hub alive, and polling ones outlive their connections.
        _ = hub.stop(message: "over")
        loop.advanceTime(by: .seconds(1))
        if !hub.sessions.isEmpty { violated("sessions after the end") }
        let counted = String(decoding: hub.metrics.text(.init()), as: UTF8.self).split(separator: "\n").filter {
            $0.hasPrefix("tchat_connections{")
        }
        if !counted.allSatisfy({ $0.hasSuffix(" 0") }) { violated("\(counted), and nobody is connected") }
    }
}

extension String {
    /// What follows the first place where `text` stands; nil when it does not.
    fileprivate func after(_ text: String) -> Substring? {
        var rest = self[...]
        while !rest.isEmpty {
            if rest.hasPrefix(text) { return rest.dropFirst(text.count) }
            rest = rest.dropFirst()
        }
        return nil
    }
}
