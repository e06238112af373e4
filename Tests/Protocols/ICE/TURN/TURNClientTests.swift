import DTLS
import ICE
import Primitives
import TURNSimulation
import TestSupport
import Testing

@Suite struct TURNClientTests {
    @Test func theKeyIsTheOneOfTheRFC() {
        // RFC 8489 section 9.2.2's example.
        let key: [UInt8] = [0x84, 0x93, 0xfb, 0xc5, 0x3b, 0xa5, 0x82, 0xfb, 0x4c, 0x04, 0x4c, 0x45, 0x6b, 0xdc, 0x40, 0xeb]
        #expect(opensslMD5(Array("user:realm:pass".utf8)) == key)
    }

    @Test func allocatesAfterTheChallenge() {
        var link = TURNLink()
        link.run(for: .milliseconds(100))
        #expect(link.relayed == SocketAddress(TURNLink.serverAddress.ip, port: 50_000))
        #expect(link.mapped == TURNLink.host)
        #expect(link.server.errors == [401: 1] && link.transmitted == 2)
    }

    @Test func sendsInIndicationsUntilTheChannelIsBound() {
        var link = TURNLink()
        link.run(for: .milliseconds(100))
        link.say([0x80])
        #expect(!link.canSay)
        link.client.permit(TURNLink.peer.ip, now: link.now)
        link.client.hold([1, 2, 3], for: TURNLink.peer)
        link.run(for: .milliseconds(100))
        link.say([0x80, 4, 5])
        #expect(link.canSay)
        link.run(for: .milliseconds(100))
        #expect(link.echoes == [[1, 2, 3], [0x80, 4, 5]] && link.server.indications == 2 && link.echoesInChannels == 0)
        link.client.bind(TURNLink.peer, now: link.now)
        link.run(for: .milliseconds(100))
        link.say([0x80, 6])
        #expect(link.canSay)
        link.run(for: .milliseconds(100))
        #expect(link.echoes.last == [0x80, 6] && link.server.channelDatagrams == 1 && link.echoesInChannels == 1)
        #expect(link.server.dropped == 0)
    }

