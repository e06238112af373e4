import DTLS
import Synchronization

/// libsrtp2 with what it stands on.
public enum SRTPLibrary {
    /// Loads it now, for good. Returns when that is done; any thread.
    ///
    /// Debian's libsrtp2 takes its ciphers from NSS, which is loaded from disk and tests itself when a session is made while there is no
    /// other: some 50 ms, in which a connection that has just come about would carry nothing.
    public static func load() { kept.withLock { _ in } }

    /// NSS goes when the last session goes, so one stays.
    private static let kept: Mutex<SRTPContext?> = {
        let profile = SRTPProfile.aes128CM_SHA1_80
        let key = [UInt8](repeating: 0, count: profile.keyLength + profile.saltLength)
        return Mutex(try? SRTPContext(keys: SRTPKeys(profile: profile, localKey: key, remoteKey: key)))
    }()
}
