import Glibc
import MediaTypes

extension MediaDeviceError {
    /// A system error on a camera as a sentence that says what to do.
    static func camera(_ path: String, error code: Int32, while doing: String) -> MediaDeviceError {
        switch code {
        case ENOENT, ENXIO:
            MediaDeviceError(.notFound, "There is no camera at \(path); plug one in, or choose one that `tchat devices` lists.")
        case ENODEV: .cameraGone(path)
        case EACCES, EPERM:
            MediaDeviceError(
                .permission,
                "You may not use the camera \(path); join the group `video` (sudo usermod -aG video $USER) and log in again.")
        case EBUSY: MediaDeviceError(.busy, "The camera \(path) is in use by another program; close that one first.")
        case ENOTTY: .notACamera(path)
        case ENOSPC:
            MediaDeviceError(
                .failed, "The USB bus has too little room for the camera \(path); ask for a smaller picture or use another port.")
        default: MediaDeviceError(.failed, "The camera \(path) failed while \(doing): \(systemText(code)).")
        }
    }

    static func cameraGone(_ path: String) -> MediaDeviceError {
        MediaDeviceError(.gone, "The camera \(path) has been unplugged; plug it in again, or choose another.")
    }

    static func notACamera(_ path: String) -> MediaDeviceError {
        MediaDeviceError(.unsupported, "\(path) is not a camera that gives pictures; choose one that `tchat devices` lists.")
    }
}

private func systemText(_ code: Int32) -> String {
    var buffer = [CChar](repeating: 0, count: 128)
    let length = buffer.count
    return buffer.withUnsafeMutableBufferPointer { text in
        guard let base = text.baseAddress, strerror_r(code, base, length) == 0 else { return "error \(code)" }
        return String(cString: base)
    }
}
