/// A picture's size, or how many samples of a picture a screen can show: two a cell, one above the other, for half blocks.
public struct PictureSize: Hashable, Sendable {
    /// 1 to 16384, as `height`.
    public let width: Int
    public let height: Int

    /// Clamped to 1...16384.
    public init(width: Int, height: Int) {
        self.width = max(1, min(16384, width))
        self.height = max(1, min(16384, height))
    }

    public var pixels: Int { width * height }

    /// Itself when it is no larger than `limit` either way; else scaled down into it, the shape kept, both even.
    func fitted(into limit: PictureSize) -> PictureSize {
        guard width > limit.width || height > limit.height, limit.width > 1, limit.height > 1 else { return self }
        var (width, height) = (limit.width, self.height * limit.width / self.width)
        if height > limit.height { (width, height) = (self.width * limit.height / self.height, limit.height) }
        return PictureSize(width: max(2, width & ~1), height: max(2, height & ~1))
    }

    /// The shape kept, both even.
    func scaled(_ numerator: Int, over denominator: Int) -> PictureSize {
        guard numerator != denominator else { return self }
        func part(_ length: Int) -> Int { max(2, (length * numerator + denominator) / (2 * denominator) * 2) }
        return PictureSize(width: part(width), height: part(height))
    }
}

/// What a screen of so many samples is worth, measured at 80x24 to 160x48 cells (see Documentation/media.md).
enum ScreenRule {
    /// Pixels each way for a sample of the screen. A whole and even number, so that the chroma planes too, half the size, have whole
    /// pixels under every sample.
    static let pixelsPerSample = 4
    /// Of video for a pixel.
    static let bitsPerPixelSecond = (small: 5.2, large: 3.9)
    /// What a picture for 80x24 cells may take, whatever its shape: with headers and sound a call then stays below 250 kbit/s.
    static let smallScreen = (pixels: 60_000, bitrate: 192_000)
    /// Smaller pictures save nothing that matters.
    static let leastSize = PictureSize(width: 160, height: 120)

    /// The size that a picture is sent in to a screen that shows all of it.
    static func size(of picture: PictureSize, on screen: PictureSize) -> PictureSize {
        // As the renderer fits it: whole cells of two samples.
        var (columns, rows) = (screen.width, screen.height)
        if picture.width * screen.height > picture.height * screen.width {
            rows = max(2, (screen.width * picture.height + picture.width) / (2 * picture.width) * 2)
        } else {
            columns = max(1, (screen.height * picture.width + picture.height / 2) / picture.height)
        }
        let (width, height) = (columns * pixelsPerSample, rows * pixelsPerSample)
        // Nearly the whole picture is better left as it is.
        guard width * 8 <= picture.width * 7, height * 8 <= picture.height * 7 else { return picture }
        let size = PictureSize(width: width, height: height)
        let least = picture.fitted(into: leastSize)
        return size.pixels < least.pixels ? least : size
    }

    static func bitrate(_ size: PictureSize) -> Int {
        let pixels = Double(max(size.pixels, leastSize.pixels))
        guard size.pixels <= smallScreen.pixels else { return Int(pixels * bitsPerPixelSecond.large) }
        return min(Int(pixels * bitsPerPixelSecond.small), smallScreen.bitrate)
    }
}
