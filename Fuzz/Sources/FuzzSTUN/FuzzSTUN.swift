import DTLS
import FuzzSupport
import ICE
import Primitives

private let credentials = ICECredentials(ufrag: "ours", password: "ourpasswordourpassword22")
private let theirs = ICECredentials(ufrag: "them", password: "theirpasswordtheirpassw0")
private let base = SocketAddress(.v4(0x0a00_0001), port: 5000)
private let source = SocketAddress(.v4(0x0a00_0002), port: 6000)

/// A message alone; then an agent that gets it as it came, and signed by the peer.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOne(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = FuzzInput(data, count).all
    guard let message = try? STUNMessage(parsing: bytes.span) else { return 0 }
    let key = Array(credentials.password.utf8)
    _ = message.isAuthentic(key: key, hmacSHA1: opensslHMACSHA1)
    _ = message.fingerprint
    let signed = message.encoded(integrity: (key, opensslHMACSHA1))
    guard let again = try? STUNMessage(parsing: signed.span) else { violated("what was read is written so that it cannot be read") }
    if again.attributes != message.attributes { violated("what was read is written differently") }
    if !again.isAuthentic(key: key, hmacSHA1: opensslHMACSHA1) { violated("what was signed is not authentic") }
    if again.fingerprint != .valid { violated("the fingerprint is wrong") }

    var agent = ICEAgent(
        configuration: ICEAgent.Configuration(role: .controlling, credentials: credentials), random: .seeded(1), hmacSHA1: opensslHMACSHA1,
        md5: opensslMD5)
    var clock = SimulatedClock()
    agent.addHostCandidate(base: base, now: clock.now)
    agent.setRemoteCredentials(theirs, now: clock.now)
    var named = message
    named.attributes.removeAll { if case .username = $0 { true } else { false } }
    named.attributes.insert(.username(Array("ours:them".utf8)), at: 0)
    let trusted = named.encoded(integrity: (key, opensslHMACSHA1))
    for datagram in [bytes, signed, trusted] {
        _ = agent.handle(datagram.span, from: source, base: base, now: clock.now)
        while agent.poll() != nil {}
        clock.run(for: .milliseconds(200), next: { _ in agent.nextTimeout }) {
            agent.handleTimeout(now: $0)
            while agent.poll() != nil {}
        }
    }
    return 0
}
