import Primitives
import SCTP
import TestSupport
import Testing

@Suite struct DataChannelTests {
    @Test func bothSidesBeginAndAChannelOpens() throws {
        var pair = ChannelPair(seed: 1)
        try pair.connect()
        let options = DataChannelOptions(label: "chat", protocolName: "tchat", isOrdered: false, reliability: .maximumRetransmits(3))
        let id = try pair.open(options)
        #expect(id == 0)
        try pair.client.send(.text("grüß dich"), on: id, now: pair.now)
        try pair.server.send(.binary([0, 1, 255]), on: id, now: pair.now)
        try pair.server.send(.text(""), on: id, now: pair.now)
        try pair.server.send(.binary([]), on: id, now: pair.now)
        pair.run(.seconds(1))
        #expect(pair.messages(.server, on: id) == [.text("grüß dich")])
        #expect(pair.messages(.client, on: id) == [.binary([0, 1, 255]), .text(""), .binary([])])
        #expect(pair.client.statistics.messagesSent == 1 && pair.client.statistics.messagesReceived == 3)
        #expect(pair.client.statistics.bytesSent == 11)
    }

    @Test(arguments: [1, 1160, 1161, 65_536, 262_144])
    func messagesOfAnySizeArriveWhole(size: Int) throws {
        var pair = ChannelPair(seed: 2)
        try pair.connect()
        let id = try pair.open(DataChannelOptions(label: "bulk"))
        var random = RandomSource.seeded(UInt64(size))
        let content = random.bytes(size)
        try pair.client.send(.binary(content), on: id, now: pair.now)
        pair.run(.seconds(5)) { !$0.messages(.server, on: id).isEmpty }
        #expect(pair.messages(.server, on: id) == [.binary(content)])
    }
}
