import NIOCore
import Primitives
import TLSClient
import Testing

@testable import StreamSockets

@Suite(.timeLimit(.minutes(1))) struct StreamSocketsTests {
    private let log = EventLog()
    private let transport: StreamTransport
    private let id = StreamID(7)

    init() {
        let log = log
        var limits = StreamLimits()
        // On a busy machine a second is short.
        limits.flushTime = .seconds(30)
        transport = StreamTransport(trust: TrustRoots(), limits: limits) { log.record($0) }
    }

    @Test(arguments: [IPAddress.loopback4, .loopback6])
    func bytesGoThereAndComeBack(ip: IPAddress) async throws {
        let server = try TestServer(on: ip)
        transport.connect(id, to: server.address, from: ip)
        let local = try #require(await log.opened(id))
        #expect(local.ip == ip && local.port != 0)
        transport.send(id, [1, 2, 3])
        transport.send(id, [4, 5])
        #expect(await log.bytes(5, from: id) == [1, 2, 3, 4, 5])
        #expect(transport.droppedPayloads(id) == 0)
    }

    @Test func theOtherSidesEndIsToldOnceAndLast() async throws {
        let server = try TestServer()
        transport.connect(id, to: server.address)
        _ = await log.opened(id)
        transport.send(id, [9])
        _ = await log.bytes(1, from: id)
        server.stop()
        #expect(await log.reasonOfClosing(id) == "\(server.address) has closed the connection.")
        transport.send(id, [9])
        transport.close(id)
        transport.stop()
        #expect(log.all.count == 3)
    }

    @Test func aPortWhereNobodyListensIsRefused() async throws {
        let port = try #require(DeadPort())
        transport.connect(id, to: port.address)
        #expect(await log.reasonOfClosing(id) == "\(port.address) refuses the connection.")
    }

    @Test func anAddressThatIsNotOursOrHasNoWayIsSaid() async throws {
        let server = try TestServer()
        transport.connect(id, to: server.address, from: .v4(0xc633_6407))
        #expect(await log.reasonOfClosing(id)?.contains("not this machine's") == true)
        // From a loopback address nothing leads out of the machine.
        transport.connect(StreamID(8), to: Primitives.SocketAddress(.v4(0xc000_0201), port: 9), from: .loopback4)
        #expect(await log.reasonOfClosing(StreamID(8)) != nil)
    }

    @Test func closingSendsWhatIsQueuedAndSaysNoMore() async throws {
        let server = try TestServer(.isSilent)
        transport.connect(id, to: server.address)
        _ = await log.opened(id)
        let payload = (0..<100_000).map { UInt8(truncatingIfNeeded: $0) }
        transport.send(id, payload)
        transport.close(id)
        let channel = try #require(server.channels.first)
        try await channel.closeFuture.get()
        #expect(server.received == payload)
        // Another stream's round trip: whatever the loop had to say about the first has been said.
        transport.connect(StreamID(8), to: server.address)
        _ = await log.opened(StreamID(8))
        #expect(!log.all.contains { if case .closed = $0 { true } else { false } })
    }

    @Test func closingBeforeItIsOpenIsSilent() async throws {
        let server = try TestServer()
        transport.connect(id, to: server.address)
        transport.close(id)
        transport.connect(StreamID(8), to: server.address)
        _ = await log.opened(StreamID(8))
        #expect(!log.all.contains { if case .closed = $0 { true } else { false } })
    }

    @Test func nothingIsSaidAfterStop() async throws {
        let server = try TestServer()
        for number in 0..<8 { transport.connect(StreamID(UInt64(number)), to: server.address) }
        transport.stop()
        let count = log.all.count
        transport.connect(id, to: server.address)
        #expect(transport.listen(on: .loopback4) == nil)
        transport.stop()
        #expect(log.all.count == count)
    }

    @Test func aNumberThatIsInUseIsLeftAlone() async throws {
        let server = try TestServer()
        transport.connect(id, to: server.address)
        _ = await log.opened(id)
        transport.connect(id, to: server.address)
        transport.send(id, [1])
        #expect(await log.bytes(1, from: id) == [1])
        #expect(log.all.count == 2)
    }

    @Test func aReaderThatStallsGetsWholePayloadsOrNone() async throws {
        let server = try TestServer(.readsNothing)
        transport.connect(id, to: server.address)
        _ = await log.opened(id)
        // Each payload says its number at both ends; 16 MiB are more than two systems hold.
        func payload(_ number: Int) -> [UInt8] {
            let mark = (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
            return mark + [UInt8](repeating: mark[0], count: 1016) + mark
        }
        let count = 16 << 10
        for number in 0..<count { transport.send(id, payload(number)) }
        let dropped = transport.droppedPayloads(id)
        #expect(dropped > 0 && dropped < count)
        transport.close(id)
        let received = try await server.readToTheEnd()
        #expect(received.count % 1024 == 0)
        var last = -1
        var isInOrder = true
        for start in stride(from: 0, to: received.count, by: 1024) {
            let number = (0..<4).reduce(0) { $0 | Int(received[start + $1]) << (8 * $1) }
            isInOrder = isInOrder && number > last && number < count && received[start..<start + 1024].elementsEqual(payload(number))
            last = number
        }
        #expect(isInOrder)
        #expect(received.count / 1024 <= count - dropped)
    }

    @Test func aFloodIsReadOnlyAsFastAsItIsTaken() async throws {
        let flooder = try TestServer(.isSilent)
        let other = try TestServer()
        transport.connect(id, to: flooder.address)
        transport.connect(StreamID(8), to: other.address)
        _ = await log.opened(id)
        _ = await log.opened(StreamID(8))
        // Until the server has got the connection too.
        transport.send(id, [0])
        let flood = [UInt8](repeating: 3, count: 8 << 20)
        while flooder.received.isEmpty { await Task.yield() }
        flooder.write(flood)
        let pause = 256 << 10
        _ = await log.bytes(pause + 1, from: id)
        // The loop goes round while nobody takes anything.
        for round in 1...20 {
            transport.send(StreamID(8), [1])
            _ = await log.bytes(round, from: StreamID(8))
        }
        let held = log.receivedCount(id)
        #expect(held > pause && held <= pause + 256 << 10)
        var taken = 0
        while taken < flood.count {
            guard let more = await log.wait({ $0.receivedCount(id) > taken ? $0.receivedCount(id) : nil }) else { break }
            #expect(more - taken <= pause + 256 << 10)
            transport.consumed(id, more - taken)
            taken = more
        }
        #expect(taken == flood.count)
    }
}

extension StreamLimits {
    /// Whatever else the machine does, no time runs out that a test is not about.
    static var patient: StreamLimits {
        var limits = StreamLimits()
        limits.connectTime = .seconds(600)
        limits.unkeptTime = .seconds(600)
        return limits
    }
}
