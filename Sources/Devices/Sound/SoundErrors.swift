import CALSA
import Glibc
import MediaTypes

enum SoundDirection: Sendable {
    case capture, playback

    /// As a person calls the device.
    var noun: String { self == .capture ? "microphone" : "speaker" }
    var stream: snd_pcm_stream_t { self == .capture ? SND_PCM_STREAM_CAPTURE : SND_PCM_STREAM_PLAYBACK }
}

extension MediaDeviceError {
    /// An error of libasound (a negative `errno`) as a sentence that says what to do.
    static func sound(_ name: String, _ direction: SoundDirection, error: Int32, while doing: String) -> MediaDeviceError {
        let noun = direction.noun
        switch -error {
        case EACCES, EPERM: return .soundPermission(name, direction)
        // Without permission libasound finds no card at all.
        case ENOENT where soundNodesAreClosed(), ENODEV where soundNodesAreClosed(): return .soundPermission(name, direction)
        case ENOENT, ENXIO:
            return MediaDeviceError(.notFound, "There is no \(noun) \"\(name)\"; plug one in, or choose one that `tchat devices` lists.")
        case ENODEV: return .soundGone(name, direction)
        case EBUSY:
            return MediaDeviceError(.busy, "The \(noun) \"\(name)\" is in use by another program; close that one first.")
        default:
            let text = String(cString: snd_strerror(error))
            return MediaDeviceError(.failed, "The \(noun) \"\(name)\" failed while \(doing): \(text).")
        }
    }

    static func soundGone(_ name: String, _ direction: SoundDirection) -> MediaDeviceError {
        MediaDeviceError(.gone, "The \(direction.noun) \"\(name)\" has been unplugged; plug it in again, or choose another.")
    }

    private static func soundPermission(_ name: String, _ direction: SoundDirection) -> MediaDeviceError {
        MediaDeviceError(
            .permission,
            "You may not use the \(direction.noun) \"\(name)\"; join the group `audio` (sudo usermod -aG audio $USER) and log in again.")
    }
}

/// There is a sound card, and this user may not open it.
private func soundNodesAreClosed() -> Bool {
    guard let directory = opendir("/dev/snd") else { return errno == EACCES }
    defer { closedir(directory) }
    while let entry = readdir(directory) {
        let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        if name.hasPrefix("control"), access("/dev/snd/\(name)", R_OK | W_OK) != 0, errno == EACCES { return true }
    }
    return false
}
