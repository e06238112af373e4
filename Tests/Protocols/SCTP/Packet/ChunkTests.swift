import ByteCoding
import Primitives
import TestSupport
import Testing

@testable import SCTP

/// Packets as aiortc 1.x puts them on the wire.
private enum Captured {
    static let initiation = bytes(
        hex: "138813880000000057154af20100001e3d5a1bc200100000fffffffffffffffec000000480080006c0820000")
    static let open = bytes(
        hex: "13881388112233446580031b00030023fffffffe0001000000000032038100000000001e000400036368617461626300")
    static let sack = bytes(
        hex: "138813881122334439cd473d0300001cfffffffd000ffdc0000200010002000300050005fffffff0")
    static let forward = bytes(hex: "13881388112233445fc19fd2c0000010000000050001000700030009")
    static let reset = bytes(hex: "1388138811223344a068dd808200001a000d00160000000a000000140000001e0001000300050000")
    static let response = bytes(hex: "1388138811223344e1f9e96f820000100010000c0000000a00000001")
    static let all = [initiation, open, sack, forward, reset, response]
}

@Suite struct ChunkTests {
    private func only(_ packet: [UInt8], _ check: (borrowing ChunkView) throws -> Void) throws {
        #expect(CRC32C.isRight(packet))
        let chunk = try ChunkView(in: packet.span, at: PacketFormat.headerSize)
        let next = chunk.next
        #expect(next == packet.count)
        try check(chunk)
    }

    @Test func initiation() throws {
        try only(Captured.initiation) { chunk in
            let read = try InitiationChunk(chunk.body)
            #expect(read.tag == 0x3d5a_1bc2 && read.window == 1 << 20 && read.initialTSN == 0xffff_fffe)
            #expect(read.outboundStreams == 65_535 && read.inboundStreams == 65_535)
            #expect(read.supportsForwardTSN && read.supportsReconfiguration && read.unrecognized.isEmpty)
            #expect(try InitiationChunk(bytes: read.encoded) == read)
        }
    }

    /// The way Chromium writes it: extensions it would like, and that it takes packets without a checksum (0x8001, RFC 9653).
    @Test func aBrowsersInitiationWithWhatIsNotSpokenHere() throws {
        var body = bytes(hex: "0badcafe 00500000 ffff ffff 12345678")
        body.appendParameter(0xc000)
        body.appendParameter(0x8008, [0x82, 0xc0, 0x40, 0xc2])
        body.appendParameter(0x8001, [0, 0, 0, 1])
        let read = try InitiationChunk(body.span)
        #expect(read.supportsForwardTSN && read.supportsReconfiguration)
        #expect(read.unrecognized.isEmpty, "0x8001 is skipped in silence")
        body.appendParameter(0xc123, [1, 2])
        body.appendParameter(0x4001)
        body.appendParameter(0x0007, [9])
        let strange = try InitiationChunk(body.span)
        #expect(strange.unrecognized == bytes(hex: "c123000601020000 40010004"))
        #expect(strange.cookie.isEmpty, "nothing counts after a parameter that says stop")
    }

    @Test(arguments: ["00000000 00500000 ffffffff 12345678", "0badcafe 00500000 0000ffff 12345678", "0badcafe 00500000 ffff"])
    func impossibleInitiationsAreRefused(hex: String) {
        let body = bytes(hex: hex)
        #expect(throws: WireError.self) { try InitiationChunk(bytes: body) }
    }

