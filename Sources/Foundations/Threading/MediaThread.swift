import CLinux
import Glibc

/// A thread of its own with a name, for work that blocks. Joined by whoever started it.
public struct MediaThread: ~Copyable {
    private let thread: pthread_t

    private final class Body {
        let name: String
        let run: @Sendable () -> Void
        init(name: String, run: @escaping @Sendable () -> Void) {
            self.name = name
            self.run = run
        }
    }

    /// - Parameter name: 15 bytes at the most are seen by `ps` and debuggers.
    /// - Returns: nil when the system has no thread left to give.
    public static func start(name: String, _ run: @escaping @Sendable () -> Void) -> MediaThread? {
        let body = Unmanaged.passRetained(Body(name: name, run: run))
        var thread = pthread_t()
        let status = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                let body = Unmanaged<Body>.fromOpaque(argument).takeRetainedValue()
                tchat_set_thread_name(body.name)
                body.run()
                return nil
            }, body.toOpaque())
        guard status == 0 else {
            body.release()
            return nil
        }
        return MediaThread(thread: thread)
    }

    private init(thread: pthread_t) { self.thread = thread }

    /// Sleeps until the thread has ended.
    public consuming func join() { pthread_join(thread, nil) }

    /// Lets the thread go on by itself.
    public consuming func detach() { pthread_detach(thread) }
}
