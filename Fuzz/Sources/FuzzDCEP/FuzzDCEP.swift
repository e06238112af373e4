import FuzzSupport
import Primitives
import SCTP

/// The messages that open channels, and those that follow: whatever the script has, on any stream, whole and rightly sealed.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOne(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    var input = FuzzInput(data, count)
    var link = HostileLink()
    for _ in 0..<128 where !input.isAtEnd {
        let kind = input.byte()
        let stream = UInt16(input.byte())
        // 50 is DCEP's, the others are what channels carry.
        let types: [UInt32] = [50, 50, 50, 50, 51, 53, 56, 57]
        link.receive(
            link.theirs.message(input.block(), stream: kind & 8 != 0 ? 0xff00 | stream : stream, payloadType: types[Int(kind & 7)]))
        if kind & 16 != 0 { link.ours.close(stream, now: link.clock.now) }
        if kind & 32 != 0 { try? link.ours.send(.text("hello"), on: stream, now: link.clock.now) }
        if kind & 64 != 0 { link.run(for: .milliseconds(50)) }
        link.exchange()
    }
    link.run(for: .seconds(5))
    return 0
}
