/// The steps by which a picture gets cheaper: smaller first, then, at the smallest size, fewer a second.
struct AdaptationLadder: Equatable, Sendable {
    struct Rung: Equatable, Sendable {
        var size: PictureSize
        var framesPerSecond: Double
        /// Bits a second from which this rung looks better than the next one.
        var need: Int
    }

    /// From the best to the cheapest; at least one.
    private(set) var rungs: [Rung] = []

    private static let scales = [(1, 1), (3, 4), (1, 2), (3, 8), (1, 4), (3, 16), (1, 8)]
    private static let frameRates = [20, 15, 10, 7.5, 5]

    init(top: PictureSize, framesPerSecond: Double) {
        var smallest = top
        for (numerator, denominator) in Self.scales {
            let size = top.scaled(numerator, over: denominator)
            // A little less than 160x120, for pictures of other shapes.
            guard size == top || size.pixels * 20 >= ScreenRule.leastSize.pixels * 19 else { break }
            smallest = size
            append(size, framesPerSecond)
        }
        for rate in Self.frameRates where rate < framesPerSecond { append(smallest, rate) }
    }

    private mutating func append(_ size: PictureSize, _ framesPerSecond: Double) {
        rungs.append(Rung(size: size, framesPerSecond: framesPerSecond, need: Self.need(size, framesPerSecond)))
    }

    /// 250 kbit/s for 640x480 at 30 a second, 100 for 320x240, 40 for 160x120: where the coarsest quantizers are left behind, and with
    /// them what a smaller picture could win. A picture a second less saves little, as those that remain differ more.
    private static func need(_ size: PictureSize, _ framesPerSecond: Double) -> Int {
        let root = cubeRoot(Double(size.pixels) / 307_200)
        return Int(250_000 * root * root * (0.25 + 0.75 * framesPerSecond / 30))
    }

    /// Of 0.00001 to 1000, by Newton's method.
    private static func cubeRoot(_ value: Double) -> Double {
        var root = max(value, 0.1)
        for _ in 0..<24 { root = (2 * root + value / (root * root)) / 3 }
        return root
    }

    /// The best rung that so many bits a second are enough for; the last one when they are for none.
    func best(for bitsPerSecond: Int) -> Int { rungs.firstIndex { $0.need <= bitsPerSecond } ?? rungs.count - 1 }
}
