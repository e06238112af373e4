import ByteCoding

/// FORWARD TSN (RFC 3758, section 3.2): do not wait for anything up to here.
///
///     |                      New Cumulative TSN                       |
///     |         Stream-1              |       Stream Sequence-1       |
///     |                              ...                              |
struct ForwardTSNChunk: Equatable, Sendable {
    struct Skip: Equatable, Sendable {
        var stream: UInt16
        /// The last that is given up.
        var sequence: UInt16
    }

    static let maximumSkips = (PacketFormat.space - 8) / 4

    var cumulativeTSN: UInt32
    var skips: [Skip]

    init(cumulativeTSN: UInt32, skips: [Skip]) {
        self.cumulativeTSN = cumulativeTSN
        self.skips = skips
    }

    init(_ body: Span<UInt8>) throws(WireError) {
        var reader = ByteReader(body)
        cumulativeTSN = try reader.readUInt32()
        skips = []
        while reader.remaining >= 4 {
            skips.append(Skip(stream: try reader.readUInt16(), sequence: try reader.readUInt16()))
        }
    }

    var encoded: [UInt8] {
        var body: [UInt8] = []
        body.append(uint32: cumulativeTSN)
        for skip in skips {
            body.append(uint16: skip.stream)
            body.append(uint16: skip.sequence)
        }
        return body
    }
}
