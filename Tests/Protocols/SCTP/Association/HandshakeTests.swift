import Primitives
import TestSupport
import Testing

@testable import SCTP

/// How associations begin (RFC 9260, section 5), with the packets in the test's hands.
@Suite struct HandshakeTests {
    private let now = Instant.zero + .seconds(5)

    private func association(_ seed: UInt64) -> Association {
        Association(configuration: AssociationConfiguration(), random: .seeded(seed))
    }

    private func packets(_ association: inout Association) -> [[UInt8]] {
        var all: [[UInt8]] = []
        while let packet = association.pollPacket() { all.append(packet) }
        return all
    }

    private func give(_ packets: [[UInt8]], to association: inout Association, at time: Instant? = nil) {
        for packet in packets { association.handle(packet.span, now: time ?? now) }
    }

    /// Back and forth until both are quiet.
    private func settle(_ a: inout Association, _ b: inout Association) {
        for _ in 0..<20 {
            let fromA = packets(&a)
            let fromB = packets(&b)
            if fromA.isEmpty, fromB.isEmpty { return }
            give(fromA, to: &b)
            give(fromB, to: &a)
        }
        Issue.record("never quiet")
    }

    private func events(_ association: inout Association) -> [AssociationEvent] {
        var all: [AssociationEvent] = []
        while let event = association.pollEvent() { all.append(event) }
        return all
    }

    private func exchange(_ a: inout Association, _ b: inout Association) {
        a.send(OutgoingMessage(bytes: [1], stream: 0, payloadType: 53, isOrdered: true), now: now)
        b.send(OutgoingMessage(bytes: [2], stream: 0, payloadType: 53, isOrdered: true), now: now)
        settle(&a, &b)
        let (one, other) = (b.takeMessage(), a.takeMessage())
        #expect(one?.bytes == [1] && other?.bytes == [2])
    }

    @Test func oneSideAloneBegins() {
        var (a, b) = (association(1), association(2))
        a.start(now: now)
        settle(&a, &b)
        #expect(events(&a) == [.established] && events(&b) == [.established])
        exchange(&a, &b)
    }

    @Test func initiationsThatCrossMakeOneAssociation() {
        var (a, b) = (association(1), association(2))
        a.start(now: now)
        b.start(now: now)
        settle(&a, &b)
        #expect(events(&a) == [.established] && events(&b) == [.established])
        #expect(a.peer?.tag == b.localTag && b.peer?.tag == a.localTag)
        exchange(&a, &b)
    }

    /// Every subset of the first packets lost, in both ways of beginning: the timers mend it.
    @Test(arguments: 0..<64)
    func anyOfTheFirstPacketsMayBeLost(mask: Int) {
        var (a, b) = (association(3), association(4))
        var time = now
        a.start(now: time)
        if mask & 1 == 0 { b.start(now: time) }
        var count = 0
        for _ in 0..<200 {
            var moved = false
            for (from, to) in [(0, 1), (1, 0)] {
                let sent = from == 0 ? packets(&a) : packets(&b)
                for packet in sent {
                    moved = true
                    count += 1
                    if count <= 6, mask >> (count - 1) & 1 == 1 { continue }
                    if to == 0 { a.handle(packet.span, now: time) } else { b.handle(packet.span, now: time) }
                }
            }
            if moved { continue }
            if a.state == .established, b.state == .established { break }
            time += .milliseconds(100)
            a.handleTimeout(now: time)
            b.handleTimeout(now: time)
        }
        #expect(a.state == .established && b.state == .established)
        #expect(events(&a) == [.established] && events(&b) == [.established])
        exchange(&a, &b)
    }

    @Test func aFloodOfInitiationsIsAnsweredWithoutRemembering() {
        var (a, b) = (association(1), association(2))
        b.start(now: now)
        let tag = b.localTag
        for seed: UInt64 in 10..<200 {
            a = association(seed)
            a.start(now: now)
            give(packets(&a), to: &b)
            #expect(b.peer == nil && b.packets.count <= AssociationConfiguration.controlLimit)
            if seed % 50 == 0 { _ = packets(&b) }
        }
        _ = packets(&b)
        #expect(b.state == .cookieWait && b.localTag == tag)
    }

    @Test func cookiesThatAreForgedOrStaleAreRefused() throws {
        var (a, b) = (association(1), association(2))
        a.start(now: now)
        give(packets(&a), to: &b)
        give(packets(&b), to: &a)
        let echo = try #require(packets(&a).first)
        for index in 16..<16 + StateCookie.size {
            var forged = echo
            forged[index] ^= 1
            give([resealed(forged)], to: &b)
            #expect(b.state == .closed)
        }
        give([echo], to: &b, at: now + .seconds(61))
        #expect(b.state == .closed)
        // The answer says so, and the other side begins anew.
        give(packets(&b), to: &a)
        #expect(a.state == .cookieWait)
        settle(&a, &b)
        #expect(a.state == .established && b.state == .established)
    }

