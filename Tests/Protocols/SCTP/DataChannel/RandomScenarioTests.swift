import Primitives
import SCTP
import TestSupport
import Testing

/// Short lives of two transports on random networks, doing random things; what was promised is kept in every one of them.
@Suite struct RandomScenarioTests {
    private struct Channel {
        var id: DataChannelID
        var options: DataChannelOptions
        var opener: ChannelPair.Side
        var sent: [ChannelPair.Side: [DataMessage]] = [:]
        var isClosing = false
    }

    private static func conditions(_ random: inout RandomSource) -> PathConditions {
        var path = PathConditions(delay: .milliseconds(Int.random(in: 0...80, using: &random)))
        if Bool.random(using: &random) { path.loss = Double.random(in: 0...0.3, using: &random) }
        if Int.random(in: 0..<4, using: &random) == 0 { path.burst = .init(enter: 0.03, leave: 0.3) }
        if Int.random(in: 0..<3, using: &random) == 0 { path.reorder = 0.1 }
        if Int.random(in: 0..<3, using: &random) == 0 { path.duplicate = 0.1 }
        if Int.random(in: 0..<3, using: &random) == 0 { path.jitter = .milliseconds(20) }
        if Int.random(in: 0..<4, using: &random) == 0 { path.bitsPerSecond = Int.random(in: 200_000...5_000_000, using: &random) }
        return path
    }

    private static func options(_ number: Int, _ random: inout RandomSource) -> DataChannelOptions {
        let reliabilities: [DataChannelOptions.Reliability] = [
            .reliable, .reliable, .maximumRetransmits(UInt16.random(in: 0...2, using: &random)), .maximumLifetime(.milliseconds(100)),
        ]
        return DataChannelOptions(
            label: "\(number)", isOrdered: Bool.random(using: &random),
            reliability: reliabilities[Int.random(in: 0..<reliabilities.count, using: &random)])
    }

    private static func isOpen(_ id: DataChannelID, _ events: [DataChannelEvent]) -> Bool {
        events.contains { if case .opened(id, _, _) = $0 { true } else { false } }
    }

    private static func isSubsequence(_ part: [DataMessage], of whole: [DataMessage]) -> Bool {
        var rest = whole[...]
        for message in part {
            guard let index = rest.firstIndex(of: message) else { return false }
            rest = rest[(index + 1)...]
        }
        return true
    }

    @Test(arguments: 0..<20)
    func whatWasPromisedIsKept(batch: Int) throws {
        for index in 0..<100 { try live(seed: UInt64(batch * 100 + index)) }
    }

    private func live(seed: UInt64) throws {
        var random = RandomSource.seeded(seed)
        var pair = ChannelPair(seed: seed, conditions: Self.conditions(&random))
        var channels: [Channel] = []
        var counter = 0
        if Bool.random(using: &random) { try pair.connect() } else { pair.start() }
        for _ in 0..<Int.random(in: 3...15, using: &random) {
            let side: ChannelPair.Side = Bool.random(using: &random) ? .client : .server
            switch Int.random(in: 0..<10, using: &random) {
            case 0, 1:
                let options = Self.options(channels.count, &random)
                channels.append(Channel(id: try pair[side].open(options, now: pair.now), options: options, opener: side))
            case 2 where !channels.isEmpty:
                let index = Int.random(in: 0..<channels.count, using: &random)
                let isKnown = side == channels[index].opener || Self.isOpen(channels[index].id, pair.events(side))
                pair[side].close(channels[index].id, now: pair.now)
                if isKnown { channels[index].isClosing = true }
            case 3:
                pair.network.isBlackedOut.toggle()
                pair.run(.milliseconds(Int.random(in: 0...400, using: &random)))
                pair.network.isBlackedOut = false
            case 4: pair.network.setConditions(Self.conditions(&random))
            default:
                guard !channels.isEmpty else { break }
                let index = Int.random(in: 0..<channels.count, using: &random)
                counter += 1
                let size = Int.random(in: 0..<10, using: &random) == 0 ? 5000 : Int.random(in: 0...50, using: &random)
                let message = DataMessage.text("\(counter) " + String(repeating: "x", count: size))
                // The side that has not heard of the channel yet, or any more, cannot send on it.
                if (try? pair[side].send(message, on: channels[index].id, now: pair.now)) != nil {
                    channels[index].sent[side, default: []].append(message)
                }
            }
            pair.run(.milliseconds(Int.random(in: 0...60, using: &random)))
        }
        pair.network.setConditions(PathConditions(delay: .milliseconds(10)))
        pair.run(.seconds(12))
        for channel in channels {
            for side in ChannelPair.Side.allCases {
                let sent = channel.sent[side == .client ? .server : .client] ?? []
                let arrived = pair.messages(side, on: channel.id)
                // An id that was used again carries another channel's as well.
                guard channels.filter({ $0.id == channel.id }).count == 1 else { continue }
                let isRight: Bool
                if channel.options.isOrdered, channel.options.reliability == .reliable, !channel.isClosing {
                    isRight = arrived == sent
                } else if channel.options.isOrdered {
                    isRight = Self.isSubsequence(arrived, of: sent)
                } else {
                    isRight =
                        arrived.allSatisfy(sent.contains) && Set(arrived.map { "\($0)" }).count == arrived.count
                        && (channel.options.reliability != .reliable || channel.isClosing || arrived.count == sent.count)
                }
                #expect(isRight, "seed \(seed), channel \(channel.id) \(channel.options): \(arrived.count) of \(sent.count) at \(side)")
                let wasThere = side == channel.opener || Self.isOpen(channel.id, pair.events(side))
                #expect(
                    pair.events(side).contains(.closed(channel.id)) == (channel.isClosing && wasThere),
                    "seed \(seed), \(channel.id) \(side)")
            }
        }
        for side in ChannelPair.Side.allCases {
            #expect(pair[side].statistics.bytesInFlight == 0, "seed \(seed)")
        }
    }
}
