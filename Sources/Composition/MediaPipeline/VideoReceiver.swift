import MediaTypes
import Primitives
import Synchronization
import Threading
import VideoCodec

/// The network's way to a picture: frames come in through a ring and are decoded on a thread of their own, each as soon as it is there, and
/// shown at once, or when their sound is heard.
public final class VideoReceiver: Sendable {
    public struct Statistics: Sendable, Equatable {
        public var decoded = 0
        /// Frames that the decoder refused, or that waited in vain for a key frame.
        public var failed = 0
        public var width = 0
        public var height = 0
        /// How long the newest picture waited for its sound.
        public var syncDelay = Interval.zero
        public init() {}
    }

    private static let capacity = 64
    private static let requestSpacing = Interval.milliseconds(500)
    private let ring = BoundedRing<EncodedVideoFrame>(capacity: capacity)
    private let overflowed = Atomic(false)
    private let isStopped = Atomic(false)
    private let counters = Mutex(Statistics())
    private let clock: PlayoutClock?
    private let latest: LatestValueMailbox<I420Frame>?
    private let onFrame: @Sendable (I420Frame) -> Void
    private let needsKeyFrame: @Sendable () -> Void
    private let thread = WorkerThread()

    /// - Parameters:
    ///   - clock: of the same person's `AudioStream`; without one, pictures never wait.
    ///   - latest: gets every picture, for whoever shows the newest.
    ///   - onFrame: every picture, on the decode thread.
    ///   - needsKeyFrame: on the decode thread, or on the pushing one: the picture can only go on with a key frame.
    public init(
        clock: PlayoutClock? = nil, latest: LatestValueMailbox<I420Frame>? = nil,
        onFrame: @escaping @Sendable (I420Frame) -> Void = { _ in },
        needsKeyFrame: @escaping @Sendable () -> Void
    ) {
        self.clock = clock
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
        var held = HeldPictures()
        while true {
            let frame = ring.wait(until: held.nextDue)
            if isStopped.load(ordering: .relaxed) { return }
            show(&held)
            guard let frame else {
                if held.nextDue == nil, ring.isClosed { return }
                continue
            }
            if waitsForKeyFrame, !frame.isKeyFrame {
                counters.withLock { $0.failed += 1 }
                request()
                continue
            }
            do throws(VideoCodecError) {
                guard let picture = try decoder.decode(frame) else { continue }
                waitsForKeyFrame = false
                let now = MonotonicClock.now()
                var wait = Interval.zero
                if let clock, let capture = frame.captureTime { wait = clock.waiting(capture: capture, now: now) }
                counters.withLock { counters in
                    counters.decoded += 1
                    counters.width = picture.width
                    counters.height = picture.height
                    counters.syncDelay = wait
                }
                held.add(picture, due: now + wait)
                show(&held)
            } catch {
                counters.withLock { $0.failed += 1 }
                waitsForKeyFrame = true
                request()
            }
        }
    }

    private func show(_ held: inout HeldPictures) {
        while var picture = held.next(now: MonotonicClock.now()) {
            picture.time = MonotonicClock.now()
            latest?.put(picture)
            onFrame(picture)
        }
    }
}
