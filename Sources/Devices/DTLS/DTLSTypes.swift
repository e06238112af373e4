import COpenSSL

public enum DTLSRole: Sendable { case client, server }

public enum DTLSError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The other side's certificate is not the one that its description names: somebody may sit in the middle.
    case wrongFingerprint
    /// No fingerprint of a hash that is known here was given.
    case noUsableFingerprint
    case handshakeFailed(String)
    /// No end of the handshake after 30 s, or twelve retransmissions.
    case timedOut
    /// The other side does not offer SRTP, or no profile of ours.
    case noSRTPProfile
    /// What was to be read as a certificate with its key is none, or not one to use; a clause says why.
    case unusableCertificate(String)
    case openSSL(String)

    public var description: String {
        switch self {
        case .wrongFingerprint: "the other side's certificate is not the one that was announced; somebody may sit in the middle"
        case .noUsableFingerprint: "the other side's description has no certificate fingerprint that can be checked"
        case .handshakeFailed(let reason): "the DTLS handshake failed: \(reason)"
        case .timedOut: "the DTLS handshake did not end in time"
        case .noSRTPProfile: "the other side shares no SRTP profile with this program"
        case .unusableCertificate(let reason): "the certificate cannot be used: \(reason)"
        case .openSSL(let reason): "OpenSSL: \(reason)"
        }
    }
}

/// How media is encrypted (RFC 5764 section 4.1.2, RFC 7714 section 14.2).
public enum SRTPProfile: Sendable, CaseIterable {
    /// In the order in which they are offered.
    case aeadAES128GCM, aes128CM_SHA1_80, aeadAES256GCM

    public var keyLength: Int { self == .aeadAES256GCM ? 32 : 16 }
    public var saltLength: Int { self == .aes128CM_SHA1_80 ? 14 : 12 }

    /// As in the registry of DTLS-SRTP profiles, and in webrtc-stats.
    public var registeredName: String {
        switch self {
        case .aes128CM_SHA1_80: "AES_CM_128_HMAC_SHA1_80"
        case .aeadAES128GCM: "AEAD_AES_128_GCM"
        case .aeadAES256GCM: "AEAD_AES_256_GCM"
        }
    }

    /// OpenSSL's word for it.
    var name: String {
        switch self {
        case .aes128CM_SHA1_80: "SRTP_AES128_CM_SHA1_80"
        case .aeadAES128GCM: "SRTP_AEAD_AES_128_GCM"
        case .aeadAES256GCM: "SRTP_AEAD_AES_256_GCM"
        }
    }

    init?(identifier: UInt) {
        switch identifier {
        case 0x0001: self = .aes128CM_SHA1_80
        case 0x0007: self = .aeadAES128GCM
        case 0x0008: self = .aeadAES256GCM
        default: return nil
        }
    }
}

/// Master keys out of a finished handshake, each key followed by its salt, sorted by whose they are.
public struct SRTPKeys: Sendable, Equatable {
    public let profile: SRTPProfile
    /// What this side protects with.
    public let localKey: [UInt8]
    /// What the other side protects with.
    public let remoteKey: [UInt8]

    public init(profile: SRTPProfile, localKey: [UInt8], remoteKey: [UInt8]) {
        self.profile = profile
        self.localKey = localKey
        self.remoteKey = remoteKey
    }
}

public enum DTLSOutput: Sendable {
    /// One datagram.
    case transmit([UInt8])
    /// The handshake is over, and the certificate is the announced one.
    case connected(SRTPKeys)
    case applicationData([UInt8])
    /// The other side said close_notify.
    case closed
    case failed(DTLSError)
}

/// OpenSSL's oldest complaint on this thread, and an empty queue for the next.
func openSSLReason() -> String {
    let code = ERR_get_error()
    ERR_clear_error()
    guard code != 0, let text = ERR_reason_error_string(code) else { return "no reason given" }
    return String(cString: text)
}
