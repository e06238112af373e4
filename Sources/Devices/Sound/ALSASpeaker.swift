import CALSA
import MediaTypes
import Primitives
import Synchronization
import Threading

/// A speaker of the machine, by ALSA: 48 kHz, mono, 16 bits, whatever the card itself does.
public final class ALSASpeaker: AudioSink {
    public let name: String

    private let pcm: Mutex<PCM?>
    /// Signalled once and never drained: it stays readable, so it is the flag too.
    private let stopEvent: EventDescriptor

    /// The whole buffer is delay; it starts when three quarters are there, so that the first late packet is no underrun.
    private static let timing = PCM.Timing(periodMicroseconds: 10_000, bufferMicroseconds: 80_000, startMicroseconds: 60_000)

    /// A block that is written is heard when what is queued before it has been.
    public var latency: Interval { .milliseconds(80) }

    /// - Parameter device: an ALSA name such as "default" or "hw:1,0".
    /// - Throws: no such device, no permission, busy.
    public init(device: String = "default") throws(MediaDeviceError) {
        guard let event = EventDescriptor() else {
            throw MediaDeviceError(.failed, "There are no file descriptors left for the speaker; close some programs.")
        }
        stopEvent = event
        name = device
        pcm = Mutex(try PCM(name: device, direction: .playback, timing: Self.timing))
    }

    /// Blocks while the card has 80 ms queued. An underrun is a short silence and goes on. After `stop` or an error the device is
    /// closed, and samples go nowhere.
    public func write(_ samples: [Int16]) throws(MediaDeviceError) {
        try pcm.withLock { (pcm: inout PCM?) throws(MediaDeviceError) in
            do throws(MediaDeviceError) {
                if try pcm?.write(samples, stop: stopEvent) == true { return }
            } catch {
                pcm = nil
                throw error
            }
            pcm = nil
        }
    }

    /// When it returns the device is closed, and free for the next one.
    public func stop() {
        stopEvent.signal()
        // Whoever writes holds the lock, and lets it go on that signal.
        pcm.withLock { $0 = nil }
    }
}
