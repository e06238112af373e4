import Primitives
import SCTP
import TestSupport
import Testing

/// RFC 3758: what may be lost is, and holds up nothing.
@Suite struct PartialReliabilityTests {
    @Test(
        arguments: [true, false],
        [.maximumRetransmits(0), .maximumRetransmits(2), .maximumLifetime(.milliseconds(80))]
            as [DataChannelOptions.Reliability])
    func someAreLostAndTheRestComesInTime(isOrdered: Bool, reliability: DataChannelOptions.Reliability) throws {
        var pair = ChannelPair(seed: 3, conditions: PathConditions(delay: .milliseconds(30), loss: 0.3))
        try pair.connect()
        let id = try pair.open(DataChannelOptions(label: "state", isOrdered: isOrdered, reliability: reliability))
        // Of several packets each, some of which are lost.
        func content(_ number: Int) -> [UInt8] { [UInt8](repeating: UInt8(number), count: number % 3 == 0 ? 3000 : 100) }
        for number in 0..<200 {
            try pair.client.send(.binary(content(number)), on: id, now: pair.now)
            pair.run(.milliseconds(20))
        }
        pair.run(.seconds(10))
        let arrived = pair.messages(.server, on: id).map { message in
            if case .binary(let bytes) = message, let first = bytes.first { Int(first) } else { -1 }
        }
        #expect(arrived.count < 199 && arrived.count > 50)
        #expect(Set(arrived).count == arrived.count)
        if isOrdered { #expect(arrived == arrived.sorted()) }
        for message in pair.messages(.server, on: id) {
            if case .binary(let bytes) = message { #expect(bytes == content(Int(bytes[0]))) }
        }
        #expect(pair.client.statistics.bytesInFlight == 0, "nothing is left that waits")
        try pair.server.send(.text("and back"), on: id, now: pair.now)
    }

    /// A message whose time ends while it is being sent, behind others: its beginning has gone out, its end never does.
    @Test func aMessageExpiresHalfSent() throws {
        var pair = ChannelPair(seed: 4, conditions: PathConditions(delay: .milliseconds(10), bitsPerSecond: 400_000, queueBytes: 100_000))
        try pair.connect()
        let id = try pair.open(DataChannelOptions(label: "state", reliability: .maximumLifetime(.milliseconds(200))))
        try pair.client.send(.binary([UInt8](repeating: 1, count: 200_000)), on: id, now: pair.now)
        pair.run(.milliseconds(500))
        try pair.client.send(.text("later"), on: id, now: pair.now)
        pair.run(.seconds(5))
        #expect(pair.messages(.server, on: id) == [.text("later")])
        #expect(pair.client.bufferedAmount(of: id) == 0)
        #expect(pair.client.statistics.bytesInFlight == 0)
    }

    @Test func whatWaitsTooLongIsNeverSent() throws {
        var pair = ChannelPair(seed: 5)
        try pair.connect()
        let id = try pair.open(DataChannelOptions(label: "state", reliability: .maximumLifetime(.milliseconds(100))))
        pair.network.isBlackedOut = true
        for number in 0..<500 { try pair.client.send(.binary([UInt8](repeating: UInt8(number & 255), count: 1000)), on: id, now: pair.now) }
        pair.run(.seconds(2))
        pair.network.isBlackedOut = false
        pair.run(.seconds(2))
        let packets = pair.client.statistics.packetsSent
        #expect(packets < 100)
        try pair.client.send(.text("now"), on: id, now: pair.now)
        pair.run(.seconds(1))
        #expect(pair.messages(.server, on: id).last == .text("now"))
    }
}
