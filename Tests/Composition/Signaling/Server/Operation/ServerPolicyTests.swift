import Primitives
import Testing

@testable import Signaling

@Suite struct ServerPolicyTests {
    private let start = Instant(microseconds: 1_000_000_000)
    private let stranger = IPAddress.v4(0xcb00_7105)

    private func policy(_ change: (inout ServerLimits) -> Void = { _ in }) -> ServerPolicy {
        var limits = ServerLimits()
        change(&limits)
        return ServerPolicy(limits: limits)
    }

    // MARK: Connections

    @Test func anAddressHasItsShareOfConnections() {
        var policy = policy { $0.connectionsPerAddress = 3 }
        for _ in 0..<3 { #expect(policy.connectionOpened(from: stranger, now: start) == nil) }
        #expect(policy.connectionOpened(from: stranger, now: start) == .addressConnections)
        #expect(policy.connectionOpened(from: .v4(1), now: start) == nil)
        // The refused one counts too until it is closed.
        policy.connectionClosed(from: stranger, now: start)
        policy.connectionClosed(from: stranger, now: start)
        #expect(policy.connectionOpened(from: stranger, now: start) == nil)
    }

    @Test func allTogetherHaveTheirs() {
        var policy = policy { $0.connections = 2 }
        #expect(policy.connectionOpened(from: .v4(1), now: start) == nil)
        #expect(policy.connectionOpened(from: .loopback4, now: start) == nil)
        #expect(policy.connectionOpened(from: .loopback4, now: start) == .connections)
        #expect(policy.connectionOpened(from: nil, now: start) == .connections)
        #expect(policy.mayAnswerRefused)
        for address in 0..<20 { _ = policy.connectionOpened(from: .v4(UInt32(address)), now: start) }
        #expect(!policy.mayAnswerRefused)
    }

    @Test func aHouseholdCountsAsOne() {
        var policy = policy { $0.connectionsPerAddress = 1 }
        #expect(policy.connectionOpened(from: IPAddress("2001:db8::1"), now: start) == nil)
        #expect(policy.connectionOpened(from: IPAddress("2001:db8::ffff:2"), now: start) == .addressConnections)
        #expect(policy.connectionOpened(from: IPAddress("2001:db8:0:1::1"), now: start) == nil)
        #expect(policy.addressCount == 2)
    }

    @Test func thisMachineIsExemptUnlessItIsToCount() {
        var lenient = policy { $0.connectionsPerAddress = 1 }
        for _ in 0..<10 { #expect(lenient.connectionOpened(from: .loopback4, now: start) == nil) }
        for _ in 0..<10 { #expect(lenient.sessionOpened(from: .loopback6, now: start) == nil) }
        #expect(lenient.addressCount == 0)
        var strict = policy {
            $0.connectionsPerAddress = 1
            $0.countsLoopback = true
        }
        #expect(strict.connectionOpened(from: .loopback4, now: start) == nil)
        #expect(strict.connectionOpened(from: .loopback4, now: start) == .addressConnections)
    }

    @Test func sessionsAreCountedForClientsBehindAProxy() {
        var policy = policy {
            $0.connectionsPerAddress = 2
            $0.connections = 4
        }
        #expect(policy.connectionOpened(from: nil, now: start) == nil)
        for _ in 0..<2 { #expect(policy.sessionOpened(from: stranger, now: start) == nil) }
        #expect(policy.sessionOpened(from: stranger, now: start) == .addressSessions)
        #expect(policy.sessions == 2)
        for _ in 0..<2 { #expect(policy.sessionOpened(from: .v4(1), now: start) == nil) }
        #expect(policy.sessionOpened(from: .v4(2), now: start) == .sessions)
        policy.sessionClosed(from: stranger, now: start)
        #expect(policy.sessionOpened(from: stranger, now: start) == nil)
    }

    // MARK: Events

    @Test func aSocketHasItsBurstAndThenItsRate() {
        var policy = policy()
        var socket = EventBudget()
        for index in 0..<1000 {
            #expect(policy.admitEvent(from: stranger, socket: &socket, now: start) == .allowed, "\(index)")
        }
        #expect(policy.admitEvent(from: stranger, socket: &socket, now: start) == .refused(retryAfter: .milliseconds(10)))
        let later = start + .seconds(1)
        var allowed = 0
        for _ in 0..<150 where policy.admitEvent(from: stranger, socket: &socket, now: later) == .allowed { allowed += 1 }
        #expect(allowed == 100)
        var other = EventBudget()
        #expect(policy.admitEvent(from: stranger, socket: &other, now: later) == .allowed)
    }

    @Test func anAddressHasItsOwn() {
        var policy = policy()
        var refused = 0
        for _ in 0..<11 {
            var socket = EventBudget()
            for _ in 0..<1000 where policy.admitEvent(from: stranger, socket: &socket, now: start) != .allowed { refused += 1 }
        }
        #expect(refused == 1000)
        var socket = EventBudget()
        #expect(policy.admitEvent(from: .v4(1), socket: &socket, now: start) == .allowed)
        #expect(policy.admitEvent(from: .loopback4, socket: &socket, now: start) == .allowed)
    }

    @Test func joinsAreFewer() {
        var policy = policy { $0.joins = RateLimit(perSecond: 1, burst: 2) }
        var socket = EventBudget()
        for _ in 0..<2 { #expect(policy.admitEvent(from: stranger, socket: &socket, isJoin: true, now: start) == .allowed) }
        #expect(policy.admitEvent(from: stranger, socket: &socket, isJoin: true, now: start) == .refused(retryAfter: .seconds(1)))
        #expect(policy.admitEvent(from: stranger, socket: &socket, now: start) == .allowed)
        #expect(policy.admitEvent(from: stranger, socket: &socket, isJoin: true, now: start + .seconds(1)) == .allowed)
    }

    @Test func whoGoesOnIsClosed() {
        var policy = policy()
        var socket = EventBudget()
        var now = start
        var closedAfter: Interval?
        // Four times what is allowed.
        for _ in 0..<40_000 {
            now += .microseconds(2500)
            if policy.admitEvent(from: stranger, socket: &socket, now: now) == .close {
                closedAfter = now - start
                break
            }
        }
        // The burst lasts 3.3 s; then three of four are refused, a thousand in 3.6 s.
        #expect(closedAfter.map { $0 > .seconds(5) && $0 < .seconds(10) } == true, "\(String(describing: closedAfter))")
    }

    @Test func whoSendsALittleTooMuchIsNotClosed() {
        var policy = policy()
        var socket = EventBudget()
        var now = start
        // For ten minutes.
        for _ in 0..<66_000 {
            now += .microseconds(9091)
            #expect(policy.admitEvent(from: stranger, socket: &socket, now: now) != .close)
        }
    }

    // MARK: Memory

    @Test func anAddressIsForgottenWhenNothingIsLeftToKnow() {
        var policy = policy()
        _ = policy.connectionOpened(from: stranger, now: start)
        #expect(policy.addressCount == 1)
        policy.connectionClosed(from: stranger, now: start)
        #expect(policy.addressCount == 0)
    }

    @Test func anAddressThatHasSentIsRememberedUntilItsBudgetIsFullAgain() {
        var policy = policy { $0.addressEvents = RateLimit(perSecond: 10, burst: 10) }
        var socket = EventBudget()
        _ = policy.connectionOpened(from: stranger, now: start)
        for _ in 0..<10 { _ = policy.admitEvent(from: stranger, socket: &socket, now: start) }
        policy.connectionClosed(from: stranger, now: start)
        #expect(policy.addressCount == 1)
        // It cannot come back for a fresh budget.
        socket = EventBudget()
        _ = policy.connectionOpened(from: stranger, now: start)
        #expect(policy.admitEvent(from: stranger, socket: &socket, now: start) != .allowed)
        policy.connectionClosed(from: stranger, now: start)
        // Another's coming and going makes room.
        for _ in 0..<2 {
            _ = policy.connectionOpened(from: .v4(9), now: start + .seconds(2))
            policy.connectionClosed(from: .v4(9), now: start + .seconds(2))
        }
        #expect(policy.addressCount == 0)
    }

    @Test func theTableIsBoundedWhateverComes() {
        var policy = policy()
        for index in 0..<100_000 {
            let address = IPAddress.v6(0x2001_0db8_0000_0000 | UInt64(index), 1)
            var socket = EventBudget()
            _ = policy.connectionOpened(from: address, now: start)
            _ = policy.admitEvent(from: address, socket: &socket, isJoin: true, now: start)
            policy.connectionClosed(from: address, now: start)
        }
        #expect(policy.addressCount <= ServerPolicy.maximumLeavers + 1)
        #expect(policy.connections == 0)
    }

    @Test(arguments: 1...5 as ClosedRange<UInt64>)
    func countsAreTrueAfterAnything(seed: UInt64) {
        var random = RandomSource.seeded(seed)
        var policy = policy { $0.connectionsPerAddress = 5 }
        var now = start
        var open: [IPAddress: Int] = [:]
        for step in 0..<5000 {
            now += .milliseconds(Int.random(in: 0...100, using: &random))
            let address = IPAddress.v4(UInt32.random(in: 1...20, using: &random))
            if Bool.random(using: &random) {
                let refusal = policy.connectionOpened(from: address, now: now)
                open[address, default: 0] += 1
                #expect((refusal == nil) == (open[address, default: 0] <= 5), "seed \(seed), step \(step)")
            } else if let count = open[address], count > 0 {
                policy.connectionClosed(from: address, now: now)
                open[address] = count - 1
            } else {
                var socket = EventBudget()
                _ = policy.admitEvent(from: address, socket: &socket, now: now)
            }
            #expect(policy.connections == open.values.reduce(0, +), "seed \(seed), step \(step)")
        }
    }

    @Test func numbersFromAConfigurationCannotTrap() {
        for limit in [
            RateLimit(perSecond: 0, burst: 0), RateLimit(perSecond: -1, burst: -1), RateLimit(perSecond: .infinity, burst: .max),
            RateLimit(perSecond: .nan, burst: .min), RateLimit(perSecond: 1e-300, burst: .max),
        ] {
            var budget = RateBudget()
            #expect(budget.take(limit, now: start) == nil)
            _ = budget.take(limit, now: .distantFuture)
        }
    }

    @Test func whatIsRefusedSaysWhyAndWhenToComeBack() {
        for refusal in ServerRefusal.allCases {
            let answer = refusal.answer
            #expect(answer.status.code == 429 || answer.status.code == 503)
            #expect(answer.headers.first(name: "Retry-After").flatMap { Int($0) }.map { $0 > 0 } == true)
            #expect(answer.headers.first(name: "Content-Length") == String(answer.body.count))
            #expect(String(decoding: answer.body, as: UTF8.self).contains(refusal.message))
        }
    }
}
