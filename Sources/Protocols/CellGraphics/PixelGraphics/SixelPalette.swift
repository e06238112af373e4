/// The colours of one picture's sixels: at most 256, chosen from the picture by cutting the colours it has into boxes, the worst one first.
///
/// It stays while it fits about as well as when it was made, so that a still picture keeps its colours. Every sixel string defines what it
/// uses, so a new palette changes nothing that is on the screen.
struct SixelPalette: Sendable {
    /// 0x00RRGGBB; each channel is one of the 101 levels that sixels have.
    private(set) var colors: [UInt32] = []
    /// For five bits a channel the nearest colour, as far as one has been asked for.
    private(set) var table: [UInt16] = []
    private var histogram: [Bin] = []
    private var limit = 0
    /// The mean squared distance when it was made.
    private var fit = 0
    private var age = 0

    static let unknown = UInt16.max
    /// How often it is looked whether it fits still, in pictures.
    private static let patience = 32

    private struct Bin {
        var key = 0
        var count = 0
        var red = 0
        var green = 0
        var blue = 0

        func channel(_ axis: Int) -> Int { (axis == 0 ? red : axis == 1 ? green : blue) / max(1, count) }
    }

    private struct Box {
        var range: Range<Int>
        /// The channel to cut along, and the sum of squared distances there.
        var axis = 0
        var spread = 0
    }

    /// What the eye makes of a channel: most of green, least of blue.
    private static let weights = [3, 4, 2]

    /// Chooses colours, if there are none or they fit badly by now.
    mutating func adapt(to samples: [UInt32], limit: Int) {
        let limit = max(2, min(256, limit))
        age += 1
        guard colors.isEmpty || limit != self.limit || age >= Self.patience else { return }
        age = 0
        count(samples)
        if !colors.isEmpty, limit == self.limit, error() <= fit * 3 / 2 + 12 { return }
        self.limit = limit
        choose()
        table = Array(repeating: Self.unknown, count: 32768)
        fit = error()
    }

    /// The table's entry for a colour, of which it knows every eighth level.
    static func roundedKey(_ rgb: UInt32) -> Int {
        func five(_ shift: UInt32) -> Int { min(31, (Int(rgb >> shift & 255) + 4) >> 3) }
        return five(16) << 10 | five(8) << 5 | five(0)
    }

    /// The nearest colour's number, which is kept in the table.
    mutating func find(_ key: Int) -> UInt16 {
        let index = Self.nearest(key, in: colors)
        table[key] = index
        return index
    }

    static func nearest(_ key: Int, in colors: [UInt32]) -> UInt16 {
        let rgb = UInt32(key >> 10) << 19 | UInt32(key >> 5 & 31) << 11 | UInt32(key & 31) << 3
        var best: UInt16 = 0
        var least = Int32.max
        for (index, color) in colors.enumerated() {
            let distance = Palette.distance(color, rgb)
            if distance < least { (least, best) = (distance, UInt16(index)) }
        }
        return best
    }

    /// Every fourth sample: a histogram of what is there needs no more.
    private mutating func count(_ samples: [UInt32]) {
        var numbers = [Int32](repeating: -1, count: 32768)
        histogram.removeAll(keepingCapacity: true)
        let step = samples.count > 4096 ? 4 : 1
        for index in Swift.stride(from: 0, to: samples.count, by: step) {
            let rgb = samples[index]
            let key = Self.roundedKey(rgb)
            if numbers[key] < 0 {
                numbers[key] = Int32(histogram.count)
                histogram.append(Bin(key: key))
            }
            let bin = Int(numbers[key])
            histogram[bin].count += 1
            histogram[bin].red += Int(rgb >> 16 & 255)
            histogram[bin].green += Int(rgb >> 8 & 255)
            histogram[bin].blue += Int(rgb & 255)
        }
    }

    /// The mean squared distance of the picture that was counted from these colours.
    private mutating func error() -> Int {
        var (sum, total) = (0, 0)
        for bin in histogram {
            let known = table[bin.key]
            let index = known == Self.unknown ? find(bin.key) : known
            let mean = UInt32(bin.channel(0)) << 16 | UInt32(bin.channel(1)) << 8 | UInt32(bin.channel(2))
            sum += Int(Palette.distance(colors[Int(index)], mean)) * bin.count
            total += bin.count
        }
        return sum / max(1, total)
    }

    private mutating func choose() {
        var boxes = [box(0..<histogram.count)]
        while boxes.count < limit, let worst = boxes.indices.max(by: { boxes[$0].spread < boxes[$1].spread }), boxes[worst].spread > 0 {
            let range = boxes[worst].range
            let axis = boxes[worst].axis
            histogram[range].sort { $0.channel(axis) < $1.channel(axis) }
            let cut = middle(of: range, axis)
            boxes[worst] = box(range.lowerBound..<cut)
            boxes.append(box(cut..<range.upperBound))
        }
        colors = boxes.map { mean(of: $0.range) }
    }

    /// Where the sorted bins pass their mean; both sides hold something.
    private func middle(of range: Range<Int>, _ axis: Int) -> Int {
        var (sum, count) = (0, 0)
        for index in range {
            sum += histogram[index].channel(axis) * histogram[index].count
            count += histogram[index].count
        }
        let mean = sum / max(1, count)
        let cut = range.first { histogram[$0].channel(axis) > mean } ?? range.upperBound - 1
        return max(range.lowerBound + 1, min(range.upperBound - 1, cut))
    }

    private func box(_ range: Range<Int>) -> Box {
        var box = Box(range: range)
        guard range.count > 1 else { return box }
        for axis in 0..<3 {
            var (sum, squares, count) = (0, 0, 0)
            for index in range {
                let (value, weight) = (histogram[index].channel(axis), histogram[index].count)
                sum += value * weight
                squares += value * value * weight
                count += weight
            }
            let spread = Self.weights[axis] * (squares - sum * sum / max(1, count))
            if spread > box.spread { (box.axis, box.spread) = (axis, spread) }
        }
        return box
    }

    private func mean(of range: Range<Int>) -> UInt32 {
        var (red, green, blue, count) = (0, 0, 0, 0)
        for index in range {
            red += histogram[index].red
            green += histogram[index].green
            blue += histogram[index].blue
            count += histogram[index].count
        }
        func level(_ sum: Int) -> UInt32 { UInt32(Self.value(ofPercent: Self.percent(sum / max(1, count)))) }
        return level(red) << 16 | level(green) << 8 | level(blue)
    }

    static func percent(_ value: Int) -> Int { (value * 100 + 127) / 255 }
    static func value(ofPercent percent: Int) -> Int { (percent * 255 + 50) / 100 }
}
