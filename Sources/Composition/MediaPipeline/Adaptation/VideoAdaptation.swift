import Primitives

/// Which size, rate and bit rate a camera's picture is sent with: what the network carries, what the receivers' screens can show, what the
/// encoder's quantizer says about the picture, and what the CPU can do.
///
/// Down at once or nearly so; up after a time of steadiness that grows when it proves wrong. Without clock or thread.
public struct VideoAdaptation: Sendable {
    /// What a person allows.
    public struct Limits: Sendable, Equatable {
        public var size: PictureSize
        public var framesPerSecond: Double
        /// Bits a second.
        public var bitrate: Int

        public init(size: PictureSize, framesPerSecond: Double, bitrate: Int) {
            self.size = size
            self.framesPerSecond = framesPerSecond
            self.bitrate = bitrate
        }
    }

    public struct Decision: Sendable, Equatable {
        public var size: PictureSize
        public var framesPerSecond: Double
        /// Bits a second.
        public var bitrate: Int
    }

    /// Of 127. Above the first a smaller picture looks better, as measured; below the second, libwebrtc's, there is room for more.
    private static let coarse = 80.0
    private static let fine = 29.0
    /// Shares of the time between two frames that encoding takes.
    private static let overuse = 0.85
    private static let underuse = 0.6
    private static let leastBitrate = 10_000
    /// What a better rung must have over its need.
    private static let margin = 1.2
    private static let downDelay = Interval.milliseconds(500)
    private static let upDelay = Interval.seconds(3)
    private static let longestUpDelay = Interval.seconds(48)
    /// Within this time after going up, going down means that it was wrong.
    private static let regret = Interval.seconds(10)
    private static let forgetting = Interval.seconds(60)
    private static let sizeSpacing = Interval.seconds(2)
    /// A window that is being resized comes to rest first.
    private static let screenRest = Interval.milliseconds(300)

    private let limits: Limits
    private var target: Int?
    private var source: PictureSize?
    private var screens: [PictureSize?] = []
    private var screensChanged: (first: Instant, last: Instant)?
    /// The largest picture that is of use, and the ladder down from it.
    private var top: PictureSize
    private var isScreenLimited = false
    private var ladder: AdaptationLadder
    private var rung = 0
    /// Rungs below what the bit rate would allow, as the quantizer is too coarse there; and those below the first for the CPU's sake.
    private var coarseRungs = 0
    private var busyRungs = 0
    private var load = EncodingLoad()
    private var downSince: Instant?
    private var up: (since: Instant, rung: Int)?
    private var upDelay = Self.upDelay
    private var lastUp: Instant?
    private var lastRegret: Instant?
    private var lastChange: Instant?
    private var lastSizeChange: Instant?
    public private(set) var limitation = QualityLimitation()

    public init(limits: Limits) {
        self.limits = limits
        top = limits.size
        ladder = AdaptationLadder(top: limits.size, framesPerSecond: limits.framesPerSecond)
    }

    /// What the network carries, in bits a second; of several receivers the least. Until it is known, what the person allows.
    public mutating func setTargetBitrate(_ bitsPerSecond: Int) { target = bitsPerSecond }

    /// What each receiver's screen shows, in samples; nil where that is not known, which counts as any size. The largest decides.
    public mutating func setReceiverScreens(_ new: [PictureSize?], now: Instant) {
        guard new != screens else { return }
        screens = new
        screensChanged = (screensChanged?.first ?? now, now)
    }

    /// After each frame that was given to the encoder.
    ///
    /// - Parameters:
    ///   - quantizer: VP8's index, 0 to 127; nil for a frame that the encoder left out.
    ///   - time: of the CPU that encoding took.
    public mutating func encoded(quantizer: Int?, time: Interval) {
        load.add(quantizer: Double(quantizer ?? 127), usage: time.seconds * ladder.rungs[rung].framesPerSecond)
    }

    /// For each captured picture, before it is encoded.
    public mutating func decide(source newSource: PictureSize, now: Instant) -> Decision {
        limitation.advance(to: now)
        updateTop(newSource, now)
        let wanted = wantedRung()
        if wanted > rung {
            goDown(to: wanted, now)
        } else {
            downSince = nil
            considerUp(now)
        }
        reviewLoad(now)
        limitation.reason = reason
        let current = ladder.rungs[rung]
        return Decision(size: current.size, framesPerSecond: current.framesPerSecond, bitrate: max(Self.leastBitrate, available))
    }

    /// Bits a second that are there and of use.
    private var available: Int {
        let allowed = isScreenLimited ? min(limits.bitrate, ScreenRule.bitrate(top)) : limits.bitrate
        return min(target ?? limits.bitrate, allowed)
    }

