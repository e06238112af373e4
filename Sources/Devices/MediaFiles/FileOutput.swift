import Glibc
import MediaTypes

/// A file being written, by one thread.
struct FileOutput: ~Copyable {
    private let descriptor: Int32
    private let path: String

    /// Takes the place of what is there.
    init(path: String) throws(MediaDeviceError) {
        self.path = path
        descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw .opening(path, errno) }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// All of it, behind what is there.
    func append(_ bytes: borrowing Span<UInt8>) throws(MediaDeviceError) { try put(bytes, at: nil) }

    /// All of it, over what is there.
    func overwrite(_ bytes: [UInt8], at offset: Int) throws(MediaDeviceError) { try put(bytes.span, at: offset) }

    private func put(_ bytes: borrowing Span<UInt8>, at offset: Int?) throws(MediaDeviceError) {
        let failure: Int32 = bytes.withUnsafeBytes { bytes in
            var done = 0
            while done < bytes.count {
                let start = bytes.baseAddress.map { $0 + done }
                let count = bytes.count - done
                let wrote = if let offset { pwrite(descriptor, start, count, offset + done) } else { write(descriptor, start, count) }
                if wrote > 0 {
                    done += wrote
                } else if wrote == 0 || errno != EINTR {
                    return errno
                }
            }
            return 0
        }
        guard failure == 0 else { throw MediaDeviceError(.failed, "\(path) cannot be written: \(String(cString: strerror(failure))).") }
    }
}
