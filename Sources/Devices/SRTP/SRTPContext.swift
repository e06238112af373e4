import CSRTP
import DTLS

public enum SRTPError: Error, Equatable, Sendable {
    /// Forged, damaged, or under another key.
    case authenticationFailed
    /// Seen before, or older than the window.
    case replayed
    /// Not an RTP or RTCP packet.
    case malformed
    /// From one more source than any peer has.
    case tooManySources
    /// libsrtp's status code.
    case library(UInt32)
}

/// Encryption of one call's RTP and RTCP, both ways (RFC 3711, RFC 7714), on libsrtp2: one session a direction, any SSRC.
public struct SRTPContext: ~Copyable {
    /// Packets that may come late.
    private static let window: UInt = 1024
    /// libsrtp keeps a state for each source that was heard: one who makes up ever new ones must not fill the memory with them.
    static let mostSources = 32
    /// libsrtp writes its tag and index behind the packet.
    private static let room = Int(SRTP_MAX_TRAILER_LEN) + 4
    /// An array, since one is copied at once and a repeated element byte by byte.
    private static let trailer = [UInt8](repeating: 0, count: room)

    private let sender: srtp_t
    private let receiver: srtp_t
    private var sources: [UInt32] = []

    public init(keys: SRTPKeys) throws(SRTPError) {
        guard Self.libraryStatus == srtp_err_status_ok else { throw .library(Self.libraryStatus.rawValue) }
        let outbound = try Self.makeSession(keys.profile, key: keys.localKey, direction: ssrc_any_outbound)
        let inbound: srtp_t
        do {
            inbound = try Self.makeSession(keys.profile, key: keys.remoteKey, direction: ssrc_any_inbound)
        } catch {
            srtp_dealloc(outbound)
            throw error
        }
        sender = outbound
        receiver = inbound
    }

    deinit {
        srtp_dealloc(sender)
        srtp_dealloc(receiver)
    }

    /// What this libsrtp can do, the best first: one that is built without OpenSSL or NSS knows no GCM.
    public static let supportedProfiles: [SRTPProfile] = SRTPProfile.allCases.filter { profile in
        let key = [UInt8](repeating: 0, count: profile.keyLength + profile.saltLength)
        return (try? SRTPContext(keys: SRTPKeys(profile: profile, localKey: key, remoteKey: key))) != nil
    }

    /// Once a process; libsrtp counts nothing.
    private static let libraryStatus = srtp_init()

    private static func makeSession(_ profile: SRTPProfile, key: [UInt8], direction: srtp_ssrc_type_t) throws(SRTPError) -> srtp_t {
        guard key.count == profile.keyLength + profile.saltLength else { throw .malformed }
        var policy = srtp_policy_t()
        switch profile {
        case .aes128CM_SHA1_80:
            tchat_srtp_policy_aes_cm_128_hmac_sha1_80(&policy.rtp)
            tchat_srtp_policy_aes_cm_128_hmac_sha1_80(&policy.rtcp)
        case .aeadAES128GCM:
            srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtp)
            srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtcp)
        case .aeadAES256GCM:
            srtp_crypto_policy_set_aes_gcm_256_16_auth(&policy.rtp)
            srtp_crypto_policy_set_aes_gcm_256_16_auth(&policy.rtcp)
        }
        policy.ssrc.type = direction
        policy.window_size = window
        // A plain retransmission carries the number it had.
        policy.allow_repeat_tx = 1
        var session: srtp_t?
        var master = key
        let status = master.withUnsafeMutableBufferPointer { buffer in
            policy.key = buffer.baseAddress
            return srtp_create(&session, &policy)
        }
        guard status == srtp_err_status_ok, let session else { throw .library(status.rawValue) }
        return session
    }

    /// Encrypts in place; the packet grows by the tag.
    public mutating func protectRTP(_ packet: inout [UInt8]) throws(SRTPError) {
        try transform(&packet, growing: true) { srtp_protect(sender, $0, $1) }
    }

    public mutating func protectRTCP(_ packet: inout [UInt8]) throws(SRTPError) {
        try transform(&packet, growing: true) { srtp_protect_rtcp(sender, $0, $1) }
    }

    /// Checks and decrypts in place; the packet shrinks by the tag. When it throws, the bytes are worth nothing.
    public mutating func unprotectRTP(_ packet: inout [UInt8]) throws(SRTPError) {
        guard packet.count >= 12 else { throw .malformed }
        let source = try admitted(packet, at: 8)
        try transform(&packet, growing: false) { srtp_unprotect(receiver, $0, $1) }
        note(source)
    }

    public mutating func unprotectRTCP(_ packet: inout [UInt8]) throws(SRTPError) {
        guard packet.count >= 8 else { throw .malformed }
        let source = try admitted(packet, at: 4)
        try transform(&packet, growing: false) { srtp_unprotect_rtcp(receiver, $0, $1) }
        note(source)
    }

    /// The source of a packet, which is a known one, or one there is room for. Counted is only what was authentic.
    private func admitted(_ packet: [UInt8], at offset: Int) throws(SRTPError) -> UInt32 {
        let source = packet[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) }
        guard sources.count < Self.mostSources || sources.contains(source) else { throw .tooManySources }
        return source
    }

    private mutating func note(_ source: UInt32) {
        if !sources.contains(source) { sources.append(source) }
    }

    private func transform(
        _ packet: inout [UInt8], growing: Bool, _ body: (UnsafeMutableRawPointer?, UnsafeMutablePointer<Int32>) -> srtp_err_status_t
    ) throws(SRTPError) {
        var count = Int32(packet.count)
        if growing { packet.append(contentsOf: Self.trailer) }
        let status = packet.withUnsafeMutableBytes { body($0.baseAddress, &count) }
        guard status == srtp_err_status_ok else { throw Self.error(status) }
        packet.removeLast(packet.count - max(0, min(Int(count), packet.count)))
    }

    private static func error(_ status: srtp_err_status_t) -> SRTPError {
        switch status {
        case srtp_err_status_auth_fail, srtp_err_status_cipher_fail: .authenticationFailed
        case srtp_err_status_replay_fail, srtp_err_status_replay_old: .replayed
        case srtp_err_status_bad_param, srtp_err_status_parse_err: .malformed
        default: .library(status.rawValue)
        }
    }
}
