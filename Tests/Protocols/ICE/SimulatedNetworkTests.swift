import Primitives
import TestSupport
import Testing

/// The network that other tests rely on.
@Suite struct SimulatedNetworkTests {
    private let a = SocketAddress(IPAddress("192.0.2.1")!, port: 1)
    private let b = SocketAddress(IPAddress("198.51.100.2")!, port: 2)

    /// A thousand datagrams, one a millisecond, by number and time of arrival.
    private func arrivals(_ conditions: PathConditions, seed: UInt64 = 1) -> [(Int, Instant)] {
        var network = SimulatedNetwork(seed: seed, conditions: conditions)
        for i in 0..<1000 {
            network.send(
                [UInt8(i >> 8), UInt8(i & 255)] + Array(repeating: 0, count: 98), from: a, to: b, at: .zero + .milliseconds(1) * i)
        }
        return network.deliver(upTo: .distantFuture).map { (Int($0.payload[0]) << 8 | Int($0.payload[1]), $0.at) }
    }

    @Test func deliversInOrderAfterTheDelay() {
        let got = arrivals(PathConditions(delay: .milliseconds(30), jitter: .milliseconds(20)))
        #expect(got.map(\.0) == Array(0..<1000))
        #expect(got.allSatisfy { $0.1 >= Instant.zero + .milliseconds(1) * $0.0 + .milliseconds(30) })
    }

    @Test func theSameSeedIsTheSameNetwork() {
        let rough = PathConditions(jitter: .milliseconds(9), loss: 0.2, reorder: 0.1, duplicate: 0.1)
        #expect(arrivals(rough, seed: 5).map(\.0) == arrivals(rough, seed: 5).map(\.0))
        #expect(arrivals(rough, seed: 5).map(\.0) != arrivals(rough, seed: 6).map(\.0))
    }

    @Test func losesReordersAndDuplicatesAboutAsAsked() {
        #expect((620...780).contains(arrivals(PathConditions(loss: 0.3)).count))
        let burst = arrivals(PathConditions(burst: .init(enter: 0.02, leave: 0.2))).map(\.0)
        let gaps = zip(burst, burst.dropFirst()).map { $1 - $0 - 1 }.filter { $0 > 0 }
        #expect(gaps.contains { $0 >= 5 })
        let reordered = arrivals(PathConditions(reorder: 0.1)).map(\.0)
        #expect(reordered != reordered.sorted() && reordered.count == 1000)
        #expect((1050...1150).contains(arrivals(PathConditions(duplicate: 0.1)).count))
    }

    @Test func aNarrowPathQueuesAndThenDrops() {
        // 128 bytes with headers each millisecond are 1024 kbit/s: twice what the path takes.
        let got = arrivals(PathConditions(delay: .zero, bitsPerSecond: 512_000, queueBytes: 4000))
        #expect((500...560).contains(got.count))
        let last = got[got.count - 1]
        #expect(last.1 <= Instant.zero + .milliseconds(1) * last.0 + .milliseconds(85))
    }

    @Test func blackoutAndMissingRoute() {
        var network = SimulatedNetwork(seed: 1)
        network.isBlackedOut = true
        #expect(network.send([1], from: a, to: b, at: .zero) == .accepted)
        #expect(network.nextDelivery == nil)
        network.isBlackedOut = false
        network.unroutedHosts = [a.ip]
        #expect(network.send([1], from: a, to: b, at: .zero) == .unreachable)
        #expect(network.send([1], from: b, to: a, at: .zero) == .accepted)
    }
}
