import MediaTypes
import Synchronization

/// Writes pictures into a Y4M file, on a thread of its own.
///
/// The first picture gives the file its size; a later one of another size is scaled to it, as the format knows one size only.
public final class Y4MWriter: Sendable {
    private struct State: ~Copyable {
        /// Nil before it is opened.
        var file: FileOutput?
        var size: (width: Int, height: Int)?
        var frames = 0
        var failure: MediaDeviceError?
    }

    private final class Shared: Sendable {
        let state: Mutex<State>
        init(_ file: consuming FileOutput?) { state = Mutex(State(file: file)) }
    }

    /// Two seconds of pictures.
    private static let capacity = 60
    private let shared: Shared
    private let writer: BackgroundWriter<I420Frame>

    /// - Parameter framesPerSecond: what the header says; the pictures are written as they come.
    public convenience init(path: String, framesPerSecond: Double = 30) throws(MediaDeviceError) {
        try self.init(path: path, Shared(try FileOutput(path: path)), framesPerSecond: framesPerSecond) { _ in }
    }

    /// Returns at once, however slow the disk is: the file is opened for the first picture, by the thread that writes.
    /// - Parameter onFailure: on that thread, once: nothing more is written.
    public convenience init(
        openingLater path: String, framesPerSecond: Double = 30, onFailure: @escaping @Sendable (MediaDeviceError) -> Void
    ) throws(MediaDeviceError) {
        try self.init(path: path, Shared(nil), framesPerSecond: framesPerSecond, onFailure: onFailure)
    }

    private init(
        path: String, _ shared: Shared, framesPerSecond: Double, onFailure: @escaping @Sendable (MediaDeviceError) -> Void
    ) throws(MediaDeviceError) {
        let rate = Int(max(1, min(1000, framesPerSecond)) * 1000)
        let writer = BackgroundWriter<I420Frame>(
            name: "y4m-writer", capacity: Self.capacity,
            write: { frame in
                // What waits behind a failure is not tried any more.
                guard shared.state.withLock({ $0.failure == nil }) else { return false }
                let failure = shared.state.withLock { Self.write(frame, to: path, rate: rate, &$0) }
                if let failure { onFailure(failure) }
                return failure == nil
            }, finish: {})
        guard let writer else { throw MediaDeviceError(.failed, "The system has no thread left to write \(path) with.") }
        self.shared = shared
        self.writer = writer
    }

    /// At once; false when the disk is too slow, or writing has failed: then the picture is not in the file.
    @discardableResult
    public func write(_ frame: I420Frame) -> Bool { writer.put(frame) }

    /// Pictures for which there was no room.
    public var dropped: Int { writer.dropped }
    public var framesWritten: Int { shared.state.withLock { $0.frames } }
    public var failure: MediaDeviceError? { shared.state.withLock { $0.failure } }

    /// Returns when all that was accepted is in the file.
    public func close() { writer.close() }

    private static func write(_ frame: I420Frame, to path: String, rate: Int, _ state: inout State) -> MediaDeviceError? {
        do throws(MediaDeviceError) {
            if state.file == nil { state.file = try FileOutput(path: path) }
            if state.size == nil {
                let header = "\(Y4MHeader.magic) W\(frame.width) H\(frame.height) F\(rate):1000 Ip A1:1 C420jpeg\n"
                try state.file?.append(Array(header.utf8).span)
                state.size = (frame.width, frame.height)
            }
            let size = state.size ?? (frame.width, frame.height)
            // Of the same size, it is the same frame.
            let fitting = frame.scaled(width: size.width, height: size.height)
            try state.file?.append(Array("FRAME\n".utf8).span)
            try state.file?.append(fitting.bytes.span)
            state.frames += 1
            return nil
        } catch {
            state.failure = error
            return error
        }
    }
}
