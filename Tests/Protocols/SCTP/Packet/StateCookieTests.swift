import Primitives
import TestSupport
import Testing

@testable import SCTP

@Suite struct StateCookieTests {
    private let key = CookieKey(low: 0x0706_0504_0302_0100, high: 0x0f0e_0d0c_0b0a_0908)
    private var cookie: StateCookie {
        var peer = InitiationChunk(tag: 3, window: 4, outboundStreams: 5, inboundStreams: 6, initialTSN: 7)
        peer.supportsReconfiguration = false
        return StateCookie(made: .zero + .seconds(9), localTag: 1, localTSN: 2, peer: peer, tieLocal: 8, tiePeer: 9)
    }

    /// The vector of the paper on SipHash, appendix A.
    @Test func sipHash() {
        let input = (0..<15).map { UInt8($0) }
        let hash = key.hash(input.span, lane: 0)
        #expect(hash == 0xa129_ca61_49be_45e5)
    }

    @Test func comesBackAsItWas() {
        #expect(StateCookie(bytes: cookie.encoded(key: key), key: key) == cookie)
    }

    @Test func countsOnlyUnchangedAndWithTheKey() {
        let good = cookie.encoded(key: key)
        brokenTwins(good) { span in
            let isTaken = StateCookie(span, key: key) != nil
            #expect(!isTaken)
        }
        #expect(StateCookie(bytes: good, key: CookieKey(low: 1, high: 2)) == nil)
        #expect(StateCookie(bytes: good + [0], key: key) == nil)
    }
}
