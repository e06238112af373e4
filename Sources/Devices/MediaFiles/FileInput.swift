import Glibc
import MediaTypes

/// An open file, read at given places.
struct FileInput: ~Copyable {
    /// As a person calls it: the path's last part.
    let name: String
    private let descriptor: Int32
    let size: Int

    init(path: String) throws(MediaDeviceError) {
        name = lastPart(of: path)
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .opening(path, errno) }
        var information = stat()
        guard fstat(descriptor, &information) == 0, information.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw MediaDeviceError(.unsupported, "\(path) is no regular file; name a file.")
        }
        self.descriptor = descriptor
        size = Int(information.st_size)
    }

    deinit { close(descriptor) }

    /// Up to `count` bytes from `offset`; fewer at the end of the file.
    func read(_ count: Int, at offset: Int) throws(MediaDeviceError) -> [UInt8] {
        var failure: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: max(0, count)) { buffer, filled in
            while filled < count {
                let got = pread(descriptor, buffer.baseAddress.map { $0 + filled }, count - filled, offset + filled)
                if got > 0 {
                    filled += got
                } else if got == 0 {
                    return
                } else if errno != EINTR {
                    failure = errno
                    return
                }
            }
        }
        guard failure == 0 else { throw MediaDeviceError(.failed, "\(name) cannot be read: \(String(cString: strerror(failure))).") }
        return bytes
    }
}

func lastPart(of path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? path
}

extension MediaDeviceError {
    static func opening(_ path: String, _ status: Int32) -> MediaDeviceError {
        let kind: Kind =
            switch status {
            case ENOENT, ENOTDIR: .notFound
            case EACCES, EPERM, EROFS: .permission
            default: .failed
            }
        return MediaDeviceError(kind, "\(path) cannot be opened: \(String(cString: strerror(status))).")
    }
}
