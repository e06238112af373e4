import CALSA
import Glibc
import MediaTypes
import Primitives
import Threading

/// The one owner of an ALSA handle.
struct PCMHandle: ~Copyable {
    let pointer: OpaquePointer

    deinit {
        snd_pcm_drop(pointer)
        snd_pcm_close(pointer)
    }
}

/// An open ALSA device set to 48 kHz, mono, 16 bits; non-blocking, so that `stop` always gets through.
struct PCM: ~Copyable {
    let name: String
    let direction: SoundDirection
    private let owner: PCMHandle
    let periodFrames: Int
    let bufferFrames: Int

    static let sampleRate = 48000

    struct Timing {
        var periodMicroseconds: UInt32
        var bufferMicroseconds: UInt32
        /// Playback starts by itself once this much is queued; ignored for capture.
        var startMicroseconds: UInt32 = 0
    }

    init(name: String, direction: SoundDirection, timing: Timing) throws(MediaDeviceError) {
        let opened = try Self.open(name, direction)
        do throws(Refusal) {
            (periodFrames, bufferFrames) = try Self.configure(opened.pointer, direction, timing)
        } catch {
            throw error.sentence(name, direction)
        }
        owner = opened
        self.name = name
        self.direction = direction
    }

    /// Valid as long as this value lives.
    var handle: OpaquePointer { owner.pointer }

    private static func open(_ name: String, _ direction: SoundDirection) throws(MediaDeviceError) -> PCMHandle {
        calsa_silence()
        // A bare hardware device knows only its own rates and channels; "plug" converts.
        let actual = name.hasPrefix("hw:") ? "plug" + name : name
        var opened: OpaquePointer?
        let status = snd_pcm_open(&opened, actual, direction.stream, Int32(SND_PCM_NONBLOCK))
        guard status == 0, let opened else {
            // A device that was never there cannot have been unplugged.
            throw .sound(name, direction, error: status == -ENODEV ? -ENXIO : status, while: "being opened")
        }
        return PCMHandle(pointer: opened)
    }

    private static func configure(
        _ handle: OpaquePointer, _ direction: SoundDirection, _ timing: Timing
    ) throws(Refusal) -> (period: Int, buffer: Int) {
        var hardware: OpaquePointer?
        var software: OpaquePointer?
        defer {
            snd_pcm_hw_params_free(hardware)
            snd_pcm_sw_params_free(software)
        }
        try check(snd_pcm_hw_params_malloc(&hardware))
        try check(snd_pcm_sw_params_malloc(&software))
        var periodTime = timing.periodMicroseconds
        var bufferTime = timing.bufferMicroseconds
        try check(snd_pcm_hw_params_any(handle, hardware))
        try check(snd_pcm_hw_params_set_rate_resample(handle, hardware, 1))
        try check(snd_pcm_hw_params_set_access(handle, hardware, SND_PCM_ACCESS_RW_INTERLEAVED))
        try check(snd_pcm_hw_params_set_format(handle, hardware, SND_PCM_FORMAT_S16))
        try check(snd_pcm_hw_params_set_channels(handle, hardware, 1))
        try check(snd_pcm_hw_params_set_rate(handle, hardware, UInt32(sampleRate), 0))
        // The buffer decides the delay, so it is asked for first; the period only how often the thread wakes.
        try check(snd_pcm_hw_params_set_buffer_time_near(handle, hardware, &bufferTime, nil))
        try check(snd_pcm_hw_params_set_period_time_near(handle, hardware, &periodTime, nil))
        try check(snd_pcm_hw_params(handle, hardware))
        var frames = snd_pcm_uframes_t()
        try check(snd_pcm_hw_params_get_buffer_size(hardware, &frames))
        let buffer = max(1, Int(clamping: frames))
        try check(snd_pcm_hw_params_get_period_size(hardware, &frames, nil))
        let period = max(1, min(buffer, Int(clamping: frames)))

        try check(snd_pcm_sw_params_current(handle, software))
        let wanted = Int(timing.startMicroseconds) * sampleRate / 1_000_000
        let start = direction == .capture ? 1 : max(1, min(wanted, buffer - period))
        try check(snd_pcm_sw_params_set_start_threshold(handle, software, snd_pcm_uframes_t(start)))
        try check(snd_pcm_sw_params_set_avail_min(handle, software, snd_pcm_uframes_t(period)))
        try check(snd_pcm_sw_params(handle, software))
        return (period, buffer)
    }

    private static func check(_ status: Int32) throws(Refusal) {
        if status < 0 { throw Refusal(status: status) }
    }

    /// What libasound said while the device was set up.
    private struct Refusal: Error {
        let status: Int32

        func sentence(_ name: String, _ direction: SoundDirection) -> MediaDeviceError {
            guard status == -EINVAL else { return .sound(name, direction, error: status, while: "being set up") }
            return MediaDeviceError(
                .unsupported,
                "The \(direction.noun) \"\(name)\" cannot do 48 kHz mono; try \"plug:'\(name)'\", or one that `tchat devices` lists.")
        }
    }
}
