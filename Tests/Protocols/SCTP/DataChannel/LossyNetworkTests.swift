import Primitives
import SCTP
import TestSupport
import Testing

/// Bad networks, and that everything comes all the same.
@Suite struct LossyNetworkTests {
    struct Path: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let conditions: PathConditions
    }

    static let paths = [
        Path(testDescription: "1 % loss", conditions: PathConditions(delay: .milliseconds(20), loss: 0.01)),
        Path(testDescription: "10 % loss", conditions: PathConditions(delay: .milliseconds(20), jitter: .milliseconds(5), loss: 0.1)),
        Path(testDescription: "30 % loss", conditions: PathConditions(delay: .milliseconds(20), loss: 0.3)),
        Path(
            testDescription: "bursts",
            conditions: PathConditions(delay: .milliseconds(30), burst: .init(enter: 0.02, leave: 0.2), duplicate: 0.02)),
        Path(
            testDescription: "reordering",
            conditions: PathConditions(delay: .milliseconds(10), reorder: 0.2, reorderDelay: .milliseconds(15), duplicate: 0.1)),
        Path(
            testDescription: "a narrow link with a short queue",
            conditions: PathConditions(delay: .milliseconds(25), bitsPerSecond: 2_000_000, queueBytes: 12_000)),
    ]

    private static func content(_ number: Int, size: Int) -> [UInt8] {
        [UInt8(truncatingIfNeeded: number >> 8), UInt8(truncatingIfNeeded: number)]
            + (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ number) }
    }

    @Test(arguments: paths, [1, 2] as [UInt64])
    func reliableMessagesComeOnceAndInOrder(path: Path, seed: UInt64) throws {
        var pair = ChannelPair(seed: seed, conditions: path.conditions)
        try pair.connect()
        let ordered = try pair.open(DataChannelOptions(label: "ordered"))
        let unordered = try pair.open(DataChannelOptions(label: "unordered", isOrdered: false), from: .server)
        var random = RandomSource.seeded(seed)
        let messages = (0..<60).map { Self.content($0, size: Int.random(in: 0..<($0 % 10 == 0 ? 20_000 : 600), using: &random)) }
        for message in messages {
            try pair.client.send(.binary(message), on: ordered, now: pair.now)
            try pair.server.send(.binary(message), on: unordered, now: pair.now)
            pair.run(.milliseconds(3))
        }
        pair.run(.seconds(120)) { pair in
            pair.client.statistics.messagesReceived == messages.count && pair.server.statistics.messagesReceived == messages.count
        }
        let isInOrder = pair.messages(.server, on: ordered) == messages.map { .binary($0) }
        #expect(isInOrder)
        let arrived = pair.messages(.client, on: unordered)
        #expect(arrived.count == messages.count)
        let areAllThere = messages.allSatisfy { arrived.contains(.binary($0)) }
        #expect(areAllThere)
    }

    @Test(arguments: [0.0, 0.02])
    func aLargeMessageIsNotHurtByABlackout(loss: Double) throws {
        var pair = ChannelPair(seed: 5, conditions: PathConditions(delay: .milliseconds(20), loss: loss, bitsPerSecond: 20_000_000))
        try pair.connect()
        let id = try pair.open(DataChannelOptions(label: "file"))
        let content = Self.content(1, size: 262_142)
        for _ in 0..<4 { try pair.client.send(.binary(content), on: id, now: pair.now) }
        pair.run(.milliseconds(60))
        pair.network.isBlackedOut = true
        pair.run(.seconds(3))
        pair.network.isBlackedOut = false
        let resumed = pair.now
        #expect(pair.messages(.server, on: id).count < 4)
        pair.run(.seconds(60)) { $0.messages(.server, on: id).count == 4 }
        let isWhole = pair.messages(.server, on: id) == Array(repeating: .binary(content), count: 4)
        #expect(isWhole)
        #expect(pair.now - resumed < .seconds(8))
    }

    /// 20 Mbit/s and 20 ms each way: the window has to grow to what the path holds, and not beyond its queue for long.
    @Test func aCleanPathIsFilled() throws {
        var pair = ChannelPair(
            seed: 6, conditions: PathConditions(delay: .milliseconds(20), bitsPerSecond: 20_000_000, queueBytes: 150_000))
        try pair.connect()
        let id = try pair.open(DataChannelOptions(label: "file"))
        let begin = pair.now
        for _ in 0..<20 { try pair.client.send(.binary([UInt8](repeating: 1, count: 200_000)), on: id, now: pair.now) }
        pair.run(.seconds(30)) { $0.client.bufferedAmount(of: id) == 0 && $0.client.statistics.bytesInFlight == 0 }
        #expect(pair.messages(.server, on: id).count == 20)
        // 4 MB in the 1.6 s that they take at the very least, and the time to get going.
        #expect(pair.now - begin < .seconds(2.5))
        let roundTrip = try #require(pair.client.statistics.roundTripTime)
        #expect(roundTrip > .milliseconds(39))
    }

    @Test func aPeerThatIsGoneIsNoticed() throws {
        var pair = ChannelPair(seed: 7)
        try pair.connect()
        let id = try pair.open(DataChannelOptions(label: "chat"))
        pair.network.isBlackedOut = true
        try pair.client.send(.text("?"), on: id, now: pair.now)
        let silent = pair.now
        pair.run(.seconds(300)) { pair in
            ChannelPair.Side.allCases.allSatisfy { side in pair.events(side).contains { if case .failed = $0 { true } else { false } } }
        }
        #expect(pair.now - silent > .seconds(20) && pair.now - silent < .seconds(90))
        #expect(pair.clientEvents.contains(.closed(id)) && pair.serverEvents.contains(.closed(id)))
        #expect(pair.client.nextTimeout == nil && pair.server.nextTimeout == nil)
        #expect(throws: DataChannelError.associationOver) { try pair.client.send(.text("?"), on: id, now: pair.now) }
    }

    @Test func anIdleAssociationStaysUp() throws {
        var pair = ChannelPair(seed: 8, conditions: PathConditions(delay: .milliseconds(50), loss: 0.1))
        try pair.connect()
        let id = try pair.open(DataChannelOptions(label: "chat"))
        pair.run(.seconds(1800))
        #expect(pair.clientEvents.count == 1 || pair.clientEvents.allSatisfy { $0 != .closed(id) })
        try pair.server.send(.text("still there"), on: id, now: pair.now)
        pair.run(.seconds(10))
        #expect(pair.messages(.client, on: id) == [.text("still there")])
    }
}
