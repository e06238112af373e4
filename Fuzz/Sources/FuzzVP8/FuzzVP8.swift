import ByteCoding
import FuzzSupport
import Primitives
import RTP

/// A payload descriptor alone; then a session whose video is made of such payloads.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOne(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    var input = FuzzInput(data, count)
    let all = input.all
    var reader = ByteReader(all.span)
    if let descriptor = try? VP8Descriptor(&reader) {
        var written: [UInt8] = []
        descriptor.write(to: &written)
        var second = ByteReader(written.span)
        if (try? VP8Descriptor(&second)) != descriptor { violated("a descriptor is written differently") }
    }
    var media = MediaSession()
    var sequence: UInt16 = 65_530, timestamp: UInt32 = 0xffff_f000
    for _ in 0..<96 where !input.isAtEnd {
        // Bits: the frame ends, a new one begins, a packet is missing, time passes.
        let kind = input.byte()
        if kind & 2 != 0 { timestamp &+= 3000 }
        sequence &+= kind & 4 != 0 ? 2 : 1
        var packet: [UInt8] = [0x80, 96 | (kind & 1) << 7]
        packet.append(uint16: kind & 16 != 0 ? sequence &- UInt16(kind >> 5) : sequence)
        packet.append(uint32: timestamp)
        packet.append(uint32: MediaSession.videoSSRC)
        packet += input.take(Int(input.byte()))
        media.session.handleRTP(packet.span, now: media.clock.now)
        media.drain()
        if kind & 8 != 0 { media.run(for: .milliseconds(33)) }
    }
    media.run(for: .seconds(2))
    return 0
}