    private func wantedRung() -> Int {
        let byRate = ladder.best(for: available) + coarseRungs
        return min(max(byRate, busyRungs), ladder.rungs.count - 1)
    }

    private var reason: QualityLimitationReason {
        if rung > 0 { return busyRungs >= rung ? .cpu : .bandwidth }
        return isScreenLimited ? .other : .none
    }

    // MARK: - The largest picture of use

    private mutating func updateTop(_ newSource: PictureSize, _ now: Instant) {
        let isOtherSource = newSource != source
        if !isOtherSource {
            guard let changed = screensChanged else { return }
            let isResting = now - changed.last >= Self.screenRest || now - changed.first >= Self.sizeSpacing
            let isSpaced = lastSizeChange.map { now - $0 >= Self.sizeSpacing } ?? true
            guard isResting && isSpaced || limitationIsNew else { return }
        }
        source = newSource
        screensChanged = nil
        let full = newSource.fitted(into: limits.size)
        let sizes = screens.map { $0.map { ScreenRule.size(of: full, on: $0) } ?? full }
        let newTop = sizes.max { $0.pixels < $1.pixels } ?? full
        isScreenLimited = newTop != full
        guard newTop != top || isOtherSource else { return }
        let before = ladder.rungs[rung].size
        top = newTop
        ladder = AdaptationLadder(top: newTop, framesPerSecond: limits.framesPerSecond)
        (coarseRungs, busyRungs, up, downSince) = (0, 0, nil, nil)
        rung = ladder.best(for: available)
        load = EncodingLoad()
        if ladder.rungs[rung].size != before || isOtherSource { lastSizeChange = limitationIsNew ? nil : now }
    }

    /// Nothing has been encoded yet, so that a change of size costs nothing.
    private var limitationIsNew: Bool { load.count == 0 && lastChange == nil && lastSizeChange == nil }

    // MARK: - Down and up

    private mutating func goDown(to wanted: Int, _ now: Instant) {
        up = nil
        let since = downSince ?? now
        downSince = since
        let isUrgent = available < ladder.rungs[rung].need / 2
        guard isUrgent || now - since >= Self.downDelay || limitationIsNew else { return }
        if let lastUp, now - lastUp < Self.regret {
            upDelay = min(Self.longestUpDelay, upDelay * 2)
            lastRegret = now
            self.lastUp = nil
        }
        change(to: wanted, now)
    }

    private mutating func considerUp(_ now: Instant) {
        if let lastRegret, now - lastRegret >= Self.forgetting {
            upDelay = Self.upDelay
            self.lastRegret = nil
        }
        let rate = Int(Double(available) / Self.margin)
        // All that there is to have is enough: no margin can be above it.
        let isAll = available >= limits.bitrate || isScreenLimited && available >= ScreenRule.bitrate(top)
        let byRate = ladder.best(for: isAll ? available : rate) + coarseRungs
        let candidate = min(max(byRate, busyRungs), ladder.rungs.count - 1)
        guard candidate < rung else {
            up = nil
            return
        }
        let seen = (since: up?.since ?? now, rung: max(up?.rung ?? 0, candidate))
        up = seen
        let isSpaced = lastChange.map { now - $0 >= Self.sizeSpacing } ?? true
        guard now - seen.since >= upDelay, isSpaced else { return }
        lastUp = now
        change(to: seen.rung, now)
    }

    private mutating func change(to new: Int, _ now: Instant) {
        let before = ladder.rungs[rung].size
        rung = new
        (up, downSince) = (nil, nil)
        load = EncodingLoad()
        lastChange = now
        guard ladder.rungs[new].size != before else { return }
        lastSizeChange = now
        limitation.resolutionChanges += 1
    }

    // MARK: - What the encoder says

    private mutating func reviewLoad(_ now: Instant) {
        guard load.isKnown, rung < ladder.rungs.count else { return }
        let isLast = rung == ladder.rungs.count - 1
        let current = ladder.rungs[rung]
        if load.usage > Self.overuse, !isLast {
            busyRungs = rung + 1
            downSince = downSince ?? now - Self.downDelay
        } else if load.quantizer > Self.coarse, !isLast {
            coarseRungs = max(0, rung + 1 - ladder.best(for: available))
            downSince = downSince ?? now - Self.downDelay
        } else if busyRungs > 0, busyRungs >= rung, rung > 0 {
            let better = ladder.rungs[rung - 1]
            let growth =
                Double(better.size.pixels) * better.framesPerSecond / (Double(current.size.pixels) * current.framesPerSecond)
            if load.usage * growth < Self.underuse { busyRungs = rung - 1 }
        } else if coarseRungs > 0, load.quantizer < Self.fine {
            coarseRungs -= 1
            load = EncodingLoad()
        }
    }
}
