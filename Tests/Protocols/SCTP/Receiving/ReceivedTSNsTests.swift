import Primitives
import Testing

@testable import SCTP

@Suite struct ReceivedTSNsTests {
    /// Against a plain set, over the wrap of the numbers.
    @Test(arguments: [1, 2, 3, 4, 5] as [UInt64])
    func anyOrderComesToTheSame(seed: UInt64) throws {
        var random = RandomSource.seeded(seed)
        let initial: UInt32 = 0xffff_ffe0
        var received = ReceivedTSNs(initialTSN: initial)
        var known: Set<UInt32> = []
        for _ in 0..<600 {
            let tsn = initial &+ UInt32.random(in: 0..<200, using: &random)
            let unwrapped = received.unwrap(tsn)
            let standing = received.standing(unwrapped)
            #expect((standing == .duplicate) == known.contains(tsn))
            if standing == .duplicate { continue }
            received.insert(unwrapped)
            known.insert(tsn)
            var next = initial
            while known.contains(next) { next &+= 1 }
            #expect(received.wireCumulative == next &- 1)
            let sack = received.sack(window: 0, room: 1176)
            var named: Set<UInt32> = []
            for block in sack.blocks { for offset in block.start...block.end { named.insert(next &- 1 &+ UInt32(offset)) } }
            #expect(named == known.filter { Int32(bitPattern: $0 &- next) > 0 })
        }
    }

    @Test func whatIsFarAheadIsOutOfReach() {
        var received = ReceivedTSNs(initialTSN: 10)
        #expect(received.standing(received.unwrap(10)) == .next)
        #expect(received.standing(received.unwrap(11)) == .ahead)
        #expect(received.standing(received.unwrap(9)) == .duplicate)
        #expect(received.standing(received.unwrap(9 + 65_535)) == .ahead)
        #expect(received.standing(received.unwrap(9 + 65_536)) == .outOfReach)
        // Every other one: the number of stretches has an end, joining them has none.
        for offset in 0..<10_000 {
            let tsn = received.unwrap(11 + UInt32(offset) * 2)
            if received.standing(tsn) == .ahead { received.insert(tsn) }
        }
        #expect(received.stretches.count == 2048)
        #expect(received.standing(received.unwrap(12)) == .ahead)
        #expect(received.standing(received.unwrap(30_000)) == .outOfReach)
        let sack = received.sack(window: 0, room: 1176)
        #expect(sack.blocks.count == 290)
    }

    @Test func beingToldToGoOnSkips() {
        var received = ReceivedTSNs(initialTSN: 1)
        for tsn: UInt32 in [3, 4, 8] { received.insert(received.unwrap(tsn)) }
        received.advance(to: received.unwrap(2))
        #expect(received.wireCumulative == 4)
        received.advance(to: received.unwrap(1))
        #expect(received.wireCumulative == 4)
        received.advance(to: received.unwrap(9))
        #expect(received.wireCumulative == 9 && !received.hasGaps)
    }

    @Test func repeatsAreReportedOnce() {
        var received = ReceivedTSNs(initialTSN: 1)
        for _ in 0..<100 { received.noteDuplicate(1) }
        let first = received.sack(window: 0, room: 1176)
        let second = received.sack(window: 0, room: 1176)
        #expect(first.duplicates.count == 16 && second.duplicates.isEmpty)
    }
}
