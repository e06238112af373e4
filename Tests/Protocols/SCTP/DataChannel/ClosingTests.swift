import Primitives
import SCTP
import TestSupport
import Testing

/// Stream resets (RFC 6525), and that ids can be used again.
@Suite struct ClosingTests {
    @Test(arguments: [0.0, 0.2], [1, 2, 3] as [UInt64])
    func whatWasSentBeforeComesAndTheIDIsFreeAgain(loss: Double, seed: UInt64) throws {
        var pair = ChannelPair(seed: seed, conditions: PathConditions(delay: .milliseconds(15), loss: loss))
        try pair.connect()
        for round in 0..<5 {
            let options = DataChannelOptions(label: "round \(round)", isOrdered: round % 2 == 0)
            let id = try pair.client.open(
                DataChannelOptions(label: options.label, isOrdered: options.isOrdered, negotiatedID: nil), now: pair.now)
            #expect(id == UInt16(round * 2))
            for number in 0..<20 { try pair.client.send(.text("\(round) \(number)"), on: id, now: pair.now) }
            pair.client.close(id, now: pair.now)
            #expect(throws: DataChannelError.notOpen) { try pair.client.send(.text("late"), on: id, now: pair.now) }
            let isClosed = pair.run(.seconds(60)) { $0.clientEvents.contains(.closed(id)) && $0.serverEvents.contains(.closed(id)) }
            #expect(isClosed)
            #expect(Set(pair.messages(.server, on: id).map { "\($0)" }).count == 20)
            #expect(pair.serverEvents.last == .closed(id))
        }
        #expect(pair.client.statistics.channelsClosed == 5)
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func aNegotiatedIDIsUsedAgainAndAgain(seed: UInt64) throws {
        var pair = ChannelPair(seed: seed, conditions: PathConditions(delay: .milliseconds(15), loss: seed % 2 == 0 ? 0.15 : 0))
        try pair.connect()
        let options = DataChannelOptions(label: "fixed", negotiatedID: 7)
        for round in 0..<6 {
            pair.clientEvents = []
            pair.serverEvents = []
            let one = try pair.client.open(options, now: pair.now)
            let other = try pair.server.open(options, now: pair.now)
            #expect(one == 7 && other == 7)
            #expect(throws: DataChannelError.unusableID) { try pair.client.open(options, now: pair.now) }
            for number in 0..<5 { try pair.client.send(.text("\(round) \(number)"), on: 7, now: pair.now) }
            pair.run(.seconds(20)) { $0.messages(.server, on: 7).count == 5 }
            #expect(pair.messages(.server, on: 7) == (0..<5).map { .text("\(round) \($0)") })
            // From either side, or both at once.
            if round % 3 != 1 { pair.client.close(7, now: pair.now) }
            if round % 3 != 0 { pair.server.close(7, now: pair.now) }
            let isClosed = pair.run(.seconds(60)) { $0.clientEvents.contains(.closed(7)) && $0.serverEvents.contains(.closed(7)) }
            #expect(isClosed)
        }
    }

    @Test func closingBeforeTheAssociationIsUpLeavesNoTrace() throws {
        var pair = ChannelPair(seed: 9)
        let id = try pair.client.open(DataChannelOptions(label: "never"), now: pair.now)
        try pair.client.send(.text("never"), on: id, now: pair.now)
        pair.client.close(id, now: pair.now)
        try pair.connect()
        pair.run(.seconds(2))
        #expect(pair.clientEvents == [.closed(id)] && pair.serverEvents.isEmpty)
        #expect(pair.client.bufferedAmount(of: id) == 0)
    }

    @Test func whatHadNotLeftWhenThePeerClosesIsDropped() throws {
        var pair = ChannelPair(seed: 10, conditions: PathConditions(delay: .milliseconds(10), bitsPerSecond: 1_000_000))
        try pair.connect()
        let id = try pair.open(DataChannelOptions(label: "bulk"))
        for _ in 0..<100 { try pair.client.send(.binary([UInt8](repeating: 1, count: 50_000)), on: id, now: pair.now) }
        pair.run(.milliseconds(100))
        pair.server.close(id, now: pair.now)
        let isClosed = pair.run(.seconds(20)) { $0.clientEvents.contains(.closed(id)) && $0.serverEvents.contains(.closed(id)) }
        #expect(isClosed)
        #expect(pair.client.bufferedAmount(of: id) == 0)
    }

    /// 300 at once: more than one request can name, and both sides at the same time.
    @Test func manyChannelsOpenAndCloseAtOnce() throws {
        var pair = ChannelPair(seed: 11, conditions: PathConditions(delay: .milliseconds(5), loss: 0.02))
        try pair.connect()
        var ids: [DataChannelID] = []
        for number in 0..<150 {
            ids.append(try pair.client.open(DataChannelOptions(label: "c\(number)"), now: pair.now))
            ids.append(try pair.server.open(DataChannelOptions(label: "s\(number)"), now: pair.now))
        }
        #expect(Set(ids).count == 300)
        pair.run(.seconds(20)) { $0.client.statistics.channelsOpened == 300 && $0.server.statistics.channelsOpened == 300 }
        #expect(pair.client.statistics.channelsOpened == 300 && pair.server.statistics.channelsOpened == 300)
        for (index, id) in ids.enumerated() {
            if index % 3 == 0 { pair.server.close(id, now: pair.now) } else { pair.client.close(id, now: pair.now) }
        }
        pair.run(.seconds(60)) { $0.client.statistics.channelsClosed == 300 && $0.server.statistics.channelsClosed == 300 }
        #expect(pair.client.statistics.channelsClosed == 300 && pair.server.statistics.channelsClosed == 300)
    }

    @Test(arguments: [0.0, 0.1])
    func shuttingDownSendsWhatIsThere(loss: Double) throws {
        var pair = ChannelPair(seed: 12, conditions: PathConditions(delay: .milliseconds(20), loss: loss))
        try pair.connect()
        let id = try pair.open(DataChannelOptions(label: "chat"))
        for number in 0..<50 { try pair.client.send(.text("\(number)"), on: id, now: pair.now) }
        pair.client.shutdown(now: pair.now)
        pair.run(.seconds(30))
        #expect(pair.messages(.server, on: id).count == 50)
        #expect(pair.serverEvents.suffix(2).first == .closed(id))
        for side in ChannelPair.Side.allCases {
            if case .failed = pair.events(side).last {} else { Issue.record("\(side) is not over") }
            #expect(pair[side].nextTimeout == nil)
        }
    }

    @Test func abortingIsToldAtOnce() throws {
        var pair = ChannelPair(seed: 13)
        try pair.connect()
        let id = try pair.open(DataChannelOptions(label: "chat"))
        pair.client.abort(now: pair.now)
        pair.run(.milliseconds(10))
        #expect(pair.serverEvents.suffix(2) == [.closed(id), .failed("The peer has ended the association (cause 12).")])
    }

    /// What is left to be sent has expired: neither the end of a channel nor of the association waits for it.
    @Test func nothingWaitsForWhatHasExpired() throws {
        var pair = ChannelPair(seed: 14, conditions: PathConditions(delay: .milliseconds(10), bitsPerSecond: 100_000, queueBytes: 100_000))
        try pair.connect()
        let bulk = try pair.open(DataChannelOptions(label: "bulk", reliability: .maximumLifetime(.milliseconds(50))))
        for _ in 0..<100 { try pair.client.send(.binary([UInt8](repeating: 1, count: 1000)), on: bulk, now: pair.now) }
        pair.run(.milliseconds(20))
        pair.client.shutdown(now: pair.now)
        pair.run(.seconds(4)) { $0.serverEvents.last == .failed("Shut down by the peer.") }
        #expect(pair.serverEvents.last == .failed("Shut down by the peer."))
        pair.run(.seconds(1))
        #expect(pair.clientEvents.last == .failed("Shut down."))
    }
}
