import ByteCoding
import Primitives

/// What an INIT ACK makes the peer remember instead of this side (RFC 9260, section 5.1.3). It comes back in COOKIE ECHO, and counts only
/// with the right keyed hash, so nothing is held for an INIT.
struct StateCookie: Equatable, Sendable {
    private static let contentSize = 41
    static let size = contentSize + 16
    static let lifetime = Interval.seconds(60)

    var made: Instant
    /// What this side calls itself in the association to be, and where it begins.
    var localTag: UInt32
    var localTSN: UInt32
    /// What the peer's INIT said.
    var peerTag: UInt32
    var peerTSN: UInt32
    var peerWindow: UInt32
    var peerOutboundStreams: UInt16
    var peerInboundStreams: UInt16
    /// The tags of an association that was there already, both zero without one (the tie-tags of section 5.2.2).
    var tieLocal: UInt32
    var tiePeer: UInt32
    var supportsForwardTSN: Bool
    var supportsReconfiguration: Bool

    func encoded(key: CookieKey) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.size)
        bytes.append(uint64: UInt64(bitPattern: made.microseconds))
        for value in [localTag, localTSN, peerTag, peerTSN, peerWindow, tieLocal, tiePeer] { bytes.append(uint32: value) }
        bytes.append(uint16: peerOutboundStreams)
        bytes.append(uint16: peerInboundStreams)
        bytes.append((supportsForwardTSN ? 1 : 0) | (supportsReconfiguration ? 2 : 0))
        // Two lanes, so that guessing takes 128 bits.
        let hashes = (key.hash(bytes.span, lane: 0), key.hash(bytes.span, lane: 1))
        bytes.append(uint64: hashes.0)
        bytes.append(uint64: hashes.1)
        return bytes
    }

    init(
        made: Instant, localTag: UInt32, localTSN: UInt32, peer: InitiationChunk, tieLocal: UInt32 = 0, tiePeer: UInt32 = 0
    ) {
        self.made = made
        self.localTag = localTag
        self.localTSN = localTSN
        peerTag = peer.tag
        peerTSN = peer.initialTSN
        peerWindow = peer.window
        peerOutboundStreams = peer.outboundStreams
        peerInboundStreams = peer.inboundStreams
        self.tieLocal = tieLocal
        self.tiePeer = tiePeer
        supportsForwardTSN = peer.supportsForwardTSN
        supportsReconfiguration = peer.supportsReconfiguration
    }

    /// nil: not made here.
    init?(_ bytes: Span<UInt8>, key: CookieKey) {
        guard bytes.count == Self.size else { return nil }
        var reader = ByteReader(bytes)
        do throws(WireError) {
            made = Instant(microseconds: Int64(bitPattern: try reader.readUInt64()))
            localTag = try reader.readUInt32()
            localTSN = try reader.readUInt32()
            peerTag = try reader.readUInt32()
            peerTSN = try reader.readUInt32()
            peerWindow = try reader.readUInt32()
            tieLocal = try reader.readUInt32()
            tiePeer = try reader.readUInt32()
            peerOutboundStreams = try reader.readUInt16()
            peerInboundStreams = try reader.readUInt16()
            let flags = try reader.readUInt8()
            supportsForwardTSN = flags & 1 != 0
            supportsReconfiguration = flags & 2 != 0
        } catch { return nil }
        let expected = encoded(key: key)
        var difference: UInt8 = 0
        for i in 0..<Self.size { difference |= bytes[i] ^ expected[i] }
        guard difference == 0 else { return nil }
    }
}

/// SipHash-2-4 with a key of this association's own: short input, and a peer that is authenticated by DTLS already.
struct CookieKey: Equatable, Sendable {
    private let low: UInt64
    private let high: UInt64

    init(using random: inout RandomSource) {
        low = random.next()
        high = random.next()
    }

    init(low: UInt64, high: UInt64) {
        self.low = low
        self.high = high
    }

    func hash(_ bytes: Span<UInt8>, lane: UInt64) -> UInt64 {
        var a = low ^ 0x736f_6d65_7073_6575
        var b = high ^ 0x646f_7261_6e64_6f6d ^ lane
        var c = low ^ 0x6c79_6765_6e65_7261
        var d = high ^ 0x7465_6462_7974_6573
        func rounds(_ count: Int) {
            for _ in 0..<count {
                a = a &+ b
                b = (b << 13 | b >> 51) ^ a
                a = a << 32 | a >> 32
                c = c &+ d
                d = (d << 16 | d >> 48) ^ c
                a = a &+ d
                d = (d << 21 | d >> 43) ^ a
                c = c &+ b
                b = (b << 17 | b >> 47) ^ c
                c = c << 32 | c >> 32
            }
        }
        var word = UInt64(0)
        for i in 0..<bytes.count {
            word |= UInt64(bytes[i]) << UInt64(8 * (i & 7))
            if i & 7 == 7 {
                d ^= word
                rounds(2)
                a ^= word
                word = 0
            }
        }
        word |= UInt64(truncatingIfNeeded: bytes.count) << 56
        d ^= word
        rounds(2)
        a ^= word
        c ^= 0xff
        rounds(4)
        return a ^ b ^ c ^ d
    }
}
