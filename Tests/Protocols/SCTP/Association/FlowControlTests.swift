import Primitives
import TestSupport
import Testing

@testable import SCTP

/// The receive window, acknowledgements, and what the sender makes of them.
@Suite struct FlowControlTests {
    private struct Two {
        var a = Association(configuration: AssociationConfiguration(), random: .seeded(1))
        var b: Association
        var now = Instant.zero + .seconds(5)

        init(window: Int = 4 << 20) {
            var configuration = AssociationConfiguration()
            configuration.receiveWindow = window
            b = Association(configuration: configuration, random: .seeded(2))
            a.start(now: now)
            settle()
        }

        mutating func packets() -> [[UInt8]] {
            var all: [[UInt8]] = []
            while let packet = a.pollPacket() { all.append(packet) }
            return all
        }

        mutating func give(_ packet: [UInt8]) { b.handle(packet.span, now: now) }

        mutating func settle() {
            for _ in 0..<2000 {
                var isQuiet = true
                while let packet = a.pollPacket() {
                    isQuiet = false
                    b.handle(packet.span, now: now)
                }
                while let packet = b.pollPacket() {
                    isQuiet = false
                    a.handle(packet.span, now: now)
                }
                if isQuiet { return }
            }
        }

        /// So much later, with both sides' timers served.
        mutating func wait(_ interval: Interval) {
            let end = now + interval
            while true {
                let due = [a.nextTimeout, b.nextTimeout].compactMap { $0 }.min() ?? end
                guard due < end else { break }
                now = max(now, due)
                a.handleTimeout(now: now)
                b.handleTimeout(now: now)
                settle()
            }
            now = end
        }

        mutating func send(_ count: Int, stream: UInt16 = 0, isOrdered: Bool = true) {
            a.send(
                OutgoingMessage(bytes: [UInt8](repeating: 1, count: count), stream: stream, payloadType: 53, isOrdered: isOrdered), now: now
            )
        }
    }

    /// Nobody takes the messages out: the sender stops, probes, and goes on when they are taken.
    @Test func aFullWindowStopsTheSender() {
        var two = Two(window: 50_000)
        for _ in 0..<200 { two.send(1000) }
        two.settle()
        two.wait(.seconds(60))
        #expect(two.b.usedWindow <= 50_000 + 2 * 1160)
        #expect(two.a.state == .established, "a closed window is no dead peer")
        #expect(two.a.queue.bufferedBytes > 140_000)
        var taken = 0
        for _ in 0..<100 {
            while two.b.takeMessage() != nil { taken += 1 }
            two.settle()
            two.wait(.milliseconds(100))
            if taken == 200 { break }
        }
        #expect(taken == 200)
        #expect(two.b.usedWindow == 0)
    }

    @Test func partsOfAMessageThatIsNotWholeCountToo() {
        var two = Two(window: 50_000)
        two.send(1160 * 40)
        let lost = 0
        for (index, packet) in two.packets().enumerated() where index != lost { two.give(packet) }
        #expect(two.b.usedWindow >= 1160 * 9)
        two.settle()
        two.wait(.seconds(5))
        let message = two.b.takeMessage()
        #expect(message?.bytes.count == 1160 * 40)
        #expect(two.b.usedWindow == 0)
    }

    @Test func everySecondPacketIsAcknowledgedAtOnceAndOthersSoon() {
        var two = Two()
        // Larger than what is sent at first, so that no packet is the last one.
        two.send(100_000)
        let packets = two.packets()
        #expect(packets.count == 11)
        two.give(packets[0])
        let first = two.b.pollPacket()
        #expect(first == nil)
        #expect(two.b.nextTimeout == two.now + .milliseconds(50))
        two.give(packets[1])
        let second = two.b.pollPacket()
        #expect(second?[12] == ChunkType.sack)
        // A gap is told at once, and as long as it is there.
        two.give(packets[3])
        let third = two.b.pollPacket()
        #expect(third?[12] == ChunkType.sack)
    }

