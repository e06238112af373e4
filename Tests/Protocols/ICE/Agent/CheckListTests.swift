import Primitives
import Testing

@testable import ICE

@Suite struct CheckListTests {
    private func candidate(_ ip: String, _ port: UInt16 = 1, priority: UInt32, foundation: String) -> Candidate {
        Candidate(foundation: foundation, priority: priority, address: SocketAddress(IPAddress(ip)!, port: port), type: .host)
    }

    private func add(_ list: inout CheckList, remote: Candidate, keeping: Int? = nil) -> Int? {
        let local = candidate("192.0.2.1", priority: 100, foundation: "L")
        return list.add(base: local.address, local: local, remote: remote, role: .controlling, keeping: keeping)
    }

    @Test func isSortedAndHasEachPathOnce() {
        var list = CheckList()
        for priority in [UInt32(5), 9, 7] {
            #expect(add(&list, remote: candidate("198.51.100.\(priority)", priority: priority, foundation: "\(priority)")) != nil)
        }
        #expect(add(&list, remote: candidate("198.51.100.9", priority: 50, foundation: "x")) == nil)
        #expect(list.pairs.map(\.remote.priority) == [9, 7, 5])
    }

    @Test func oneOfEachFoundationGoesFirst() throws {
        var list = CheckList()
        for (port, foundation) in [(1, "A"), (2, "A"), (3, "B")] {
            _ = add(&list, remote: candidate("198.51.100.1", UInt16(port), priority: UInt32(10 - port), foundation: foundation))
        }
        #expect(list.pairs.map(\.state) == [.waiting, .frozen, .waiting])
        var order: [UInt16] = []
        while let next = list.nextOrdinary() {
            order.append(list[next].destination.port)
            list[next].state = .inProgress
        }
        // Its kin in flight, the second stays frozen, until that has an outcome.
        #expect(order == [1, 3])
        list[0].state = .failed
        list.unfreeze(list[0].foundation)
        #expect(list.nextOrdinary() == 1)
    }

    @Test func holdsAHundredAndKeepsTheBest() throws {
        var list = CheckList()
        let worst = try #require(add(&list, remote: candidate("198.51.100.1", priority: 1, foundation: "0")))
        for i in 0..<150 {
            _ = add(&list, remote: candidate("203.0.113.\(i)", priority: UInt32(i + 2), foundation: "\(i)"), keeping: worst)
        }
        #expect(list.pairs.count == 100)
        #expect(list.index(of: worst) != nil)
        #expect(list.pairs.first?.remote.priority == 151)
    }

    @Test func triggeredChecksComeInTheirOrderAndOnce() {
        var list = CheckList()
        for i in 1...3 { _ = add(&list, remote: candidate("198.51.100.\(i)", priority: UInt32(i), foundation: "\(i)")) }
        list.trigger(2)
        list.trigger(0)
        list.trigger(2)
        #expect([list.popTriggered(), list.popTriggered(), list.popTriggered()] == [2, 0, nil])
    }
}
