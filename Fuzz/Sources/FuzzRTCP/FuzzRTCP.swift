import FuzzSupport
import Primitives
import RTP

/// A compound packet alone; then a session in a call that gets such packets.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOne(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    var input = FuzzInput(data, count)
    var packets: [RTCPPacket] = []
    try? RTCPParser.parse(input.all.span) { packets.append($0) }
    var written: [UInt8] = []
    for packet in packets { written.append(rtcp: packet) }
    var media = MediaSession()
    media.send()
    media.run(for: .milliseconds(100))
    media.session.handleRTCP(input.all.span, now: media.clock.now)
    media.drain()
    for _ in 0..<32 where !input.isAtEnd {
        let kind = input.byte()
        if kind & 1 == 0 {
            media.session.handleRTCP(input.block().span, now: media.clock.now)
        } else {
            media.run(for: .milliseconds(Int(input.byte()) * 10))
            media.send()
        }
        media.drain()
    }
    return 0
}
