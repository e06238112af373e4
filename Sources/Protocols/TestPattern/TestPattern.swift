import MediaTypes
import Primitives

/// What the test camera sees: an evening sky over colour bars, a ball that bounces through it, and a timecode along the bottom.
///
/// All that stands still is drawn once; a frame costs a copy of it, the ball and the blocks.
public struct TestPattern: Sendable {
    public let width: Int
    public let height: Int
    private let background: I420Frame
    private let ball: Ball

    /// Sizes are clamped to 16...16384; below 160x120 there is no timecode.
    public init(width: Int, height: Int) {
        self.width = max(16, min(16384, width))
        self.height = max(16, min(16384, height))
        background = drawBackground(width: self.width, height: self.height)
        ball = Ball(diameter: self.height / 3 & ~1)
    }

    /// - Parameters:
    ///   - number: of the frame, from 0.
    ///   - wallClockMilliseconds: since 1970.
    ///   - time: what the frame says it was taken at.
    public func picture(number: Int, wallClockMilliseconds: Int64, time: Instant) -> I420Frame {
        var frame = background
        frame.time = time
        let place = position(number)
        ball.draw(into: &frame, x: place.x, y: place.y)
        if width >= Timecode.leastWidth, height >= Timecode.leastHeight {
            draw(Timecode(number: number, wallClockMilliseconds: wallClockMilliseconds), into: &frame)
        }
        return frame
    }

    /// The ball's upper left corner, on even pixels: steady from wall to wall, bouncing off the bars.
    ///
    /// The two periods have no common factor, so a picture does not come again for two minutes.
    private func position(_ number: Int) -> (x: Int, y: Int) {
        let across = 53
        let bounce = 37
        let step = ((number % (2 * across)) + 2 * across) % (2 * across)
        let room = max(0, width - ball.diameter)
        let x = (step < across ? step : 2 * across - step) * room / across
        let t = ((number % bounce) + bounce) % bounce
        let drop = max(0, Layout.barsTop(height) - ball.diameter - height / 30)
        let y = height / 30 + drop - 4 * t * (bounce - t) * drop / (bounce * bounce)
        return (x & ~1, y & ~1)
    }

    private func draw(_ timecode: Timecode, into frame: inout I420Frame) {
        let bits = timecode.bits
        var pixels = frame.bytes.mutableSpan
        for row in 0..<Timecode.rows {
            let index = Timecode.rowsInPicture - Timecode.rows + row
            let top = Timecode.edge(index, of: Timecode.rowsInPicture, in: height)
            let bottom = Timecode.edge(index + 1, of: Timecode.rowsInPicture, in: height)
            for y in top..<bottom {
                for column in 0..<Timecode.columns {
                    let level = bits[row * Timecode.columns + column] ? Timecode.bright : Timecode.dark
                    let start = y * width + Timecode.edge(column, of: Timecode.columns, in: width)
                    let end = y * width + Timecode.edge(column + 1, of: Timecode.columns, in: width)
                    for i in start..<end { pixels[i] = level }
                }
            }
        }
    }
}

enum Layout {
    /// Where the sky ends.
    static func barsTop(_ height: Int) -> Int { height * 11 / 15 & ~1 }
    /// Where the bars end and the timecode begins.
    static func barsBottom(_ height: Int) -> Int { height * 13 / 15 }
}