    @Test func data() throws {
        try only(Captured.open) { chunk in
            let header = try DataChunkHeader(chunk)
            #expect(
                header == DataChunkHeader(flags: [.beginning, .end], tsn: 0xffff_fffe, stream: 1, sequence: 0, payloadType: 50))
            let payload = Array(copying: chunk.body.extracting(12..<chunk.body.count))
            let options = DataChannelOptions(
                label: "chat", protocolName: "abc", isOrdered: false, reliability: .maximumRetransmits(30))
            #expect(try DCEPMessage(bytes: payload) == .open(options))
            var again = PacketFormat.begin(from: 5000, to: 5000, tag: 0x1122_3344)
            header.append(payload, 0..<payload.count, to: &again)
            PacketFormat.seal(&again)
            #expect(again == Captured.open)
        }
    }

    @Test func sack() throws {
        try only(Captured.sack) { chunk in
            var read = try SackChunk(chunk.body)
            #expect(read.cumulativeTSN == 0xffff_fffd && read.window == 1_048_000)
            #expect(read.blocks == [.init(start: 2, end: 3), .init(start: 5, end: 5)])
            read.duplicates = [0xffff_fff0]
            var again = PacketFormat.begin(from: 5000, to: 5000, tag: 0x1122_3344)
            read.append(to: &again)
            PacketFormat.seal(&again)
            #expect(again == Captured.sack)
        }
    }

    @Test(arguments: ["0001 0000 0003 0002", "0002 0000 0001 0002 0002 0003", "0001 0000 0000 0001", "ffff 0000 0001 0001", "0000 0001"])
    func sacksThatContradictThemselvesAreRefused(rest: String) {
        let body = bytes(hex: "00000001 00001000 " + rest)
        #expect(throws: WireError.self) { try SackChunk(bytes: body) }
    }

    @Test func forwardTSN() throws {
        try only(Captured.forward) { chunk in
            let read = try ForwardTSNChunk(chunk.body)
            #expect(read == ForwardTSNChunk(cumulativeTSN: 5, skips: [.init(stream: 1, sequence: 7), .init(stream: 3, sequence: 9)]))
            let body = Array(copying: chunk.body)
            #expect(read.encoded == body)
        }
    }

    @Test func reconfiguration() throws {
        for (packet, expected) in [
            (Captured.reset, ReconfigurationParameter.outgoingReset(request: 10, response: 20, lastTSN: 30, streams: [1, 3, 5])),
            (Captured.response, .response(sequence: 10, result: .performed)),
        ] {
            try only(packet) { chunk in
                let view = try ParameterView(in: chunk.body, at: 0)
                let read = try ReconfigurationParameter(type: view.type, view.value)
                #expect(read == expected)
                var again = PacketFormat.begin(from: 5000, to: 5000, tag: 0x1122_3344)
                var body: [UInt8] = []
                expected.append(to: &body)
                again.appendChunk(ChunkType.reconfiguration, body)
                PacketFormat.seal(&again)
                #expect(again == packet)
            }
        }
    }

    @Test func brokenTwinsThrowAndNeverTrap() {
        for packet in Captured.all {
            brokenTwins(packet) { span in
                guard let chunk = try? ChunkView(in: span, at: PacketFormat.headerSize) else { return }
                _ = try? InitiationChunk(chunk.body)
                _ = try? DataChunkHeader(chunk)
                _ = try? SackChunk(chunk.body)
                _ = try? ForwardTSNChunk(chunk.body)
                _ = try? DCEPMessage(chunk.body)
                if let view = try? ParameterView(in: chunk.body, at: 0) {
                    _ = try? ReconfigurationParameter(type: view.type, view.value)
                }
            }
        }
    }

    @Test func dcepKeepsWhatItSays() throws {
        for reliability in [
            DataChannelOptions.Reliability.reliable, .maximumRetransmits(0), .maximumRetransmits(65_535),
            .maximumLifetime(.milliseconds(250)),
        ] {
            for isOrdered in [true, false] {
                let options = DataChannelOptions(label: "ä", protocolName: "", isOrdered: isOrdered, reliability: reliability)
                #expect(try DCEPMessage(bytes: DCEPMessage.open(options).encoded) == .open(options))
            }
        }
        #expect(try DCEPMessage(bytes: [2]) == .ack)
        #expect(throws: WireError.self) { try DCEPMessage(bytes: bytes(hex: "03 03 0000 00000000 0000 0000")) }
        #expect(throws: WireError.truncated) { try DCEPMessage(bytes: bytes(hex: "03 00 0000 00000000 ffff 0000 41")) }
        let broken = try DCEPMessage(bytes: bytes(hex: "03 00 0000 00000000 0002 0000 c328"))
        #expect(broken == .open(DataChannelOptions(label: "\u{fffd}(")))
    }
}
