import MediaTypes
import Synchronization
import Threading

/// A camera of the machine, by Video4Linux.
public final class V4L2Camera: VideoSource {
    public let format: VideoFormat
    public let name: String
    /// "YUYV", "MJPG": how the pictures come out of the camera.
    public let pixelFormat: String

    private let stream: Mutex<CaptureStream?>
    /// Signalled once and never drained: it stays readable, so it is the flag too.
    private let stopEvent: EventDescriptor

    /// Opens and starts the camera. The driver may give another size and rate than asked for: see `format`.
    /// - Throws: no such device, no permission, busy, no usable picture format.
    public init(path: String, width: Int, height: Int, framesPerSecond: Double) throws(MediaDeviceError) {
        guard let event = EventDescriptor() else {
            throw MediaDeviceError(.failed, "There are no file descriptors left for the camera; close some programs.")
        }
        stopEvent = event
        let wanted = VideoFormat(
            width: max(1, min(16384, width)), height: max(1, min(16384, height)), framesPerSecond: max(1, min(1000, framesPerSecond)))
        let opened = try CaptureStream(path: path, wanted: wanted)
        let agreed = opened.captureFormat
        format = VideoFormat(width: agreed.width, height: agreed.height, framesPerSecond: agreed.framesPerSecond)
        pixelFormat = agreed.pixelFormat.description
        name = opened.name
        stream = Mutex(opened)
    }

    /// Damaged pictures are skipped; when several wait, the newest is taken. After nil or an error the device is closed.
    public func next() throws(MediaDeviceError) -> I420Frame? {
        try stream.withLock { (stream: inout CaptureStream?) throws(MediaDeviceError) -> I420Frame? in
            do throws(MediaDeviceError) {
                if let frame = try stream?.next(stop: stopEvent) { return frame }
            } catch {
                stream = nil
                throw error
            }
            stream = nil
            return nil
        }
    }

    public func stop() { stopEvent.signal() }
}
