import ByteCoding
import FuzzSupport
import Primitives
import RTP

/// A header alone; then a session that gets whole packets, and packets whose numbers follow one another.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOne(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    var input = FuzzInput(data, count)
    parse(input.all)
    var media = MediaSession()
    var sequence: UInt16 = 65000, timestamp: UInt32 = 0xffff_0000
    for _ in 0..<64 where !input.isAtEnd {
        let kind = input.byte()
        switch kind % 4 {
        case 0:
            let packet = input.block()
            parse(packet)
            media.session.handleRTP(packet.span, now: media.clock.now)
        case 1, 2:
            let types: [(UInt8, UInt32)] = [
                (96, MediaSession.videoSSRC), (97, MediaSession.repairSSRC), (111, MediaSession.audioSSRC), (63, MediaSession.audioSSRC),
                (96, 0x4444_4444),
            ]
            let (type, ssrc) = types[Int(kind >> 2) % types.count]
            sequence &+= UInt16(truncatingIfNeeded: Int(Int8(bitPattern: input.byte())))
            timestamp &+= UInt32(input.byte()) &* 960
            var packet: [UInt8] = [0x80, type | (kind & 0x80)]
            packet.append(uint16: sequence)
            packet.append(uint32: timestamp)
            packet.append(uint32: ssrc)
            packet += input.take(Int(input.byte()))
            media.session.handleRTP(packet.span, now: media.clock.now)
        default: media.run(for: .milliseconds(Int(input.byte()) * 10))
        }
        media.drain()
    }
    return 0
}

private func parse(_ bytes: [UInt8]) {
    guard let header = try? RTPHeader.parse(bytes.span) else { return }
    for part in [header.contributingSources, header.extensions, header.payload] where part.lowerBound < 0 || part.upperBound > bytes.count {
        violated("a part outside the packet")
    }
    for id in 0...255 as ClosedRange<UInt8> {
        if let part = header.headerExtension(id: id, in: bytes.span), part.upperBound > bytes.count {
            violated("an extension outside the packet")
        }
    }
}
