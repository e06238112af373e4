import Glibc
import Synchronization
import Threading

/// SIGINT, SIGTERM and SIGHUP as something that a loop can wait for: the call is ended in good order, the other side sees a leave.
struct TerminationSignals {
    private static let caught = Atomic<Bool>(false)
    private static let hungUp = Atomic<Bool>(false)
    private static let descriptor = Atomic<Int32>(-1)

    /// - Parameters:
    ///   - wake: signalled when one comes; must live as long as the process.
    ///   - endsOnHangUp: false: SIGHUP is no end, but asks for something to be read again.
    init(wake: EventDescriptor, endsOnHangUp: Bool = true) {
        Self.descriptor.store(wake.fileDescriptor, ordering: .releasing)
        for number in [SIGINT, SIGTERM] + (endsOnHangUp ? [SIGHUP] : []) {
            signal(number) { _ in
                // Only what signal-safety(7) allows: an atomic and a write.
                TerminationSignals.caught.store(true, ordering: .releasing)
                TerminationSignals.signalWake()
            }
        }
        if !endsOnHangUp {
            signal(SIGHUP) { _ in
                TerminationSignals.hungUp.store(true, ordering: .releasing)
                TerminationSignals.signalWake()
            }
        }
        signal(SIGPIPE, SIG_IGN)
    }

    private static func signalWake() {
        var one: UInt64 = 1
        let descriptor = descriptor.load(ordering: .acquiring)
        if descriptor >= 0 { _ = write(descriptor, &one, 8) }
    }

    var received: Bool { Self.caught.load(ordering: .acquiring) }

    /// Whether SIGHUP has come since it was last asked.
    func takeHangUp() -> Bool { Self.hungUp.exchange(false, ordering: .acquiringAndReleasing) }
}
