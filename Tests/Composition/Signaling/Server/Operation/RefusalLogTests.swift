import Primitives
import Testing

@testable import Signaling

@Suite struct RefusalLogTests {
    @Test func aFloodOfRefusalsIsAFewLines() {
        var log = RefusalLog()
        var now = Instant(microseconds: 1_000_000)
        var (lines, told) = (0, 0)
        for _ in 0..<60_000 {
            now += .milliseconds(1)
            guard let unsaid = log.next(now: now) else { continue }
            lines += 1
            told += 1 + unsaid
        }
        // A minute: twenty at once, then one a second.
        #expect((70...90).contains(lines))
        #expect(told > 58_000)
    }

    @Test func aFewAreAllLogged() {
        var log = RefusalLog()
        for second in 0..<100 { #expect(log.next(now: Instant(microseconds: Int64(second) * 2_000_000)) == 0) }
    }
}
