import Primitives

/// Why less is sent than the camera gives and the person allows (webrtc-stats, `qualityLimitationReason`).
public enum QualityLimitationReason: String, Sendable, CaseIterable {
    case none, cpu, bandwidth
    /// The receiver's screen shows no more.
    case other
}

/// What limited the picture, for how long, and how often its size changed by that (webrtc-stats).
public struct QualityLimitation: Sendable, Equatable {
    public internal(set) var reason = QualityLimitationReason.none
    public private(set) var durations: [QualityLimitationReason: Interval] = [:]
    public internal(set) var resolutionChanges = 0
    private var last: Instant?

    public init() {}

    /// A pause of more than a second, in which nothing was sent, counts for none.
    mutating func advance(to now: Instant) {
        defer { last = now }
        guard let last, now > last, now - last <= .seconds(1) else { return }
        durations[reason, default: .zero] += now - last
    }
}

/// Averages over the frames of one rung: how coarse they are, and how long they take to encode.
struct EncodingLoad: Sendable, Equatable {
    private(set) var count = 0
    /// Of VP8's 0...127; a frame that the encoder left out counts as the coarsest.
    private(set) var quantizer = 0.0
    /// Encoding time over the time from frame to frame.
    private(set) var usage = 0.0
    private static let memory = 45.0

    /// Frames after a change are no measure: the key frame and what mends it.
    static let settling = 10

    mutating func add(quantizer newQuantizer: Double, usage newUsage: Double) {
        count += 1
        guard count > Self.settling else { return }
        let share = max(1 / Self.memory, 1 / Double(count - Self.settling))
        quantizer += (newQuantizer - quantizer) * share
        usage += (newUsage - usage) * share
    }

    /// A second's frames have been seen.
    var isKnown: Bool { count >= Self.settling + 20 }
}
