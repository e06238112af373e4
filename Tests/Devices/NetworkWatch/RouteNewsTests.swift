import Primitives
import Testing

@testable import NetworkWatch

/// The beginnings of datagrams that a kernel wrote while a pair of interfaces lived, cut down to headers and, of the attributes, what
/// fits; with their lengths put right.
private enum Captured {
    /// Interface 3 comes, goes up, gets its carrier (no changed flag says so), has another MTU, goes down, is gone.
    static let linkAdded = hex("20000000 1000 0000 00000000 00000000 0000 0100 03000000 02100000 ffffffff")
    static let linkUp = hex("20000000 1000 0000 00000000 00000000 0000 0100 03000000 03100100 01000000")
    static let linkCarrier = hex("20000000 1000 0000 00000000 00000000 0000 0100 03000000 43100100 00000000")
    static let linkDown = hex("20000000 1000 0000 00000000 00000000 0000 0100 03000000 02100000 01000000")
    static let linkGone = hex("20000000 1100 0000 00000000 00000000 0000 0100 03000000 02100000 ffffffff")
    /// 198.51.100.7/24 comes and goes.
    static let addressAdded = hex("20000000 1400 0000 681f066b 466f0000 02188000 03000000 08000100 c6336407")
    static let addressGone = hex("20000000 1500 0000 6a1f066b 646f0000 02188000 03000000 08000100 c6336407")
    /// fe80::24c8:eff:fe06:7b03/64.
    static let linkLocalAdded = hex(
        "2c000000 1400 0000 00000000 00000000 0a4080fd 03000000 14000100 fe80000000000000 24c80efffe067b03")
    static let defaultRoute = hex("24000000 1800 0006 691f066b 546f0000 02000000 fe030001 00000000 08000f00 fe000000")
    static let localRoute = hex("24000000 1800 0006 00000000 00000000 02200000 ff02fe02 00000000 08000f00 ff000000")
    static let multicastRoute = hex("24000000 1800 0006 00000000 00000000 0a080000 ff020005 00000000 08000f00 ff000000")

    static let all = [
        linkAdded, linkUp, linkCarrier, linkDown, linkGone, addressAdded, addressGone, linkLocalAdded, defaultRoute, localRoute,
        multicastRoute,
    ]

    private static func hex(_ text: String) -> [UInt8] {
        let digits = Array(text.filter { $0 != " " })
        return stride(from: 0, to: digits.count, by: 2).map { UInt8(String(digits[$0...$0 + 1]), radix: 16) ?? 0 }
    }
}

/// #expect takes no mutating calls.
private final class Reader {
    private var news = RouteNews()

    func matters(_ bytes: [UInt8]) -> Bool { news.matters(bytes.span) }
}

@Suite struct RouteNewsTests {
    @Test func anInterfaceMattersWhenItsStateChanges() {
        let news = Reader()
        #expect(news.matters(Captured.linkAdded))
        #expect(news.matters(Captured.linkUp))
        #expect(news.matters(Captured.linkCarrier))
        // What follows says nothing new: another MTU, a wireless card's signal.
        #expect(!news.matters(Captured.linkCarrier))
        #expect(news.matters(Captured.linkDown))
        #expect(!news.matters(Captured.linkDown))
        #expect(news.matters(Captured.linkGone))
        #expect(news.matters(Captured.linkDown))
    }

    @Test func addressesMatterUnlessTheyAreLinkLocal() {
        let news = Reader()
        #expect(news.matters(Captured.addressAdded))
        #expect(news.matters(Captured.addressGone))
        #expect(!news.matters(Captured.linkLocalAdded))
    }

    @Test func routesMatterUnlessTheyFollowFromAnAddress() {
        let news = Reader()
        #expect(news.matters(Captured.defaultRoute))
        #expect(!news.matters(Captured.localRoute))
        #expect(!news.matters(Captured.multicastRoute))
    }

    @Test func oneOfSeveralMessagesIsEnough() {
        let news = Reader()
        #expect(news.matters(Captured.localRoute + Captured.linkLocalAdded + Captured.addressAdded))
        #expect(!news.matters(Captured.localRoute + Captured.linkLocalAdded + Captured.multicastRoute))
    }

    @Test func whatCannotBeReadMatters() {
        let news = Reader()
        for capture in Captured.all {
            for count in 1..<capture.count { #expect(news.matters(Array(capture[..<count]))) }
        }
        #expect(!news.matters([]))
    }

    @Test(arguments: [UInt64(1), 2, 3])
    func brokenTwinsAndNoiseDoNoHarm(seed: UInt64) {
        var random = RandomSource.seeded(seed)
        let news = Reader()
        for capture in Captured.all {
            for index in capture.indices {
                var twin = capture
                twin[index] ^= UInt8.random(in: 1...255, using: &random)
                _ = news.matters(twin + Captured.localRoute)
            }
        }
        for _ in 0..<2000 { _ = news.matters(random.bytes(Int.random(in: 0...80, using: &random))) }
    }
}
