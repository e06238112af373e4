import Glibc
import Threading

/// A network namespace of its own for one thread, with nothing but a loopback interface that is down.
enum OwnNetwork {
    /// It takes root.
    static let isAllowed = run { true } ?? false

    /// Nil when the system does not allow it.
    static func run<Result: Sendable>(_ body: @escaping @Sendable () -> Result?) -> Result? {
        let mailbox = LatestValueMailbox<Result>()
        let thread = MediaThread.start(name: "own network") {
            if enter(), let result = body() { mailbox.put(result) }
        }
        guard let thread else { return nil }
        thread.join()
        return mailbox.take()
    }

    /// unshare(CLONE_NEWNET): Glibc's module leaves it out.
    private static func enter() -> Bool {
        typealias Unshare = @convention(c) (Int32) -> Int32
        guard let symbol = dlsym(nil, "unshare") else { return false }
        return unsafeBitCast(symbol, to: Unshare.self)(0x4000_0000) == 0
    }

    static func setLoopback(up isUp: Bool) -> Bool {
        request(UInt(SIOCSIFFLAGS)) { $0.storeBytes(of: isUp ? Int16(IFF_UP) : 0, toByteOffset: 16, as: Int16.self) }
    }

    /// The interface's one IPv4 address; 0 takes it away.
    static func setLoopbackAddress(_ address: UInt32) -> Bool {
        request(UInt(SIOCSIFADDR)) {
            $0.storeBytes(of: UInt16(AF_INET), toByteOffset: 16, as: UInt16.self)
            $0.storeBytes(of: address.bigEndian, toByteOffset: 20, as: UInt32.self)
        }
    }

    /// An ifreq: 16 bytes of name, then what is to be set.
    private static func request(_ number: UInt, _ fill: (UnsafeMutableRawBufferPointer) -> Void) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 40)
        bytes.replaceSubrange(0..<2, with: Array("lo".utf8))
        return bytes.withUnsafeMutableBytes {
            fill($0)
            return ioctl(descriptor, number, $0.baseAddress.map { $0 } ?? UnsafeMutableRawPointer(bitPattern: 8)!) == 0
        }
    }
}
