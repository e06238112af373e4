import Channels
import Secrets

extension ChannelCrypto {
    /// By OpenSSL.
    public static let openSSL = ChannelCrypto(
        sha256: { Secrets.sha256($0) }, hmacSHA256: { Secrets.hmacSHA256(key: $0, $1) }, hmacSHA1: { Secrets.hmacSHA1(key: $0, $1) })
}
