import ByteCoding
import Primitives

/// Where one datagram ends and the next begins in a stream.
enum StreamFraming: Sendable {
    /// STUN messages by their own length, ChannelData padded to four bytes (RFC 8656 §12.5).
    case turn
    /// A 16-bit length before each (RFC 4571 §2), as ICE-TCP has it (RFC 6544 §3).
    case lengths

    /// In place; the payload is a datagram, so shorter than 65 536 bytes.
    func frame(_ payload: inout [UInt8]) {
        switch self {
        case .turn:
            let padding = (4 - payload.count % 4) % 4
            for _ in 0..<padding { payload.append(0) }
        case .lengths:
            let count = UInt16(truncatingIfNeeded: payload.count)
            payload.insert(contentsOf: repeatElement(0, count: 2), at: 0)
            payload.set(uint16: count, at: 0)
        }
    }

    enum Parse: Equatable {
        /// What the frame holds, and where the next one starts.
        case frame(Range<Int>, end: Int)
        case incomplete
        /// No such framing: nothing after it can be understood.
        case broken
    }

    /// The frame at `start`.
    func parse(_ bytes: Span<UInt8>, at start: Int) -> Parse {
        let available = bytes.count - start
        switch self {
        case .lengths:
            guard available >= 2 else { return .incomplete }
            let end = start + 2 + Int(bytes.uint16(at: start))
            return end <= bytes.count ? .frame(start + 2..<end, end: end) : .incomplete
        case .turn:
            guard available >= 1 else { return .incomplete }
            guard bytes[start] < 0x80 else { return .broken }
            guard available >= 4 else { return .incomplete }
            let length = Int(bytes.uint16(at: start + 2))
            if bytes[start] >= 0x40 {
                let end = start + TURNFraming.channelHeaderLength + length
                let padded = end + (4 - length % 4) % 4
                return padded <= bytes.count ? .frame(start..<end, end: padded) : .incomplete
            }
            guard length % 4 == 0 else { return .broken }
            if available >= 8, bytes.uint32(at: start + 4) != STUNMessage.magicCookie { return .broken }
            let end = start + STUNMessage.headerLength + length
            return end <= bytes.count ? .frame(start..<end, end: end) : .incomplete
        }
    }
}

/// What has come in by one stream and is not taken out yet.
///
///     if var input = agent.streamReceived(id, bytes, now: now) {
///         while let frame = input.next() { …input.bytes[frame]… }
///         agent.streamHandled(input, now: now)
///     }
public struct StreamInput: Sendable {
    /// Who the datagrams come from, and the name of the base that they came to.
    public let source: SocketAddress
    public let base: SocketAddress
    public internal(set) var bytes: [UInt8]
    let id: StreamID
    let framing: StreamFraming
    var taken = 0
    var isBroken = false

    /// Where the next datagram lies in `bytes`; nil: no whole one is left.
    public mutating func next() -> Range<Int>? {
        while !isBroken {
            switch framing.parse(bytes.span, at: taken) {
            case .frame(let range, let end):
                taken = end
                // RFC 4571's empty frame holds nothing.
                if !range.isEmpty { return range }
            case .incomplete: return nil
            case .broken: isBroken = true
            }
        }
        return nil
    }
}
