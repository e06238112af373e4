import MediaTypes
import Primitives
import Synchronization
import Threading

/// A Y4M file (8-bit 4:2:0) as a camera.
///
/// The whole file is looked through when it is opened, so that a broken one is refused then and not in the middle of a call.
public final class Y4MReader: VideoSource {
    private struct State: ~Copyable {
        let file: FileInput
        /// Where each frame's pixels begin.
        let frames: [Int]
        var next = 0
        var cadence: Cadence
    }

    public let format: VideoFormat
    public let name: String
    public let frameCount: Int
    private let looped: Bool
    private let paced: Bool
    private let state: Mutex<State>
    private let stopped = StopSignal()

    /// - Parameters:
    ///   - looped: begins again after the last frame.
    ///   - paced: gives frames at the file's own rate; else as fast as they are asked for.
    /// - Throws: what is wrong and where, such as "clip.y4m: frame 12 is cut short at byte 3456". Frames count from 1.
    public init(path: String, looped: Bool, paced: Bool = true) throws(MediaDeviceError) {
        let file = try FileInput(path: path)
        name = file.name
        let (header, first) = try Self.readHeader(file)
        let frames = try Self.findFrames(file, from: first, header)
        format = VideoFormat(width: header.width, height: header.height, framesPerSecond: header.framesPerSecond)
        frameCount = frames.count
        self.looped = looped
        self.paced = paced
        let cadence = Cadence(unitsPerSecond: header.framesPerSecond, tolerance: .seconds(4 / header.framesPerSecond))
        state = Mutex(State(file: file, frames: frames, cadence: cadence))
    }

    public func next() throws(MediaDeviceError) -> I420Frame? {
        guard let due = state.withLock({ advance(&$0) }) else { return nil }
        if paced, !stopped.sleep(until: due.time) { return nil }
        guard !stopped.isStopped else { return nil }
        let count = I420Frame.byteCount(width: format.width, height: format.height)
        let bytes = try state.withLock { (state) throws(MediaDeviceError) in try state.file.read(count, at: due.offset) }
        // It was whole when it was opened.
        guard let frame = I420Frame(width: format.width, height: format.height, bytes: bytes, time: MonotonicClock.now()) else {
            throw MediaDeviceError(.malformed, "\(name) has been cut short while it was read.")
        }
        return frame
    }

    public func stop() { stopped.stop() }

    /// Which frame comes next, and when; nil at the end.
    private func advance(_ state: inout State) -> (offset: Int, time: Instant)? {
        if state.next == state.frames.count {
            guard looped else { return nil }
            state.next = 0
        }
        state.next += 1
        return (state.frames[state.next - 1], state.cadence.advance(now: MonotonicClock.now()))
    }

    private static func readHeader(_ file: borrowing FileInput) throws(MediaDeviceError) -> (Y4MHeader, Int) {
        let start = try file.read(Y4MHeader.mostBytes, at: 0)
        guard let end = start.firstIndex(of: UInt8(ascii: "\n")) else {
            throw MediaDeviceError(.malformed, "\(file.name): its first line does not end, so it is no Y4M file.")
        }
        return (try Y4MHeader(String(decoding: start[..<end], as: UTF8.self), file: file.name), end + 1)
    }

    private static func findFrames(_ file: borrowing FileInput, from first: Int, _ header: Y4MHeader) throws(MediaDeviceError) -> [Int] {
        let count = I420Frame.byteCount(width: header.width, height: header.height)
        var frames: [Int] = []
        var offset = first
        while offset < file.size {
            let number = frames.count + 1
            let line = try file.read(min(256, file.size - offset), at: offset)
            guard line.starts(with: "FRAME".utf8) || "FRAME".utf8.starts(with: line) else {
                throw MediaDeviceError(.malformed, "\(file.name): frame \(number) does not begin with FRAME at byte \(offset).")
            }
            guard let end = line.firstIndex(of: UInt8(ascii: "\n")), offset + end + 1 + count <= file.size else {
                throw MediaDeviceError(.malformed, "\(file.name): frame \(number) is cut short at byte \(file.size).")
            }
            frames.append(offset + end + 1)
            offset += end + 1 + count
        }
        guard !frames.isEmpty else { throw MediaDeviceError(.malformed, "\(file.name): it holds no frame.") }
        return frames
    }
}
