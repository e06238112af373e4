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

    @Test func opensThatCrossGetIDsOfTheirOwn() throws {
        var pair = ChannelPair(seed: 3, conditions: PathConditions(delay: .milliseconds(40)))
        // Before the association is up, and messages right behind.
        var options: [DataChannelOptions] = []
        for number in 0..<4 {
            options.append(DataChannelOptions(label: "\(number)"))
            #expect(try pair.client.open(options[number], now: pair.now) == UInt16(number * 2))
            #expect(try pair.server.open(options[number], now: pair.now) == UInt16(number * 2 + 1))
            try pair.client.send(.text("c\(number)"), on: UInt16(number * 2), now: pair.now)
            try pair.server.send(.text("s\(number)"), on: UInt16(number * 2 + 1), now: pair.now)
        }
        try pair.connect()
        pair.run(.seconds(1))
        for number in 0..<4 {
            let (even, odd) = (UInt16(number * 2), UInt16(number * 2 + 1))
            #expect(pair.messages(.server, on: even) == [.text("c\(number)")])
            #expect(pair.messages(.client, on: odd) == [.text("s\(number)")])
            #expect(pair.clientEvents.contains(.opened(even, options[number], isRemote: false)))
            #expect(pair.clientEvents.contains(.opened(odd, options[number], isRemote: true)))
        }
    }

    @Test func streamsTakeTurns() throws {
        var pair = ChannelPair(seed: 4, conditions: PathConditions(delay: .milliseconds(10), bitsPerSecond: 4_000_000))
        try pair.connect()
        let bulk = try pair.open(DataChannelOptions(label: "bulk"))
        let chat = try pair.open(DataChannelOptions(label: "chat"))
        for _ in 0..<100 { try pair.client.send(.binary([UInt8](repeating: 0, count: 16_384)), on: bulk, now: pair.now) }
        pair.run(.milliseconds(200))
        let asked = pair.now
        try pair.client.send(.text("quick"), on: chat, now: pair.now)
        pair.run(.seconds(10)) { !$0.messages(.server, on: chat).isEmpty }
        // One message of the other's, the packets under way, and the queue of the path: not the 1.6 MB that wait.
        #expect(pair.now - asked < .milliseconds(400))
        #expect(pair.client.bufferedAmount(of: bulk) > 1_000_000)
    }

    @Test func whatIsTooMuchIsRefused() throws {
        var pair = ChannelPair(seed: 5) {
            $0.remoteMaximumMessageSize = 1000
            $0.sendBuffer = 5000
        }
        let id = try pair.client.open(DataChannelOptions(label: ""), now: pair.now)
        #expect(throws: DataChannelError.messageTooLarge(limit: 1000)) {
            try pair.client.send(.binary([UInt8](repeating: 0, count: 1001)), on: id, now: pair.now)
        }
        for _ in 0..<4 { try pair.client.send(.binary([UInt8](repeating: 0, count: 1000)), on: id, now: pair.now) }
        #expect(throws: DataChannelError.bufferFull) {
            try pair.client.send(.binary([UInt8](repeating: 0, count: 1000)), on: id, now: pair.now)
        }
        #expect(throws: DataChannelError.notOpen) { try pair.client.send(.text(""), on: 99, now: pair.now) }
        #expect(throws: DataChannelError.labelTooLong) {
            try pair.client.open(DataChannelOptions(label: String(repeating: "x", count: 65_536)), now: pair.now)
        }
        #expect(throws: DataChannelError.unusableID) {
            try pair.client.open(DataChannelOptions(label: "", negotiatedID: 65_535), now: pair.now)
        }
        for _ in 1..<1024 { _ = try pair.server.open(DataChannelOptions(label: "", negotiatedID: nil), now: pair.now) }
        _ = try pair.server.open(DataChannelOptions(label: ""), now: pair.now)
        #expect(throws: DataChannelError.tooManyChannels) { try pair.server.open(DataChannelOptions(label: ""), now: pair.now) }
    }

    /// This side takes 262144 bytes, and the peer believes that it takes more.
    @Test func aLargerMessageThanAgreedEndsItsChannelAlone() throws {
        var pair = ChannelPair(seed: 6) { $0.remoteMaximumMessageSize = 0 }
        try pair.connect()
        let id = try pair.open(DataChannelOptions(label: "bulk"))
        let other = try pair.open(DataChannelOptions(label: "chat"))
        try pair.client.send(.binary([UInt8](repeating: 0, count: 3_000_000)), on: id, now: pair.now)
        try pair.client.send(.text("after"), on: other, now: pair.now)
        pair.run(.seconds(20)) { $0.clientEvents.contains(.closed(id)) && $0.serverEvents.contains(.closed(id)) }
        #expect(pair.clientEvents.contains(.closed(id)) && pair.serverEvents.contains(.closed(id)))
        #expect(pair.messages(.server, on: id).isEmpty)
        #expect(pair.messages(.server, on: other) == [.text("after")])
    }

    @Test func theBufferedAmountIsToldWhenItIsLow() throws {
        var pair = ChannelPair(seed: 7, conditions: PathConditions(delay: .milliseconds(10), bitsPerSecond: 2_000_000))
        try pair.connect()
        let id = try pair.open(DataChannelOptions(label: "bulk"))
        pair.run(.seconds(1))
        pair.clientEvents = []
        pair.client.setBufferedAmountLowThreshold(20_000, of: id)
        for _ in 0..<10 { try pair.client.send(.binary([UInt8](repeating: 0, count: 10_000)), on: id, now: pair.now) }
        #expect(pair.client.bufferedAmount(of: id) == 100_000)
        pair.run(.seconds(5)) { !$0.clientEvents.isEmpty }
        #expect(pair.clientEvents == [.bufferedAmountLow(id)])
        #expect(pair.client.bufferedAmount(of: id) <= 20_000)
        pair.run(.seconds(5))
        #expect(pair.clientEvents == [.bufferedAmountLow(id)])
    }

    @Test func textThatIsNotUTF8IsRepaired() throws {
        var pair = ChannelPair(seed: 8)
        try pair.connect()
        let id = try pair.open(DataChannelOptions(label: "chat"))
        // The payload type of a text in front of bytes that are none.
        pair.tamper = { side, packet in
            guard side == .client, packet.count > 28, packet[12] == 0 else { return packet }
            var packet = packet
            packet[27] = 51
            return resealed(packet)
        }
        try pair.client.send(.binary([0x61, 0xff, 0x62]), on: id, now: pair.now)
        pair.run(.seconds(1))
        #expect(pair.messages(.server, on: id) == [.text("a\u{fffd}b")])
    }
}