    /// Half an hour: three allocations' lifetimes, six permissions', three bindings'; the nonce goes stale again and again.
    @Test(arguments: [nil, .seconds(61)] as [Interval?], [0, 0.2] as [Double])
    func lastsForHalfAnHour(nonceLifetime: Interval?, loss: Double) {
        var link = TURNLink(seed: 3, conditions: PathConditions(delay: .milliseconds(20), loss: loss)) { $0.nonceLifetime = nonceLifetime }
        link.client.permit(TURNLink.peer.ip, now: link.now)
        link.run(for: .seconds(20))
        link.client.bind(TURNLink.peer, now: link.now)
        link.run(for: .seconds(20))
        var said = 0
        for _ in 0..<180 {
            link.say([0x80, 1])
            said += link.canSay ? 1 : 0
            link.run(for: .seconds(10))
        }
        #expect(link.failure == nil && said == 180)
        #expect(link.echoes.count >= Int(180 * (1 - loss) * (1 - loss) * (1 - loss) * (1 - loss) * 0.7), "\(link.echoes.count) echoes")
        #expect(link.server.dropped == 0 && link.echoesInChannels == link.echoes.count)
        #expect(link.server.accepted[.refresh, default: 0] >= 3 && link.server.accepted[.createPermission, default: 0] >= 7)
        if nonceLifetime != nil { #expect(link.server.errors[438, default: 0] > 3) }
        // Nothing but what has to be renewed: a handful of requests each ten minutes.
        #expect(link.transmitted < 100, "\(link.transmitted)")
    }

    @Test(arguments: [.allocate, .refresh, .createPermission, .channelBind] as [STUNMessage.Method], [401, 438])
    func everyMethodAnswersAChallenge(method: STUNMessage.Method, code: Int) {
        var link = TURNLink { $0.challenges[method] = code }
        link.client.permit(TURNLink.peer.ip, now: link.now)
        link.client.bind(TURNLink.peer, now: link.now)
        link.run(for: .seconds(550))
        #expect(link.failure == nil && link.server.challenges.isEmpty && link.server.accepted[method, default: 0] >= 1)
        #expect(link.server.errors[code, default: 0] >= 1)
        link.say([0x80, 1])
        link.run(for: .seconds(1))
        #expect(link.echoes == [[0x80, 1]] && link.echoesInChannels == 1)
    }

    @Test(arguments: [300, 403, 437, 440, 442, 486, 500, 508])
    func aRefusedAllocationIsAFailure(code: Int) {
        var link = TURNLink { $0.refusals[.allocate] = code }
        link.run(for: .seconds(120))
        #expect(link.failure == .refused(code: code) && link.client.isOver && link.client.nextTimeout == nil)
        #expect(link.transmitted == 2)
    }

    @Test func aWrongPasswordIsNotTriedForEver() {
        var link = TURNLink(password: "guess") { $0.nonceLifetime = .microseconds(1) }
        link.run(for: .seconds(120))
        #expect(link.failure == .wrongCredential && link.transmitted <= 4)
        link = TURNLink(password: "guess")
        link.run(for: .seconds(120))
        #expect(link.failure == .wrongCredential && link.transmitted == 2)
    }

    @Test func asksSevenTimesAndGivesUp() {
        var link = TURNLink(conditions: PathConditions(loss: 1))
        link.run(for: .milliseconds(39_400))
        #expect(link.transmitted == 7 && link.failure == nil)
        link.run(for: .milliseconds(200))
        #expect(link.failure == .noAnswer && link.transmitted == 7)
    }

    @Test func aServerThatForgetsTheAllocationEndsIt() {
        var link = TURNLink()
        link.run(for: .seconds(1))
        link.server.forgetAllocations()
        link.run(for: .seconds(541))
        #expect(link.failure == .refused(code: 437) && link.client.nextTimeout == nil)
        link.say([0x80])
        #expect(!link.canSay)
    }

    @Test(arguments: [403, 486, 508])
    func aRefusedPermissionBlocksThatPeerAlone(code: Int) {
        var link = TURNLink { $0.refusals[.createPermission] = code }
        link.client.permit(TURNLink.peer.ip, now: link.now)
        link.run(for: .seconds(1))
        link.client.hold([1], for: TURNLink.peer)
        link.say([0x80])
        #expect(!link.canSay && link.failure == nil)
        // It is asked again now and then.
        link.server.refusals = [:]
        link.run(for: .seconds(31))
        link.say([0x80])
        #expect(link.canSay)
    }

    @Test func aRefusedChannelLeavesTheIndications() {
        var link = TURNLink { $0.refusals[.channelBind] = 508 }
        link.client.permit(TURNLink.peer.ip, now: link.now)
        link.client.bind(TURNLink.peer, now: link.now)
        link.run(for: .seconds(1))
        link.say([0x80, 9])
        #expect(link.canSay)
        link.run(for: .seconds(1))
        #expect(link.echoes == [[0x80, 9]] && link.server.indications == 1)
    }

    @Test func closingGivesTheAllocationBack() {
        var link = TURNLink()
        link.run(for: .seconds(1))
        #expect(link.server.allocations.count == 1)
        link.client.close()
        link.drain()
        link.run(for: .seconds(1))
        #expect(link.server.allocations.isEmpty)
        link.say([0x80])
        #expect(link.client.nextTimeout == nil && !link.canSay)
    }

    @Test(arguments: [1, 30, 600, 4_000_000_000] as [UInt32])
    func refreshesInTimeWhateverTheLifetime(seconds: UInt32) {
        var link = TURNLink { $0.lifetime = seconds }
        link.run(for: .seconds(1))
        let due = link.client.nextTimeout.map { $0 - link.now }
        #expect(due.map { $0 > .seconds(1) && $0 <= .seconds(3540) } == true)
    }
}
