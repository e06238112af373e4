import Glibc

/// A network namespace of its own for one thread, with nothing but a loopback interface that is down.
public enum OwnNetwork {
    /// It takes root.
    public static let isAllowed = run { true } ?? false

    private final class Work {
        let body: () -> Void
        init(_ body: @escaping () -> Void) { self.body = body }
    }

    /// Nil when the system does not allow it. Blocks until `body` is done, on a thread of its own.
    public static func run<Result>(_ body: @escaping () -> Result?) -> Result? {
        var result: Result?
        // A thread's namespace goes with the thread.
        let work = Unmanaged.passRetained(Work { if enter() { result = body() } })
        var thread = pthread_t()
        let status = pthread_create(
            &thread, nil,
            { argument in
                if let argument { Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body() }
                return nil
            }, work.toOpaque())
        guard status == 0 else {
            work.release()
            return nil
        }
        pthread_join(thread, nil)
        return result
    }

    /// unshare(CLONE_NEWNET): Glibc's module leaves it out.
    private static func enter() -> Bool {
        typealias Unshare = @convention(c) (Int32) -> Int32
        guard let symbol = dlsym(nil, "unshare") else { return false }
        return unsafeBitCast(symbol, to: Unshare.self)(0x4000_0000) == 0
    }

    public static func setLoopback(up isUp: Bool) -> Bool {
        request(UInt(SIOCSIFFLAGS)) { $0.storeBytes(of: isUp ? Int16(IFF_UP) : 0, toByteOffset: 16, as: Int16.self) }
    }

    /// The interface's one IPv4 address; 0 takes it away.
    public static func setLoopbackAddress(_ address: UInt32) -> Bool {
        request(UInt(SIOCSIFADDR)) {
            $0.storeBytes(of: UInt16(AF_INET), toByteOffset: 16, as: UInt16.self)
            $0.storeBytes(of: address.bigEndian, toByteOffset: 20, as: UInt32.self)
        }
    }

    /// What the loopback interface carries at the most.
    public static func setLoopbackMTU(_ bytes: Int32) -> Bool {
        request(UInt(SIOCSIFMTU)) { $0.storeBytes(of: bytes, toByteOffset: 16, as: Int32.self) }
    }

    /// An ifreq: 16 bytes of name, then what is to be set.
    private static func request(_ number: UInt, _ fill: (UnsafeMutableRawBufferPointer) -> Void) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 40)
        bytes.replaceSubrange(0..<2, with: Array("lo".utf8))
        return bytes.withUnsafeMutableBytes { buffer in
            fill(buffer)
            guard let start = buffer.baseAddress else { return false }
            return ioctl(descriptor, number, start) == 0
        }
    }
}
