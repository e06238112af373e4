import MediaTypes
import Primitives

private struct Colour {
    var y: Int
    var u: Int
    var v: Int
}

/// Dusk, from the zenith to the horizon, as stops over the height of the sky.
private let sky = [
    Colour(y: 44, u: 150, v: 118), Colour(y: 62, u: 156, v: 128), Colour(y: 88, u: 142, v: 146), Colour(y: 128, u: 112, v: 158),
    Colour(y: 160, u: 92, v: 152),
]

/// White, yellow, cyan, green, magenta, red, blue at 75 % (BT.601), the order of any test card.
private let bars = [
    Colour(y: 180, u: 128, v: 128), Colour(y: 162, u: 44, v: 142), Colour(y: 131, u: 156, v: 44), Colour(y: 112, u: 72, v: 58),
    Colour(y: 84, u: 184, v: 198), Colour(y: 65, u: 100, v: 212), Colour(y: 35, u: 212, v: 114),
]

/// Everything that stands still.
func drawBackground(width: Int, height: Int) -> I420Frame {
    var frame = I420Frame(width: width, height: height, y: Timecode.dark, time: .zero)
    let top = Layout.barsTop(height)
    let bottom = Layout.barsBottom(height)
    let chromaWidth = frame.chromaWidth
    let (u, v) = (frame.chromaOffset, frame.chromaOffset + frame.chromaCount)
    func colour(x: Int, y: Int) -> Colour? {
        if y < top { return skyColour(y, of: top) }
        return y < bottom ? bars[min(bars.count - 1, x * bars.count / width)] : nil
    }
    for y in 0..<bottom {
        for x in 0..<width {
            guard let colour = colour(x: x, y: y) else { continue }
            frame.bytes[y * width + x] = UInt8(clamping: colour.y)
            if y & 1 == 0, x & 1 == 0 {
                let i = (y / 2) * chromaWidth + x / 2
                frame.bytes[u + i] = UInt8(clamping: colour.u)
                frame.bytes[v + i] = UInt8(clamping: colour.v)
            }
        }
    }
    return frame
}

private func skyColour(_ y: Int, of height: Int) -> Colour {
    let place = y * 256 * (sky.count - 1) / max(height, 1)
    let stop = min(sky.count - 2, place / 256)
    let part = place - stop * 256
    let (from, to) = (sky[stop], sky[stop + 1])
    func mix(_ a: Int, _ b: Int) -> Int { (a * (256 - part) + b * part) / 256 }
    return Colour(y: mix(from.y, to.y), u: mix(from.u, to.u), v: mix(from.v, to.v))
}
