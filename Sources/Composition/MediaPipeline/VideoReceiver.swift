import MediaTypes
import Primitives
import Synchronization
import Threading
import VideoCodec

/// The network's way to a picture: frames come in through a ring and are decoded on a thread of their own, each as soon as it is there.
public final class VideoReceiver: Sendable {
    public struct Statistics: Sendable, Equatable {
        public var decoded = 0
        /// Frames that the decoder refused, or that waited in vain for a key frame.
        public var failed = 0
        public var width = 0
        public var height = 0
        public init() {}
    }

    private static let capacity = 64
    private static let requestSpacing = Interval.milliseconds(500)
    private let ring = BoundedRing<EncodedVideoFrame>(capacity: capacity)
    private let overflowed = Atomic(false)
    private let isStopped = Atomic(false)
    private let counters = Mutex(Statistics())
    private let latest: LatestValueMailbox<I420Frame>?
    private let onFrame: @Sendable (I420Frame) -> Void
    private let needsKeyFrame: @Sendable () -> Void
    private let thread = WorkerThread()

    /// - Parameters:
    ///   - latest: gets every picture, for whoever shows the newest.
    ///   - onFrame: every picture, on the decode thread.
    ///   - needsKeyFrame: on the decode thread, or on the pushing one: the picture can only go on with a key frame.
    public init(
        latest: LatestValueMailbox<I420Frame>? = nil, onFrame: @escaping @Sendable (I420Frame) -> Void = { _ in },
        needsKeyFrame: @escaping @Sendable () -> Void
    ) {
        self.latest = latest
        self.onFrame = onFrame
        self.needsKeyFrame = needsKeyFrame
    }

    /// False when the system has no thread to give.
    @discardableResult
    public func start() -> Bool { thread.start(name: "video-decode") { [self] in decodeLoop() } }

    /// From one thread. When the decoder is two seconds behind, what comes is dropped up to the next key frame.
    public func push(_ frame: EncodedVideoFrame) {
        if overflowed.load(ordering: .relaxed) {
            guard frame.isKeyFrame else { return }
            overflowed.store(false, ordering: .relaxed)
        }
        guard !ring.push(frame), !ring.isClosed else { return }
        overflowed.store(true, ordering: .relaxed)
        needsKeyFrame()
    }

    /// Ends the thread after the picture it is at, and waits for it. Must not be called from a callback.
    public func stop() {
        isStopped.store(true, ordering: .relaxed)
        ring.close()
        thread.join()
    }

    public var statistics: Statistics { counters.withLock { $0 } }

    private func decodeLoop() {
        guard var decoder = try? VP8Decoder() else { return }
        var waitsForKeyFrame = true
        var lastRequest: Instant?
        func request() {
            let now = MonotonicClock.now()
            if let lastRequest, now - lastRequest < Self.requestSpacing { return }
            lastRequest = now
            needsKeyFrame()
        }
        while let frame = ring.wait(until: nil), !isStopped.load(ordering: .relaxed) {
            if waitsForKeyFrame, !frame.isKeyFrame {
                counters.withLock { $0.failed += 1 }
                request()
                continue
            }
            do throws(VideoCodecError) {
                guard var picture = try decoder.decode(frame) else { continue }
                waitsForKeyFrame = false
                picture.time = MonotonicClock.now()
                counters.withLock { counters in
                    counters.decoded += 1
                    counters.width = picture.width
                    counters.height = picture.height
                }
                latest?.put(picture)
                onFrame(picture)
            } catch {
                counters.withLock { $0.failed += 1 }
                waitsForKeyFrame = true
                request()
            }
        }
    }
}
