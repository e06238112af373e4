import CALSA
import MediaTypes
import Synchronization
import Threading

/// A microphone of the machine, by ALSA: 48 kHz, mono, 16 bits, whatever the card itself does.
public final class ALSAMicrophone: AudioSource {
    public let name: String

    private let pcm: Mutex<PCM?>
    /// Signalled once and never drained: it stays readable, so it is the flag too.
    private let stopEvent: EventDescriptor

    /// A long buffer adds no delay to capture: a reader that was late only reads faster.
    private static let timing = PCM.Timing(periodMicroseconds: 10_000, bufferMicroseconds: 200_000)

    /// - Parameter device: an ALSA name such as "default" or "hw:1,0".
    /// - Throws: no such device, no permission, busy.
    public init(device: String = "default") throws(MediaDeviceError) {
        guard let event = EventDescriptor() else {
            throw MediaDeviceError(.failed, "There are no file descriptors left for the microphone; close some programs.")
        }
        stopEvent = event
        name = device
        pcm = Mutex(try PCM(name: device, direction: .capture, timing: Self.timing))
    }

    /// An overrun loses what the card had to drop and goes on. After false or an error the device is closed.
    public func read(into samples: inout [Int16]) throws(MediaDeviceError) -> Bool {
        try pcm.withLock { (pcm: inout PCM?) throws(MediaDeviceError) -> Bool in
            do throws(MediaDeviceError) {
                if try pcm?.read(into: &samples, stop: stopEvent) == true { return true }
            } catch {
                pcm = nil
                throw error
            }
            pcm = nil
            return false
        }
    }

    /// When it returns the device is closed, and free for the next one.
    public func stop() {
        stopEvent.signal()
        // Whoever reads holds the lock, and lets it go on that signal.
        pcm.withLock { $0 = nil }
    }
}
