import DatagramSocket
import Primitives
import Testing
import Threading

@Suite struct DatagramSocketTests {
    @Test(arguments: [IPAddress.loopback4, .loopback6])
    func datagramsArriveWholeWithTheirSource(address: IPAddress) throws {
        let a = try DatagramSocket(binding: address)
        let b = try DatagramSocket(binding: address)
        #expect(a.localAddress.port != 0)
        for size in [1, 100, 1500] {
            #expect(a.send(Array(repeating: UInt8(truncatingIfNeeded: size), count: size), to: b.localAddress) == .sent)
        }
        var sizes: [Int] = []
        var sources: Set<SocketAddress> = []
        b.receive { datagram, source in
            sizes.append(datagram.count)
            sources.insert(source)
        }
        #expect(sizes == [1, 100, 1500])
        #expect(sources == [a.localAddress])
    }

    @Test func moreThanABatchComesInOneGo() throws {
        let a = try DatagramSocket(binding: .loopback4)
        let b = try DatagramSocket(binding: .loopback4)
        for n in 0..<100 { _ = a.send([UInt8(n)], to: b.localAddress) }
        var received: [UInt8] = []
        b.receive { datagram, _ in received.append(datagram[0]) }
        #expect(received == (0..<100).map { UInt8($0) })
    }

    @Test func nothingWaitingGivesNothing() throws {
        let socket = try DatagramSocket(binding: .loopback4)
        var count = 0
        socket.receive { _, _ in count += 1 }
        #expect(count == 0)
    }

    @Test func aClosedPortOnTheOtherSideDoesNotStopTheSocket() throws {
        let a = try DatagramSocket(binding: .loopback4)
        let b = try DatagramSocket(binding: .loopback4)
        let gone = try DatagramSocket(binding: .loopback4).localAddress
        for _ in 0..<3 { _ = a.send([1], to: gone) }
        #expect(a.send([2], to: b.localAddress) == .sent)
        #expect(b.send([3], to: a.localAddress) == .sent)
        var received: [UInt8] = []
        a.receive { datagram, _ in received.append(datagram[0]) }
        #expect(received == [3])
    }

    @Test func noWayToAnAddressIsAValueAndNotTheEnd() throws {
        let a = try DatagramSocket(binding: .loopback4)
        // From a loopback address nothing leads out of the machine.
        let outside = SocketAddress(.v4(0xc000_0201), port: 9)
        guard case .unreachable = a.send([1], to: outside) else {
            Issue.record("a datagram from loopback to 192.0.2.1 went out")
            return
        }
        let b = try DatagramSocket(binding: .loopback4)
        #expect(a.send([1], to: b.localAddress) == .sent)
    }

    @Test func anAddressOfAnotherMachineCannotBeBound() {
        #expect(throws: SocketError.self) { () throws in _ = try DatagramSocket(binding: .v4(0xc000_0201)) }
    }

    @Test func thePollerWakesForASocketForTheEventAndForTheTime() throws {
        let a = try DatagramSocket(binding: .loopback4)
        let event = try #require(EventDescriptor())
        var poller = Poller()
        _ = a.send([1], to: a.localAddress)
        poller.wait(on: [a], event: event, until: .distantFuture)
        a.receive { _, _ in }
        event.signal()
        poller.wait(on: [a], event: event, until: .distantFuture)
        event.drain()
        poller.wait(on: [a], event: event, until: .zero)
    }

    @Test func thePollerWaitsOnOtherDescriptorsAndSaysWhoHasSomething() throws {
        let a = try DatagramSocket(binding: .loopback4)
        let b = try DatagramSocket(binding: .loopback4)
        let event = try #require(EventDescriptor())
        let other = try #require(EventDescriptor())
        var poller = Poller()
        other.signal()
        poller.wait(on: [a, b], and: [other.fileDescriptor], event: event, until: .distantFuture)
        #expect(poller.mayRead(other.fileDescriptor))
        #expect(!poller.mayRead(a.fileDescriptor) && !poller.mayRead(b.fileDescriptor))
        other.drain()
        _ = a.send([1], to: b.localAddress)
        poller.wait(on: [a, b], and: [other.fileDescriptor], event: event, until: .distantFuture)
        #expect(poller.mayRead(b.fileDescriptor))
        #expect(!poller.mayRead(a.fileDescriptor) && !poller.mayRead(other.fileDescriptor))
        // Of what was not waited on nothing is known.
        poller.wait(on: [b], event: event, until: .distantFuture)
        #expect(poller.mayRead(a.fileDescriptor))
    }

    @Test func loopbackIsListedWhenAskedFor() {
        #expect(localAddresses(includingLoopback: true).contains(.loopback4))
        #expect(!localAddresses(includingLoopback: false).isEmpty)
        for address in localAddresses(includingLoopback: true) { #expect(!address.isLinkLocal) }
    }
}
