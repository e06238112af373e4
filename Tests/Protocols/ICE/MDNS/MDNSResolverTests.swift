import Primitives
import Testing

@testable import ICE

@Suite struct MDNSResolverTests {
    private static let name = "b4e7a1f2-0d3c-4b1e-9f7a-1c2d3e4f5a6b.local"
    private static let responder = SocketAddress(IPAddress("192.168.1.5")!, port: 5353)
    private static let start = Instant.zero + .seconds(10)

    private static func label(_ text: String) -> [UInt8] { [UInt8(text.utf8.count)] + Array(text.utf8) }
    private static func encoded(_ name: String) -> [UInt8] { name.split(separator: ".").flatMap { label(String($0)) } + [0] }

    /// A response as avahi gives it: no question, one answer with the cache-flush bit.
    private static func response(
        name: [UInt8] = encoded(name), type: UInt8 = 1, data: [UInt8] = [192, 168, 1, 5], flags: [UInt8] = [0x84, 0], ttl: UInt8 = 120,
        recordClass: [UInt8] = [0x80, 1], before: [UInt8] = [], count: UInt8 = 1
    ) -> [UInt8] {
        [0, 0] + flags + [0, 0, 0, count, 0, 0, 0, 0] + before + name + [0, type] + recordClass + [0, 0, 0, ttl, 0, UInt8(data.count)]
            + data
    }

    private static func asking(_ names: String...) -> MDNSResolver {
        var resolver = MDNSResolver()
        for name in names { resolver.resolve(name, now: start) }
        return resolver
    }

    private static func outputs(_ resolver: inout MDNSResolver) -> [MDNSResolver.Output] {
        var all: [MDNSResolver.Output] = []
        while let output = resolver.poll() { all.append(output) }
        return all
    }

    private static func answers(_ resolver: inout MDNSResolver) -> [IPAddress?] {
        outputs(&resolver).compactMap { if case .resolved(_, let address) = $0 { address } else { nil } }
    }

    @Test func asksBothGroupsForBothKinds() throws {
        var resolver = Self.asking(Self.name.uppercased(), Self.name)
        let sent = Self.outputs(&resolver)
        #expect(sent.count == 2)
        let question = Self.encoded(Self.name)
        // QU bit and class IN.
        let expected: [UInt8] = [0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0] + question + [0, 1, 0x80, 1] + question + [0, 28, 0x80, 1]
        #expect(sent == MDNSResolver.groups.map { .transmit(expected, to: $0) })
        #expect(MDNSResolver.groups.map(\.description) == ["224.0.0.251:5353", "[ff02::fb]:5353"])
    }

    @Test func asksFourTimesAndGivesUp() {
        var resolver = Self.asking(Self.name)
        var times: [Int] = []
        var resolved: [(Int, MDNSResolver.Output)] = []
        func note(_ now: Instant) {
            for output in Self.outputs(&resolver) {
                let at = (now - Self.start).wholeMilliseconds
                if case .transmit = output { times.append(at) } else { resolved.append((at, output)) }
            }
        }
        note(Self.start)
        while let next = resolver.nextTimeout {
            resolver.handleTimeout(now: next)
            note(next)
        }
        #expect(times == [0, 0, 250, 250, 1000, 1000, 3000, 3000])
        #expect(resolved.map(\.0) == [5000] && resolved.first?.1 == .resolved(name: Self.name, address: nil))
    }

    @Test(
        arguments: [(1, [192, 168, 1, 5], "192.168.1.5"), (28, [0xfd] + Array(repeating: 0, count: 14) + [7], "fd00::7")]
            as [(UInt8, [UInt8], String)])
    func takesAnAnswer(type: UInt8, data: [UInt8], address: String) {
        var resolver = Self.asking(Self.name)
        _ = Self.outputs(&resolver)
        resolver.handleResponse(Self.response(type: type, data: data).span, from: Self.responder, now: Self.start)
        #expect(Self.outputs(&resolver) == [.resolved(name: Self.name, address: IPAddress(address))])
        #expect(resolver.nextTimeout == nil)
    }

    @Test func followsCompression() {
        var resolver = Self.asking(Self.name, "other.local")
        // First record: other.local, TXT; second: the name, its last label a pointer into the first's.
        let before = Self.encoded("other.local") + [0, 16, 0x80, 1, 0, 0, 0, 120, 0, 1, 0]
        let name = Self.label(String(Self.name.dropLast(6))) + [0xc0, 12 + 6]
        resolver.handleResponse(Self.response(name: name, before: before, count: 2).span, from: Self.responder, now: Self.start)
        #expect(Self.answers(&resolver) == [IPAddress("192.168.1.5")])
    }

    @Test(
        arguments: [
            response(flags: [0, 0]), response(flags: [0x84, 3]), response(flags: [0x8c, 0]), response(ttl: 0),
            response(recordClass: [0, 3]),
            response(name: encoded("other.local")), response(data: [1, 2, 3]), response(data: [224, 0, 0, 1]),
            response(data: [0, 0, 0, 0]),
            response(type: 28, data: [0xfe, 0x80] + Array(repeating: 0, count: 13) + [1]), response(type: 12), response(count: 2),
            // A pointer to itself, one forwards, two that meet, and a label of an unknown kind.
            response(name: [0xc0, 12]), response(name: [0xc0, 40]), response(name: label("a") + [0xc0, 12]), response(name: [0x40, 0]),
            response(name: [0xc0, 14, 0xc0, 12]), [], [0], Array(repeating: 0xff, count: 600),
        ] as [[UInt8]])
    func ignoresEverythingElse(message: [UInt8]) {
        var resolver = Self.asking(Self.name)
        _ = Self.outputs(&resolver)
        resolver.handleResponse(message.span, from: Self.responder, now: Self.start)
        #expect(Self.outputs(&resolver).isEmpty && resolver.nextTimeout != nil)
    }

    @Test(arguments: [11, 12] as [UInt64])
    func brokenTwinsOfAnAnswerAreSafe(seed: UInt64) {
        var random = RandomSource.seeded(seed)
        let good = Self.response(
            name: Self.label(String(Self.name.dropLast(6))) + [0xc0, 18],
            before: Self.encoded("other.local") + [0, 16, 0, 1, 0, 0, 0, 1, 0, 0], count: 2)
        for _ in 0..<4000 {
            var twin = good
            switch Int.random(in: 0..<3, using: &random) {
            case 0: twin.removeLast(Int.random(in: 1...twin.count, using: &random))
            case 1: twin.insert(UInt8.random(in: 0...255, using: &random), at: Int.random(in: 0...twin.count, using: &random))
            default: break
            }
            for _ in 0..<Int.random(in: 0..<4, using: &random) where !twin.isEmpty {
                twin[Int.random(in: 0..<twin.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            var resolver = Self.asking(Self.name)
            resolver.handleResponse(twin.span, from: Self.responder, now: Self.start)
        }
    }

    @Test func refusesWhatItCannotAskForAndIsBounded() {
        var resolver = Self.asking("example.org")
        #expect(Self.outputs(&resolver) == [.resolved(name: "example.org", address: nil)])
        for i in 0..<1000 { resolver.resolve("n\(i).local", now: Self.start) }
        let outputs = Self.outputs(&resolver)
        #expect(outputs.count { if case .transmit = $0 { true } else { false } } == 256 && outputs.count == 256 + 872)
    }
}
