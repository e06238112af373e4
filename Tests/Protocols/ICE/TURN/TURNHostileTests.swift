import DTLS
import ICE
import Primitives
import TURNSimulation
import TestSupport
import Testing

/// Answers that are cut, changed or forged.
@Suite struct TURNHostileTests {
    private static let start = Instant.zero + .seconds(100)

    /// Hands a datagram to a client, if it is a message at all.
    private static func give(_ datagram: some Sequence<UInt8>, to client: inout TURNClient, at now: Instant = start) {
        if let message = try? STUNMessage(parsing: Array(datagram).span) { _ = client.handle(message, now: now) }
    }

    private static func client() -> TURNClient {
        TURNClient(
            server: TURNServer(address: TURNLink.serverAddress, user: "user", password: "pass"), random: .seeded(1),
            hmacSHA1: opensslHMACSHA1, md5: opensslMD5, now: start)
    }

    private static func exchange(_ client: inout TURNClient, _ server: inout SimulatedTURNServer) -> [[UInt8]] {
        var answers: [[UInt8]] = []
        while let output = client.poll() {
            guard case .transmit(let payload) = output else { continue }
            answers += server.handle(payload, from: TURNLink.host, to: TURNLink.serverAddress, now: start).map(\.payload)
        }
        return answers
    }

    /// A client that awaits the answer to its signed Allocate, and that answer.
    private static func awaiting() throws -> (TURNClient, [UInt8]) {
        var client = client()
        var server = SimulatedTURNServer(address: TURNLink.serverAddress, hmacSHA1: opensslHMACSHA1, md5: opensslMD5)
        let challenge = try #require(exchange(&client, &server).first)
        give(challenge, to: &client)
        return (client, try #require(exchange(&client, &server).first))
    }

    @Test func noBrokenTwinOfAnAnswerIsBelieved() throws {
        let (client, answer) = try Self.awaiting()
        for length in 0..<answer.count {
            var twin = client
            Self.give(answer[..<length], to: &twin)
            #expect(twin.state == .allocating)
        }
        // The fingerprint catches a changed byte, or the integrity does where the fingerprint is what was changed away.
        for index in answer.indices {
            for flip in [1, 0x80, 0xff] as [UInt8] {
                var twin = client
                var changed = answer
                changed[index] ^= flip
                Self.give(changed, to: &twin)
                if case .allocated(let relayed) = twin.state {
                    #expect(relayed == SocketAddress(TURNLink.serverAddress.ip, port: 50_000), "byte \(index)")
                }
            }
        }
    }

    @Test func anUnsignedSuccessIsIgnored() throws {
        let (client, answer) = try Self.awaiting()
        let id = try STUNMessage(parsing: answer.span).transactionID
        let forged = STUNMessage(
            .success, .allocate, transactionID: id, attributes: [.xorRelayedAddress(TURNLink.peer), .lifetime(600)])
        var twin = client
        Self.give(forged.encoded(), to: &twin)
        #expect(twin.state == .allocating)
        Self.give(forged.encoded(integrity: ([1, 2], opensslHMACSHA1)), to: &twin)
        #expect(twin.state == .allocating)
    }

    @Test(arguments: ["0.0.0.0", "224.0.0.1", "2001:db8::1"])
    func anAddressOfNoUseIsAFailure(address: String) throws {
        let (client, answer) = try Self.awaiting()
        let id = try STUNMessage(parsing: answer.span).transactionID
        let relayed = SocketAddress(try #require(IPAddress(address)), port: 4)
        let message = STUNMessage(.success, .allocate, transactionID: id, attributes: [.xorRelayedAddress(relayed)])
        var twin = client
        Self.give(message.encoded(integrity: (opensslMD5(Array("user:simulation:pass".utf8)), opensslHMACSHA1)), to: &twin)
        #expect(twin.state == .failed(.unusableAnswer))
    }

    @Test func challengesWithoutEndAreNotFollowed() throws {
        var client = Self.client()
        var answered = 0
        while let output = client.poll() {
            guard case .transmit(let payload) = output else { continue }
            answered += 1
            try #require(answered < 20)
            let id = try STUNMessage(parsing: payload.span).transactionID
            let challenge = STUNMessage(
                .error, .allocate, transactionID: id,
                attributes: [.errorCode(code: 438, reason: []), .realm([0x61]), .nonce(Array("\(answered)".utf8))])
            Self.give(challenge.encoded(), to: &client)
        }
        #expect(client.state == .failed(.refused(code: 438)))
    }

    @Test func dataIsOnlyWhatIsFramedWhole() throws {
        var link = TURNLink()
        link.client.permit(TURNLink.peer.ip, now: link.now)
        link.client.bind(TURNLink.peer, now: link.now)
        link.run(for: .seconds(1))
        let payload: [UInt8] = [0x80, 1, 2, 3, 4]
        var channelData = payload
        TURNFraming.putChannelHeader(0x4000, before: &channelData)
        var random = RandomSource.seeded(1)
        let indication = STUNMessage(
            .indication, .data, transactionID: STUNTransactionID(using: &random),
            attributes: [.xorPeerAddress(TURNLink.peer), .data(payload)]
        ).encoded()
        for datagram in [channelData, indication, channelData + [0, 0, 0]] {
            let found = link.client.unwrap(datagram.span)
            let data = try #require(found)
            #expect(data.peer == TURNLink.peer && Array(datagram[data.payload]) == payload)
        }
        for datagram in [channelData, indication] {
            for length in 0..<datagram.count {
                let found = link.client.unwrap(Array(datagram[..<length]).span)
                #expect(found == nil)
            }
            for index in datagram.indices {
                var changed = datagram
                changed[index] ^= 0xff
                if let data = link.client.unwrap(changed.span) { #expect(data.payload.upperBound <= changed.count) }
            }
        }
        // A channel that was never bound.
        var stranger = payload
        TURNFraming.putChannelHeader(0x4001, before: &stranger)
        let found = link.client.unwrap(stranger.span)
        #expect(found == nil)
        var noise = RandomSource.seeded(5)
        for _ in 0..<5000 {
            var datagram = noise.bytes(Int.random(in: 0...80, using: &noise))
            if !datagram.isEmpty { datagram[0] = [0, 0x40, 0x4f, 1][Int.random(in: 0..<4, using: &noise)] }
            if let data = link.client.unwrap(datagram.span) { #expect(data.payload.upperBound <= datagram.count) }
            Self.give(datagram, to: &link.client, at: link.now)
        }
    }

    @Test func holdsOnlySoMuch() {
        var link = TURNLink(conditions: PathConditions(loss: 1))
        for number in 0..<1000 {
            let ip = IPAddress.v4(0x0a00_0000 + UInt32(number))
            link.client.permit(ip, now: link.now)
            link.client.hold([UInt8(truncatingIfNeeded: number), UInt8(number >> 8)], for: SocketAddress(ip, port: 1))
            link.client.bind(SocketAddress(ip, port: 1), now: link.now)
        }
        link.network.setConditions(PathConditions())
        link.run(for: .seconds(60))
        #expect(link.server.accepted[.createPermission] == 64 && link.server.accepted[.channelBind] == 16)
        #expect(link.server.indications + link.server.channelDatagrams == 16)
    }
}
