import NIOSSL
import Primitives

/// Whether a certificate is valid for a name (RFC 9525 §6.3).
///
/// NIOSSL is content as well when a certificate is valid for the address that was connected to. So whoever turns DNS to an address of
/// their own would only need a certificate for that.
public enum CertificateName {
    public static func isValid(_ certificate: NIOSSLCertificate, for name: String) -> Bool {
        certificate._subjectAlternativeNames().contains { $0.nameType == .dnsName && matches($0.contents, name) }
    }

    /// A `*` stands for one whole label, the first, and not for what is right under a top-level domain.
    public static func matches(_ pattern: some Collection<UInt8>, _ name: String) -> Bool {
        let (pattern, name) = (labels(pattern), labels(name.utf8))
        guard pattern.count == name.count, !name.contains(where: \.isEmpty) else { return false }
        if pattern.first?.elementsEqual("*".utf8) == true {
            return pattern.count >= 3 && zip(pattern, name).dropFirst().allSatisfy { $0 == $1 }
        }
        return pattern == name
    }

    private static func labels(_ name: some Collection<UInt8>) -> [[UInt8]] {
        let lowercase = name.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 }
        return lowercase.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).map { Array($0) }
    }
}
