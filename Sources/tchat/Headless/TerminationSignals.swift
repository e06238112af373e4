import Glibc
import Synchronization
import Threading

/// SIGINT, SIGTERM and SIGHUP as something that a loop can wait for: the call is ended in good order, the other side sees a leave.
struct TerminationSignals {
    private static let caught = Atomic<Bool>(false)
    private static let descriptor = Atomic<Int32>(-1)

    /// - Parameter wake: signalled when one comes; must live as long as the process.
    init(wake: EventDescriptor) {
        Self.descriptor.store(wake.fileDescriptor, ordering: .releasing)
        for number in [SIGINT, SIGTERM, SIGHUP] {
            signal(number) { _ in
                // Only what signal-safety(7) allows: an atomic and a write.
                TerminationSignals.caught.store(true, ordering: .releasing)
                var one: UInt64 = 1
                let descriptor = TerminationSignals.descriptor.load(ordering: .acquiring)
                if descriptor >= 0 { _ = write(descriptor, &one, 8) }
            }
        }
        signal(SIGPIPE, SIG_IGN)
    }

    var received: Bool { Self.caught.load(ordering: .acquiring) }
}
