import FuzzSupport
import Primitives
import SCTP

/// An association whose peer says whatever the script has: raw packets, chunks under the right tag and checksum, repeated and bent packets.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOne(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    var input = FuzzInput(data, count)
    var link = HostileLink()
    for _ in 0..<64 where !input.isAtEnd {
        switch input.byte() % 8 {
        case 0: link.receive(input.block())
        case 1, 2, 3: link.receive(link.theirs.packet(input.block()))
        case 4: link.run(for: .milliseconds(Int(input.byte()) * 20))
        case 5:
            guard !link.heard.isEmpty else { continue }
            var packet = link.heard[Int(input.byte()) % link.heard.count]
            let at = Int(input.uint16())
            // Behind the header, so that only its seal has to be made anew.
            if packet.count > 12 { packet[12 + at % (packet.count - 12)] ^= input.byte() }
            link.receive(link.theirs.packet(Array(packet.dropFirst(12))))
        case 6: use(&link, &input)
        default: link.receive(link.theirs.message(input.block(), stream: UInt16(input.byte()), payloadType: UInt32(input.byte())))
        }
    }
    link.ours.shutdown(now: link.clock.now)
    link.run(for: .seconds(20))
    return 0
}

/// What the application does on our side, and sometimes on theirs.
private func use(_ link: inout HostileLink, _ input: inout FuzzInput) {
    let kind = input.byte()
    let now = link.clock.now
    let id = link.opened.isEmpty ? 1 : link.opened[Int(kind >> 4) % link.opened.count]
    switch kind & 7 {
    case 0:
        var options = DataChannelOptions(label: "ours", isOrdered: kind & 8 == 0)
        if kind & 16 != 0 { options.reliability = .maximumRetransmits(UInt16(kind >> 5)) }
        if kind & 32 != 0 { options.reliability = .maximumLifetime(.milliseconds(Int(kind))) }
        _ = try? link.ours.open(options, now: now)
    case 1: _ = try? link.theirs.transport.open(DataChannelOptions(label: "theirs"), now: now)
    case 2: try? link.ours.send(.binary([UInt8](repeating: 1, count: Int(input.uint16()))), on: id, now: now)
    case 3: try? link.theirs.transport.send(.binary([UInt8](repeating: 2, count: Int(input.uint16()))), on: id, now: now)
    case 4: link.ours.close(id, now: now)
    case 5: link.theirs.transport.close(id, now: now)
    case 6: try? link.ours.send(.text(""), on: id, now: now)
    default: _ = link.ours.bufferedAmount(of: id)
    }
    link.exchange()
}
