import COpenSSL
import NIOCore
import NIOPosix
import NIOSSL
import Primitives
import Synchronization

@testable import Signaling

/// A server of this process that says what a test tells it to, byte for byte.
final class ScriptedServer: Sendable {
    /// What a client does.
    enum Input: Equatable {
        case connected
        /// The head of its HTTP request is there.
        case request
        case text(String)
        case binary
        case ping
        case pong
        case close
    }

    enum Output {
        case raw([UInt8])
        /// The answer that makes a WebSocket of the connection.
        case upgrade
        case text(String)
        /// Any frame: its first byte (RFC 6455 section 5.2) and its payload.
        case frame(UInt8, [UInt8])
        case pong
        /// Reads no more.
        case stall
        case end
    }

    /// - Parameters: the number of the connection, from 1, and what came on it.
    typealias Script = @Sendable (Int, Input) -> [Output]

    private struct State {
        var channels: [any Channel] = []
        var inputs: [(connection: Int, input: Input)] = []
    }

    let port: Int
    private let listener: any Channel
    private let state: SharedState

    private final class SharedState: Sendable {
        let value = Mutex(State())
    }

    init(tls: NIOSSLContext? = nil, _ script: @escaping Script) throws {
        let state = SharedState()
        let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls { try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls)) }
                    let number = state.value.withLock {
                        $0.channels.append(channel)
                        return $0.channels.count
                    }
                    let handler = Connection { input in
                        state.value.withLock { $0.inputs.append((number, input)) }
                        return script(number, input)
                    }
                    try channel.pipeline.syncOperations.addHandler(handler)
                }
            }
        listener = try bootstrap.bind(host: "127.0.0.1", port: 0).wait()
        port = listener.localAddress?.port ?? 0
        self.state = state
    }

    deinit {
        listener.close(promise: nil)
        for channel in state.value.withLock({ $0.channels }) { channel.close(promise: nil) }
    }

    var url: ServerURL { ServerURL(host: "127.0.0.1", port: port) }

    /// What came, of one connection or of all.
    func inputs(_ number: Int? = nil) -> [Input] {
        state.value.withLock { $0.inputs.filter { number == nil || $0.connection == number }.map(\.input) }
    }

    func texts(_ number: Int? = nil) -> [String] {
        inputs(number).compactMap { if case .text(let text) = $0 { text } else { nil } }
    }

    static let greeting = #"0{"sid":"E","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#

    /// Lets a client in as far as the CONNECT; `then` goes on.
    static func admitting(_ then: @escaping Script) -> Script {
        { number, input in
            switch input {
            case .request: return [.upgrade, .text(greeting)]
            case .text(let text) where text.hasPrefix("40"): return [.text(#"40{"sid":"S"}"#)] + then(number, input)
            default: return then(number, input)
            }
        }
    }

    /// The number of the acknowledgement that an event asks for, if this is the event.
    static func acknowledgement(_ text: String, _ event: String) -> Int? {
        guard text.hasPrefix("42"), let start = text.firstIndex(of: "["), text[start...].hasPrefix("[\"\(event)\"") else { return nil }
        return Int(text.dropFirst(2).prefix(upTo: start))
    }

    private final class Connection: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let respond: (Input) -> [Output]
        private var bytes: [UInt8] = []
        private var accept: [UInt8]?
        private var isWebSocket = false

        init(_ respond: @escaping (Input) -> [Output]) { self.respond = respond }

        func channelActive(context: ChannelHandlerContext) { tell(.connected, context) }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            bytes += unwrapInboundIn(data).readableBytesView
            if accept == nil { readRequest(context) }
            while isWebSocket, let (opcode, payload) = nextFrame() {
                switch opcode {
                case 1: tell(.text(String(decoding: payload, as: UTF8.self)), context)
                case 8: tell(.close, context)
                case 9: tell(.ping, context)
                case 10: tell(.pong, context)
                default: tell(.binary, context)
                }
            }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

        private func readRequest(_ context: ChannelHandlerContext) {
            guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return }
            let head = String(decoding: bytes[..<end.lowerBound], as: UTF8.self)
            bytes.removeSubrange(..<end.upperBound)
            let name = "sec-websocket-key:"
            let line = head.split(separator: "\r\n").first { $0.lowercased().hasPrefix(name) }
            let key = line?.dropFirst(name.count).filter { $0 != " " } ?? ""
            accept = Base64.encode(Self.sha1(Array("\(key)258EAFA5-E914-47DA-95CA-C5AB0DC85B11".utf8)))
            tell(.request, context)
        }

        private static func sha1(_ bytes: [UInt8]) -> [UInt8] {
            var digest = [UInt8](repeating: 0, count: 20)
            EVP_Digest(bytes, bytes.count, &digest, nil, EVP_sha1(), nil)
            return digest
        }

        private func nextFrame() -> (UInt8, [UInt8])? {
            guard bytes.count >= 2 else { return nil }
            var count = Int(bytes[1] & 127)
            var start = 2
            if count >= 126 {
                let size = count == 126 ? 2 : 8
                guard bytes.count >= 2 + size else { return nil }
                count = bytes[2..<2 + size].reduce(0) { $0 << 8 | Int($1) }
                start += size
            }
            guard bytes.count >= start + 4 + count else { return nil }
            let mask = Array(bytes[start..<start + 4])
            let payload = bytes[start + 4..<start + 4 + count].enumerated().map { $1 ^ mask[$0 & 3] }
            let opcode = bytes[0] & 15
            bytes.removeSubrange(..<(start + 4 + count))
            return (opcode, payload)
        }

        private func tell(_ input: Input, _ context: ChannelHandlerContext) {
            for output in respond(input) {
                switch output {
                case .raw(let bytes): write(bytes, context)
                case .upgrade:
                    isWebSocket = true
                    let head = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
                    write(Array(head.utf8) + (accept ?? []) + Array("\r\n\r\n".utf8), context)
                case .text(let text): frame(0x81, Array(text.utf8), context)
                case .frame(let first, let payload): frame(first, payload, context)
                case .pong: frame(0x8a, [], context)
                case .stall: try? context.channel.syncOptions?.setOption(.autoRead, value: false)
                case .end: context.close(promise: nil)
                }
            }
        }

        private func frame(_ first: UInt8, _ payload: [UInt8], _ context: ChannelHandlerContext) {
            write(ScriptedServer.frame(first, payload), context)
        }

        private func write(_ bytes: [UInt8], _ context: ChannelHandlerContext) {
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
        }
    }

    static func frame(_ first: UInt8, _ payload: [UInt8]) -> [UInt8] {
        let count = payload.count
        let length: [UInt8] =
            switch count {
            case ..<126: [UInt8(count)]
            case ..<65536: [126, UInt8(count >> 8), UInt8(count & 255)]
            default: [127] + (0..<8).map { UInt8(truncatingIfNeeded: count >> (56 - 8 * $0)) }
            }
        return [first] + length + payload
    }
}