    @Test func aPeerThatBeginsAnewIsHeard() {
        var (a, b) = (association(1), association(2))
        a.start(now: now)
        settle(&a, &b)
        b.send(OutgoingMessage(bytes: [9, 9], stream: 0, payloadType: 53, isOrdered: true), now: now)
        _ = packets(&b)
        _ = (events(&a), events(&b))
        var again = association(77)
        again.start(now: now)
        settle(&again, &b)
        #expect(events(&again) == [.established])
        #expect(events(&b) == [.restarted, .established])
        #expect(b.peer?.tag == again.localTag && b.outstanding.isEmpty)
        exchange(&again, &b)
    }

    @Test func anInitiationThatComesLateDisturbsNothing() {
        var (a, b) = (association(1), association(2))
        a.start(now: now)
        b.start(now: now)
        let late = packets(&a)
        give(late, to: &b)
        give(packets(&b), to: &a)
        settle(&a, &b)
        let tag = b.localTag
        for _ in 0..<3 {
            give(late, to: &b)
            settle(&a, &b)
        }
        #expect(b.localTag == tag && a.state == .established && b.state == .established)
        exchange(&a, &b)
    }

    @Test func nothingCountsWithoutTheRightTag() {
        var (a, b) = (association(1), association(2))
        a.start(now: now)
        settle(&a, &b)
        for type in [ChunkType.abort, ChunkType.shutdown, ChunkType.shutdownAck, ChunkType.shutdownComplete, ChunkType.error] {
            for flags: UInt8 in [0, 1] {
                var packet = PacketFormat.begin(from: 5000, to: 5000, tag: b.localTag &+ 1)
                packet.appendChunk(type, flags: flags, [0, 0, 0, 0])
                give([resealed(packet)], to: &b)
            }
        }
        #expect(b.state == .established)
        // And what ends it does, said rightly: an ABORT may reflect the tag (section 8.5.1).
        var packet = PacketFormat.begin(from: 5000, to: 5000, tag: a.localTag)
        packet.appendChunk(ChunkType.abort, flags: 1)
        give([resealed(packet)], to: &b)
        #expect(b.state == .ended)
    }

    @Test func unknownChunksAreTreatedAsTheirTypesAsk() throws {
        var (a, b) = (association(1), association(2))
        a.start(now: now)
        settle(&a, &b)
        _ = (events(&a), events(&b))
        func heartbeat(behind type: UInt8, to b: inout Association) -> [UInt8] {
            var packet = PacketFormat.begin(from: 5000, to: 5000, tag: b.localTag)
            packet.appendChunk(type, [1, 2, 3])
            packet.appendChunk(ChunkType.heartbeat, [0, 1, 0, 8, 9, 9, 9, 9])
            give([resealed(packet)], to: &b)
            return packets(&b).flatMap { $0.dropFirst(12) }
        }
        let echoed = bytes(hex: "0500000c0001000809090909")
        #expect(heartbeat(behind: 0x3f, to: &b) == [])
        #expect(heartbeat(behind: 0x7f, to: &b) == bytes(hex: "0900000f0006000b7f000007010203") + [0])
        #expect(heartbeat(behind: 0xbf, to: &b) == echoed)
        #expect(heartbeat(behind: 0xff, to: &b) == bytes(hex: "0900000f0006000bff00000701020300") + echoed)
    }

    /// TSNs and request numbers wrap while messages flow and streams are reset.
    @Test func numbersWrap() {
        var (a, b) = (association(1), association(2))
        a.localTSN = .max - 3
        a.outstanding = Outstanding(initialTSN: a.localTSN)
        a.resets = StreamResets(localInitialTSN: a.localTSN, peerInitialTSN: 0)
        a.start(now: now)
        settle(&a, &b)
        for round in 0..<8 {
            for number in 0..<4 {
                a.send(OutgoingMessage(bytes: [UInt8(round), UInt8(number)], stream: 5, payloadType: 53, isOrdered: true), now: now)
            }
            a.reset(5, now: now)
            settle(&a, &b)
            for number in 0..<4 {
                let message = b.takeMessage()
                #expect(message?.bytes == [UInt8(round), UInt8(number)])
            }
            #expect(events(&b).contains(.incomingReset([5])))
            #expect(events(&a).contains(.outgoingReset([5])))
        }
    }

    /// Data behind word of a stale cookie: the association begins anew, and no timer of the old one stays due.
    @Test func beginningAnewLeavesNoTimerBehind() {
        var (a, b) = (association(1), association(2))
        a.start(now: now)
        give(packets(&a), to: &b)
        give(packets(&b), to: &a)
        var packet = PacketFormat.begin(from: 5000, to: 5000, tag: a.localTag)
        packet.appendChunk(ChunkType.error, [0, 3, 0, 8, 0, 0, 0, 0])
        DataChunkHeader(flags: [.beginning, .end], tsn: 1, stream: 0, sequence: 0, payloadType: 53).append([1], 0..<1, to: &packet)
        give([resealed(packet)], to: &a)
        #expect(a.state == .cookieWait)
        let later = now + .milliseconds(60)
        a.handleTimeout(now: later)
        _ = packets(&a)
        #expect(a.nextTimeout.map { $0 > later } == true)
    }
}