    @Test func threeLaterAcknowledgementsMakeALoss() {
        var two = Two()
        two.send(100_000)
        let before = two.a.window.bytes
        let packets = two.packets()
        for packet in packets.dropFirst().prefix(4) {
            two.give(packet)
            while let answer = two.b.pollPacket() { two.a.handle(answer.span, now: two.now) }
        }
        #expect(two.a.outstanding.hasLost && two.a.window.isRecovering)
        #expect(two.a.window.bytes == before / 2)
        // Sent again at once, whatever the window says.
        let again = two.packets()
        #expect(again.first?[12...] == packets[0][12...])
        #expect(two.a.timeouts == 0)
        two.give(packets[0])
        for packet in packets.dropFirst(5) { two.give(packet) }
        two.settle()
        #expect(two.a.outstanding.isEmpty)
    }

    /// What is sent again and lost again is noticed by acknowledgements of what was sent after it, without waiting for the timer.
    @Test func aRetransmissionThatIsLostIsSentAgain() {
        var two = Two()
        two.send(400_000)
        var victim: [UInt8]?
        var losses = 0
        for _ in 0..<400 {
            var isQuiet = true
            while let packet = two.a.pollPacket() {
                isQuiet = false
                if packet[12] == ChunkType.data {
                    let tsn = Array(packet[16..<20])
                    if victim == nil { victim = tsn }
                    if tsn == victim, losses < 3 {
                        losses += 1
                        continue
                    }
                }
                two.give(packet)
                while let answer = two.b.pollPacket() { two.a.handle(answer.span, now: two.now) }
            }
            if isQuiet { break }
        }
        #expect(losses == 3 && two.a.timeouts == 0)
        #expect(two.a.outstanding.isEmpty)
    }

    @Test func aSilentPeerIsAskedAtGrowingIntervals() {
        var two = Two()
        two.send(10)
        _ = two.packets()
        var times: [Instant] = []
        while times.count < 6, let due = two.a.nextTimeout {
            two.now = due
            two.a.handleTimeout(now: due)
            if !two.packets().isEmpty { times.append(due) }
        }
        let waits = zip(times.dropFirst(), times).map { $0 - $1 }
        #expect(waits == [.milliseconds(1000), .milliseconds(2000), .milliseconds(2000), .milliseconds(2000), .milliseconds(2000)])
        #expect(two.a.window.bytes == CongestionWindow.packet)
    }

    @Test func acknowledgementsOfWhatWasNeverSentAreIgnored() {
        var two = Two()
        two.send(5000)
        let packets = two.packets()
        let next = UInt32(truncatingIfNeeded: two.a.outstanding.nextTSN)
        let flight = two.a.outstanding.flightBytes
        two.a.handleSack(SackChunk(cumulativeTSN: next, window: 0))
        two.a.handleSack(SackChunk(cumulativeTSN: next &+ 0x7000_0000, window: 0))
        two.a.handleSack(SackChunk(cumulativeTSN: next &- 1000, window: 0))
        #expect(two.a.outstanding.flightBytes == flight && two.a.outstanding.chunks.count == packets.count)
        // Blocks that reach beyond count as far as there is something.
        two.a.handleSack(
            SackChunk(cumulativeTSN: next &- UInt32(packets.count) &- 1, window: 99, blocks: [.init(start: 2, end: 65_535)]))
        #expect(two.a.outstanding.flightBytes == 1160)
        two.a.handleSack(SackChunk(cumulativeTSN: next &- 1, window: 99))
        #expect(two.a.outstanding.isEmpty && two.a.outstanding.flightBytes == 0)
    }

    @Test func smallMessagesShareAPacket() {
        var two = Two()
        for _ in 0..<100 { two.send(20) }
        let packets = two.packets()
        #expect(packets.count == 4)
        #expect(packets.allSatisfy { $0.count <= 1191 })
    }
}
