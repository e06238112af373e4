import CV4L2
import Glibc
import MediaTypes
import Primitives
import Threading

/// A camera that is running: waits, takes the newest good picture, converts it. Closing the device is what stops it.
struct CaptureStream: ~Copyable {
    private let buffers: CaptureBuffers
    private let device: CaptureDevice
    private var decoder: PictureDecoder?
    private let layout: PixelLayout?
    let captureFormat: CaptureFormat

    /// Cameras take a second or two to start; after this long without a picture something is wrong.
    private static let patience = Interval.seconds(5)
    /// Starts of the stream without one good picture in between.
    private static let mostRestarts = 3

    init(path: String, wanted: VideoFormat) throws(MediaDeviceError) {
        let device = try CaptureDevice(path: path)
        guard device.canStream else { throw .notACamera(path) }
        let agreed = try device.negotiate(wanted)
        let decoder = try PictureDecoder.make(device, format: agreed)
        let buffers = try CaptureBuffers(device)
        try buffers.start(device)
        captureFormat = agreed
        layout = agreed.layout
        self.device = device
        self.decoder = decoder
        self.buffers = buffers
    }

    var name: String { device.name }

    /// - Returns: nil once `stop` is signalled.
    mutating func next(stop: EventDescriptor) throws(MediaDeviceError) -> I420Frame? {
        let deadline = MonotonicClock.now() + Self.patience
        var restarts = 0
        while true {
            switch wait(stop: stop, until: deadline) {
            case .stopped: return nil
            case .timeout:
                throw MediaDeviceError(
                    .failed,
                    "The camera \(device.path) gave no picture for 5 seconds; unplug it and plug it in again.")
            case .ready: break
            }
            do throws(CaptureFailure) {
                guard let filled = try newest() else { continue }
                let frame = convert(filled)
                try buffers.give(filled.index, to: device)
                if let frame { return frame }
            } catch {
                restarts += 1
                guard error.code != ENODEV, restarts <= Self.mostRestarts
                else { throw .camera(device.path, error: error.code, while: "giving a picture") }
                cv4l2_stream_off(device.descriptor)
                try buffers.start(device)
            }
        }
    }

    private enum Readiness { case ready, timeout, stopped }

    private func wait(stop: EventDescriptor, until deadline: Instant) -> Readiness {
        var descriptors = [
            pollfd(fd: stop.fileDescriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: device.descriptor, events: Int16(POLLIN), revents: 0),
        ]
        while true {
            let left = deadline - MonotonicClock.now()
            guard left > .zero else { return .timeout }
            let count = poll(&descriptors, 2, Int32(clamping: left.wholeMilliseconds + 1))
            if count > 0 { return descriptors[0].revents != 0 ? .stopped : .ready }
        }
    }

    /// The latest picture that is there; older and damaged ones go back to the driver.
    private func newest() throws(CaptureFailure) -> CaptureBuffers.Filled? {
        var newest: CaptureBuffers.Filled?
        while let filled = try buffers.take(from: device) {
            if filled.isDamaged {
                try buffers.give(filled.index, to: device)
            } else {
                if let older = newest { try buffers.give(older.index, to: device) }
                newest = filled
            }
        }
        return newest
    }

    private mutating func convert(_ filled: CaptureBuffers.Filled) -> I420Frame? {
        let picture = buffers.contents(filled)
        let bytes: [UInt8]?
        if let layout {
            bytes = PixelConversion.i420(from: UnsafeBufferPointer(picture.bindMemory(to: UInt8.self)), layout: layout)
        } else {
            bytes = decoder?.decode(picture)
        }
        guard let bytes else { return nil }
        let now = MonotonicClock.now()
        var time = filled.microseconds.map(Instant.init(microseconds:)) ?? now
        // Some drivers stamp in ways of their own; a picture is neither from the future nor older than a second.
        if time > now || now - time > .seconds(1) { time = now }
        return I420Frame(width: captureFormat.width, height: captureFormat.height, bytes: bytes, time: time)
    }
}
