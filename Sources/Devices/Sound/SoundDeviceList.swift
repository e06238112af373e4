import CALSA
import Glibc

/// A microphone or a speaker, as ALSA names it.
public struct SoundDeviceInfo: Sendable, Equatable {
    /// What `ALSAMicrophone` and `ALSASpeaker` take: "default", "plughw:CARD=PCH,DEV=0".
    public var name: String
    /// For a person, one line: text from outside.
    public var description: String
    public var canCapture: Bool
    public var canPlay: Bool
}

/// Opens nothing. Left out: what ALSA only uses inside (dmix, surround routings, resamplers), and the bare `hw:` of each `plughw:`.
private func listSoundDevices() -> [SoundDeviceInfo] {
    calsa_silence()
    var hints: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
    guard snd_device_name_hint(-1, "pcm", &hints) == 0, let hints else { return [] }
    defer { snd_device_name_free_hint(hints) }
    var found: [SoundDeviceInfo] = []
    var position = hints
    while let hint = position.pointee, found.count < 256 {
        position += 1
        guard let name = text(hint, "NAME"), isForPeople(name) else { continue }
        let direction = text(hint, "IOID")
        let description = (text(hint, "DESC") ?? name).split(separator: "\n").joined(separator: ", ")
        found.append(
            SoundDeviceInfo(name: name, description: description, canCapture: direction != "Output", canPlay: direction != "Input"))
    }
    return found
}

private func isForPeople(_ name: String) -> Bool {
    let kind = name.prefix { $0 != ":" }
    return ["default", "pulse", "pipewire", "plughw", "sysdefault"].contains(String(kind))
}

private func text(_ hint: UnsafeMutableRawPointer, _ key: String) -> String? {
    guard let value = snd_device_name_get_hint(hint, key) else { return nil }
    defer { free(value) }
    return String(cString: value)
}

extension ALSAMicrophone {
    public static func list() -> [SoundDeviceInfo] { listSoundDevices().filter(\.canCapture) }
}

extension ALSASpeaker {
    public static func list() -> [SoundDeviceInfo] { listSoundDevices().filter(\.canPlay) }
}
