import DatagramSocket
import Glibc
import Primitives
import TestSupport
import Testing

@Suite struct DatagramBatchTests {
    private final class Inbox {
        var payloads: [[UInt8]] = []
        var sources: Set<SocketAddress> = []
    }

    private func received(by socket: DatagramSocket) -> Inbox {
        let inbox = Inbox()
        socket.receive { datagram, source in
            inbox.payloads.append(datagram.withUnsafeBytes { Array($0) })
            inbox.sources.insert(source)
        }
        return inbox
    }

    private func payload(_ number: Int, _ size: Int) -> [UInt8] {
        (0..<size).map { UInt8(truncatingIfNeeded: number &* 31 &+ $0) }
    }

    @Test(arguments: [IPAddress.loopback4, .loopback6])
    func aBatchArrivesInOrderAndWhole(address: IPAddress) throws {
        let a = try DatagramSocket(binding: address)
        let b = try DatagramSocket(binding: address)
        // Runs that a kernel may be asked to split, a shorter end of a run, singles, an empty one's neighbours, more than one batch.
        let sizes = Array(repeating: 1200, count: 20) + [700, 1200, 1, 1200] + Array(repeating: 100, count: 70) + [99, 101, 1500]
        let batch = sizes.enumerated().map { OutgoingDatagram(payload($0, $1), to: b.localAddress) }
        var failures = 0
        #expect(a.sendBatch(batch) { _, _ in failures += 1 } == batch.count)
        #expect(failures == 0)
        let inbox = received(by: b)
        #expect(inbox.payloads == batch.map(\.payload))
        #expect(inbox.sources == [a.localAddress])
    }

    @Test func eachDestinationGetsItsOwn() throws {
        let a = try DatagramSocket(binding: .loopback4)
        let others = try (0..<3).map { _ in try DatagramSocket(binding: .loopback4) }
        let batch = (0..<60).map { OutgoingDatagram(payload($0, 200), to: others[$0 % 7 < 4 ? 0 : $0 % 3].localAddress) }
        #expect(a.sendBatch(batch) { _, _ in } == 60)
        for other in others {
            #expect(received(by: other).payloads == batch.filter { $0.destination == other.localAddress }.map(\.payload))
        }
    }

    @Test(arguments: [1, 3, 30])
    func anAddressWithoutAWayIsNamedOnceAndTheOthersStillGetTheirs(count: Int) throws {
        let a = try DatagramSocket(binding: .loopback4)
        let b = try DatagramSocket(binding: .loopback4)
        // From a loopback address nothing leads out of the machine.
        let outside = SocketAddress(.v4(0xc000_0201), port: 9)
        let lost = (0..<count).map { _ in OutgoingDatagram([1, 2, 3], to: outside) }
        let good = (0..<20).map { OutgoingDatagram(payload($0, 300), to: b.localAddress) }
        var failed: [SocketAddress] = []
        #expect(a.sendBatch(good + lost + good) { address, _ in failed.append(address) } == 40)
        #expect(failed == [outside])
        #expect(a.sendBatch([lost[0]]) { address, _ in failed.append(address) } == 0)
        #expect(failed == [outside, outside])
        #expect(received(by: b).payloads == (good + good).map(\.payload))
    }

    @Test func aDatagramThatIsTooLongIsNamedAndTheOthersGo() throws {
        let a = try DatagramSocket(binding: .loopback4)
        let b = try DatagramSocket(binding: .loopback4)
        for size in [65_508, 200_000] {
            let good = OutgoingDatagram([7], to: b.localAddress)
            var codes: [Int32] = []
            #expect(a.sendBatch([good, OutgoingDatagram(payload(0, size), to: b.localAddress), good]) { codes.append($1) } == 2)
            #expect(codes == [EMSGSIZE])
            #expect(received(by: b).payloads == [[7], [7]])
        }
    }

    @Test(.enabled(if: OwnNetwork.isAllowed))
    func segmentsThatDoNotFitThePathGoOneByOne() {
        let outcome = OwnNetwork.run { () -> [Bool]? in
            guard OwnNetwork.setLoopback(up: true), OwnNetwork.setLoopbackMTU(1280), let a = try? DatagramSocket(binding: .loopback4),
                let b = try? DatagramSocket(binding: .loopback4)
            else { return nil }
            // The kernel cuts a long datagram into fragments, but refuses a run of them.
            let batches = [1200, 1400, 1200].map { size in (0..<20).map { OutgoingDatagram(payload($0, size), to: b.localAddress) } }
            return batches.map { batch in
                a.sendBatch(batch) { _, _ in } == 20 && received(by: b).payloads == batch.map(\.payload)
            }
        }
        #expect(outcome == [true, true, true])
    }

    @Test func nothingToSendIsNothing() throws {
        let a = try DatagramSocket(binding: .loopback4)
        #expect(a.sendBatch([]) { _, _ in } == 0)
        // UDP knows empty datagrams.
        let b = try DatagramSocket(binding: .loopback4)
        #expect(a.sendBatch([OutgoingDatagram([], to: b.localAddress), OutgoingDatagram([5], to: b.localAddress)]) { _, _ in } == 2)
        #expect(received(by: b).payloads == [[5]])
    }
}
