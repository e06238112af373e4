import CallControl
import DTLS
import Primitives

/// Two ends of one association and what is on its way between them, with somebody in the middle where a test wants it.
struct Ends {
    enum Side: CaseIterable { case client, server }

    var client: VerificationExchange
    var server: VerificationExchange
    var toClient: [ControlMessage] = []
    var toServer: [ControlMessage] = []
    /// Everything that each side said to its own program.
    var shownByClient: [VerificationExchange.Output] = []
    var shownByServer: [VerificationExchange.Output] = []

    init(seed: UInt64, client: [UInt8] = fingerprint(1), server: [UInt8] = fingerprint(2)) {
        var random = RandomSource.seeded(seed)
        self.client = exchange(client, server, isClient: true, random: random.fork())
        self.server = exchange(server, client, isClient: false, random: random.fork())
    }

    mutating func start(_ side: Side) {
        if side == .client { client.start(now: .zero) } else { server.start(now: .zero) }
        drain()
    }

    /// Delivers the oldest message to a side; false when there is none.
    mutating func deliver(to side: Side) -> Bool {
        if side == .client {
            guard !toClient.isEmpty else { return false }
            client.handle(toClient.removeFirst(), now: .zero)
        } else {
            guard !toServer.isEmpty else { return false }
            server.handle(toServer.removeFirst(), now: .zero)
        }
        drain()
        return true
    }

    mutating func drain() {
        while let output = client.poll() { take(output, from: .client) }
        while let output = server.poll() { take(output, from: .server) }
    }

    /// Messages travel as text, as on the channel.
    private mutating func take(_ output: VerificationExchange.Output, from side: Side) {
        switch (output, side) {
        case (.send(let message), .client): ControlMessage(message.encoded()).map { toServer.append($0) }
        case (.send(let message), .server): ControlMessage(message.encoded()).map { toClient.append($0) }
        case (_, .client): shownByClient.append(output)
        case (_, .server): shownByServer.append(output)
        }
    }

    mutating func run() {
        while deliver(to: .client) || deliver(to: .server) {}
    }
}

/// A made-up certificate's.
func fingerprint(_ number: Int) -> [UInt8] { opensslSHA256(Array("certificate \(number)".utf8)) }

func exchange(_ local: [UInt8], _ remote: [UInt8], isClient: Bool, random: RandomSource) -> VerificationExchange {
    VerificationExchange(localFingerprint: local, remoteFingerprint: remote, isDTLSClient: isClient, random: random, sha256: opensslSHA256)
}

extension VerificationExchange {
    var words: [String]? { if case .words(let words) = state { words } else { nil } }
    var failure: Failure? { if case .failed(let failure) = state { failure } else { nil } }

    /// Everything that is to be sent.
    mutating func sent() -> [ControlMessage] {
        var messages: [ControlMessage] = []
        while let output = poll() { if case .send(let message) = output { messages.append(message) } }
        return messages
    }
}
