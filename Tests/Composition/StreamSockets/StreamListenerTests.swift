import NIOCore
import Primitives
import TLSClient
import Testing

@testable import StreamSockets

@Suite(.timeLimit(.minutes(1))) struct StreamListenerTests {
    private let log = EventLog()
    private let dialLog = EventLog()
    private let dialer: StreamTransport

    init() {
        let dialLog = dialLog
        dialer = StreamTransport { dialLog.record($0) }
    }

    private func transport(_ limits: StreamLimits = .patient) -> StreamTransport {
        let log = log
        return StreamTransport(trust: TrustRoots(), limits: limits) { log.record($0) }
    }

    private func dial(_ number: UInt64, _ address: Primitives.SocketAddress) async {
        dialer.connect(StreamID(number), to: address)
        _ = await dialLog.opened(StreamID(number))
    }

    @Test(arguments: [IPAddress.loopback4, .loopback6])
    func anAcceptedConnectionTalksBothWays(ip: IPAddress) async throws {
        let transport = transport()
        let address = try #require(transport.listen(on: ip))
        #expect(address.ip == ip && address.port != 0)
        await dial(1, address)
        let id = try #require(await log.accepted().first)
        #expect(id.rawValue >> 63 == 1)
        let local = await dialLog.opened(StreamID(1))
        #expect(log.all.first == local.map { .accepted(id, listener: address, remote: $0) })
        transport.keep(id)
        dialer.send(StreamID(1), [1, 2])
        #expect(await log.bytes(2, from: id) == [1, 2])
        transport.send(id, [3])
        #expect(await dialLog.bytes(1, from: StreamID(1)) == [3])
        transport.close(id)
        #expect(await dialLog.reasonOfClosing(StreamID(1)) == "\(address) has closed the connection.")
    }

    @Test func anAddressThatIsNotOursCannotListen() {
        #expect(transport().listen(on: .v4(0xc633_6407)) == nil)
    }

    @Test func whoeverIsNotKeptGoes() async throws {
        var limits = StreamLimits.patient
        limits.unkeptTime = .milliseconds(20)
        let transport = transport(limits)
        let address = try #require(transport.listen(on: .loopback4))
        await dial(1, address)
        let id = try #require(await log.accepted().first)
        #expect(await log.reasonOfClosing(id)?.hasSuffix("has not shown who it is.") == true)
        #expect(await dialLog.reasonOfClosing(StreamID(1)) != nil)
    }

    @Test func strangersAreLimitedTheOldestGoesAndTheKeptStay() async throws {
        var limits = StreamLimits.patient
        limits.unkept = 4
        limits.unkeptTime = .seconds(600)
        let transport = transport(limits)
        let address = try #require(transport.listen(on: .loopback4))
        for number in 1...4 {
            await dial(UInt64(number), address)
            _ = await log.accepted(number)
        }
        let first = await log.accepted(4)
        transport.keep(first[0])
        for number in 5...8 { await dial(UInt64(number), address) }
        let all = await log.accepted(8)
        #expect(all.count == 8)
        // Seven strangers, room for four: those after the kept one are gone, in their order.
        _ = await log.reasonOfClosing(first[3])
        let closed = log.all.compactMap { if case .closed(let id, _) = $0 { id } else { nil } }
        #expect(closed == Array(first[1...3]))
        dialer.send(StreamID(1), [5])
        #expect(await log.bytes(1, from: first[0]) == [5])
    }

    @Test func aFloodOfConnectionsIsNotPassedOn() async throws {
        var limits = StreamLimits.patient
        limits.acceptsPerSecond = 0
        let transport = transport(limits)
        let address = try #require(transport.listen(on: .loopback4))
        for number in 1...10 as ClosedRange<UInt64> { dialer.connect(StreamID(number), to: address) }
        for number in 1...10 as ClosedRange<UInt64> { #expect(await dialLog.reasonOfClosing(StreamID(number)) != nil) }
        #expect(log.all.isEmpty)
        // The listener itself has taken no harm.
        dialer.connect(StreamID(11), to: address)
        #expect(await dialLog.reasonOfClosing(StreamID(11))?.contains("refuses") == false)
    }

    @Test func afterStopListeningNobodyGetsIn() async throws {
        let transport = transport()
        let address = try #require(transport.listen(on: .loopback4))
        await dial(1, address)
        let id = try #require(await log.accepted().first)
        transport.stopListening(address)
        // Behind it in the loop's queue.
        #expect(transport.listen(on: .loopback4) != nil)
        dialer.connect(StreamID(2), to: address)
        #expect(await dialLog.reasonOfClosing(StreamID(2)) == "\(address) refuses the connection.")
        dialer.send(StreamID(1), [1])
        #expect(await log.bytes(1, from: id) == [1])
    }
}
