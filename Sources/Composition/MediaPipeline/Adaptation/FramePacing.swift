import Primitives

/// Takes some of a camera's pictures, for a rate below the camera's.
struct FrameRateDivider: Sendable {
    private var due: Instant?

    /// Whether the picture of this time is one of `framesPerSecond`.
    mutating func takes(_ time: Instant, framesPerSecond: Double) -> Bool {
        let spacing = Interval(seconds: 1 / max(0.1, framesPerSecond))
        guard let due else {
            self.due = time + spacing
            return true
        }
        // A picture that is a little early is the right one.
        guard time >= due - spacing / 4 else { return false }
        self.due = time - due < spacing ? due + spacing : time + spacing
        return true
    }
}

/// What has been sent ahead of the bit rate. The encoder keeps its rate by itself, but not when the rate falls all at once.
struct FrameBudget: Sendable {
    /// From here on pictures wait; so does the network, whose queue is to stay below it.
    private static let limit = 0.2
    /// A fall of the rate makes a long time of what was a short one: no picture waits for all of it.
    private static let most = 0.5
    private var seconds = 0.0
    private var bitrate = 0.0
    private var last: Instant?

    /// Whether a picture may be sent now.
    mutating func allows(now: Instant, bitrate newBitrate: Int) -> Bool {
        if let last { seconds = max(0, seconds - max(0, (now - last).seconds)) }
        last = now
        let rate = Double(max(1, newBitrate))
        if rate != bitrate {
            seconds = min(Self.most, seconds * bitrate / rate)
            bitrate = rate
        }
        return seconds <= Self.limit
    }

    mutating func spend(bytes: Int) { seconds += bitrate > 0 ? Double(bytes * 8) / bitrate : 0 }
}

/// Frames in the last whole second.
struct FrameRateMeter: Sendable {
    private var begin: Instant?
    private var count = 0
    private(set) var framesPerSecond = 0.0

    mutating func add(_ time: Instant) {
        guard let start = begin, time >= start else {
            begin = time
            count = 1
            return
        }
        let length = time - start
        guard length >= .seconds(1) else {
            count += 1
            return
        }
        framesPerSecond = Double(count) / length.seconds
        begin = time
        count = 1
    }
}
