import DTLS

/// The certificate that others know this person by: `identity.pem` in the state folder.
///
/// A certificate that is kept lets everybody who sees it, signaling servers among them, tell that two calls are of the same person. Who does
/// not want that takes `DTLSCertificate.generate()` instead.
public struct IdentityStore: Sendable {
    static let name = "identity.pem"
    /// Ten years. Peers look at the fingerprint alone, and a new certificate makes everybody's tchat say that it has changed, so it is not
    /// renewed by itself.
    static let validDays = 3650

    public struct Identity: Sendable {
        public let certificate: DTLSCertificate
        /// False: it will be another one in the next run.
        public let isKept: Bool
        /// A sentence that a person should read.
        public let notice: String?
    }

    private let folder: StateFolder?

    public init(folder: StateFolder?) { self.folder = folder }

    /// The certificate that is there, or a new one, which is kept when it can be.
    /// - Throws: when OpenSSL cannot make one.
    public func load() throws(DTLSError) -> Identity {
        guard let folder else {
            return try forThisRun("Neither XDG_STATE_HOME nor HOME says where to keep the certificate")
        }
        let outcome: Result<Identity, DTLSError>
        do throws(StateFolder.Problem) {
            // On a read-only file system it can still be read.
            if let opened = try folder.open(creates: false), case .usable(let certificate) = try Self.read(opened) {
                return Identity(certificate: certificate, isKept: true, notice: nil)
            }
            guard let opened = try folder.open(creates: true) else { throw StateFolder.Problem("there is no folder for it") }
            outcome = try opened.locked { () throws(StateFolder.Problem) in try Self.make(opened) }
        } catch {
            return try forThisRun("The certificate that others know this tchat by cannot be kept or read: \(error)")
        }
        return try outcome.get()
    }

    private func forThisRun(_ reason: String) throws(DTLSError) -> Identity {
        Identity(
            certificate: try DTLSCertificate.generate(), isKept: false,
            notice: reason + ". This run uses one of its own, and others see a stranger or a changed certificate.")
    }

    private enum Found {
        case nothing
        case usable(DTLSCertificate)
        case broken(DTLSError)
    }

    private static func read(_ opened: borrowing StateFolder.Opened) throws(StateFolder.Problem) -> Found {
        switch try opened.read(name, limit: DTLSCertificate.maximumPEMBytes, isSecret: true) {
        case .nothing: return .nothing
        case .tooLarge: return .broken(.unusableCertificate("it is larger than 64 KiB"))
        case .bytes(let bytes):
            do { return .usable(try DTLSCertificate(pem: String(decoding: bytes, as: UTF8.self))) } catch { return .broken(error) }
        }
    }

    /// Under the lock: another tchat may have been quicker.
    private static func make(_ opened: borrowing StateFolder.Opened) throws(StateFolder.Problem) -> Result<Identity, DTLSError> {
        var complaint: DTLSError?
        switch try read(opened) {
        case .usable(let certificate): return .success(Identity(certificate: certificate, isKept: true, notice: nil))
        case .nothing: break
        case .broken(let error): complaint = error
        }
        let (certificate, text): (DTLSCertificate, String)
        do throws(DTLSError) {
            certificate = try DTLSCertificate.generate(validDays: validDays)
            text = try certificate.pem()
        } catch {
            return .failure(error)
        }
        var notice: String?
        if let complaint {
            let aside = try opened.setAside(name)
            notice = """
                \(opened.path)/\(name) cannot be used: \(complaint). It has been kept as \(aside), and there is a new certificate: tell \
                those who know you that it has changed.
                """
        }
        try opened.replace(name, with: Array(text.utf8))
        return .success(Identity(certificate: certificate, isKept: true, notice: notice))
    }
}
