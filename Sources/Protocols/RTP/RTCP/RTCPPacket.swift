import Primitives

/// A 64-bit NTP time: seconds since 1900 and their fraction (RFC 3550 section 4).
public struct NTPTime: Hashable, Sendable {
    public var value: UInt64
    public init(value: UInt64) { self.value = value }

    /// An instant plus an offset, counted in NTP's units from an arbitrary origin, as section 6.4.1 allows without a wall clock.
    public init(_ instant: Instant, offset: Interval) {
        let total = instant.microseconds &+ offset.microseconds
        let seconds = total / 1_000_000
        let rest = total % 1_000_000
        let whole = UInt64(bitPattern: rest < 0 ? seconds &- 1 : seconds)
        let fraction = UInt64(rest < 0 ? rest + 1_000_000 : rest)
        value = whole << 32 | (fraction << 32) / 1_000_000
    }

    /// The middle 32 bits: 16 bits of seconds, 16 of fraction.
    public var middle: UInt32 { UInt32(truncatingIfNeeded: value >> 16) }
    public var interval: Interval {
        Interval(microseconds: Int64(value >> 32) &* 1_000_000 &+ Int64(((value & 0xffff_ffff) &* 1_000_000) >> 32))
    }
}

/// What a receiver saw of one source (RFC 3550 section 6.4.1).
public struct ReportBlock: Hashable, Sendable {
    public var ssrc: UInt32
    /// In 256ths, since the last report.
    public var fractionLost: UInt8
    /// 24 bits signed, since the start.
    public var cumulativeLost: Int32
    /// Cycles of the sequence number, then the highest one received.
    public var extendedHighestSequence: UInt32
    /// In timestamp units.
    public var jitter: UInt32
    /// The middle of the last sender report's NTP time; 0: none yet.
    public var lastSenderReport: UInt32
    /// Since that report came, in 1/65536 s.
    public var delaySinceLastSenderReport: UInt32
}

public struct SenderInfo: Hashable, Sendable {
    public var ntp: NTPTime
    public var rtpTimestamp: UInt32
    public var packetCount: UInt32
    public var octetCount: UInt32
}

/// One packet of a compound (RFC 3550 section 6, RFC 4585 section 6, RFC 5104 section 4.3.1).
public enum RTCPPacket: Hashable, Sendable {
    case senderReport(ssrc: UInt32, info: SenderInfo, blocks: [ReportBlock])
    case receiverReport(ssrc: UInt32, blocks: [ReportBlock])
    /// Each source with its CNAME, where it gave one.
    case sourceDescription([SourceDescription])
    case bye(ssrcs: [UInt32])
    /// Sequence numbers of `media` that are missing.
    case nack(sender: UInt32, media: UInt32, missing: [UInt16])
    case pictureLoss(sender: UInt32, media: UInt32)
    case fullIntraRequest(sender: UInt32, requests: [FullIntraEntry])
    /// Draft-holmer-rmcat-transport-wide-cc-extensions-01.
    case transportFeedback(TransportFeedback)
    /// REMB: how many bit/s the other side believes that it can receive (draft-alvestrand-rmcat-remb-03).
    case receiverEstimate(sender: UInt32, bitrate: Int, ssrcs: [UInt32])
    /// Well framed, but not ours to read: extended reports, APP and what is to come, or feedback about the transport that is broken.
    case other(packetType: UInt8, count: UInt8)
}

public struct SourceDescription: Hashable, Sendable {
    public var ssrc: UInt32
    public var cname: String?
}

public struct FullIntraEntry: Hashable, Sendable {
    public var ssrc: UInt32
    /// A repeat has the number of the request that it repeats.
    public var sequenceNumber: UInt8
}
