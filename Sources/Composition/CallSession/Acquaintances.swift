import CallControl
import Identity
import Synchronization
import Threading

/// Who has been met with which certificate. Files are read and written on threads of their own, one at a time, so that no call waits for a
/// disk.
final class Acquaintances: Sendable {
    private let file: Mutex<KnownPeersFile?>
    private let onNotice: @Sendable (String) -> Void

    /// - Parameters:
    ///   - file: nil: nobody is remembered.
    ///   - onNotice: a sentence for a person.
    init(file: KnownPeersFile?, onNotice: @escaping @Sendable (String) -> Void) {
        self.file = Mutex(file)
        self.onNotice = onNotice
    }

    /// Somebody of this name shows this certificate (SHA-256): whether that is as it was.
    func meet(name: String, fingerprint: [UInt8], then tell: @escaping @Sendable (CallAcquaintance) -> Void) {
        work { file in
            let verdict = file.update { $0.record(name: name, fingerprint: fingerprint, on: UTCDay.today) }
            let isVerified = file.peers.peer(named: name, fingerprint: fingerprint)?.isVerified ?? false
            tell(CallAcquaintance(verdict, isVerified: isVerified))
        }
    }

    /// The person has compared the words: this certificate is that name's from now on.
    func confirm(name: String, fingerprint: [UInt8], then tell: @escaping @Sendable (CallAcquaintance) -> Void) {
        work { file in
            file.update { $0.confirm(name: name, fingerprint: fingerprint, on: UTCDay.today) }
            let verdict = file.peers.verdict(name: name, fingerprint: fingerprint)
            let isVerified = file.peers.peer(named: name, fingerprint: fingerprint)?.isVerified ?? false
            tell(CallAcquaintance(verdict, isVerified: isVerified))
        }
    }

    private func work(_ body: @escaping @Sendable (inout KnownPeersFile) -> Void) {
        // Not joined: a network home may take its time.
        let thread = MediaThread.start(name: "known-peers") { [self] in
            let notice = file.withLock { file -> String? in
                guard var known = file else { return nil }
                body(&known)
                let notice = known.takeNotice()
                file = known
                return notice
            }
            if let notice { onNotice(notice) }
        }
        if let thread { thread.detach() }
    }
}

extension CallAcquaintance {
    init(_ verdict: KnownPeers.Verdict, isVerified: Bool) {
        switch verdict {
        case .firstSeen: self = .firstSeen
        case .known(let since, _): self = .known(since: "\(since)", isVerified: isVerified)
        case .changed(_, let since): self = .changed(since: "\(since)")
        case .unnamed: self = .unknown
        }
    }
}
