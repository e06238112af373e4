import MediaTypes
import Primitives
import TestSupport
import Testing

@testable import CellGraphics

/// What a table says of a colour.
private func look(_ mode: ColorMode, _ rgb: UInt32) -> (entry: UInt8, serves: (UInt8, Int32) -> Bool) {
    var entry: UInt8 = 0
    PaletteTable.withView(mode) { view in
        if let view { entry = UInt8(view.color(rgb).nearest) }
    }
    return (
        entry,
        { other, margin in
            var holds = false
            PaletteTable.withView(mode) { view in
                if let view { holds = view.serves(UInt32(other), for: view.color(rgb), margin: margin) }
            }
            return holds
        }
    )
}

/// By the definition, over all entries.
private func distances(_ rgb: UInt32, _ entries: ClosedRange<UInt8>) -> [(entry: UInt8, distance: Float)] {
    let color = OKLab(rgb: Palette.rgb(key: UInt32(Palette.key(rgb))))
    return entries.map { ($0, color.squaredDistance(to: OKLab(rgb: Palette.rgb($0))).squareRoot()) }
}

@Suite struct PaletteTests {
    /// From Björn Ottosson's article and from CSS Color 4's sample values.
    @Test(arguments: [
        (UInt32(0xffffff), Float(1), Float(0), Float(0)), (0x000000, 0, 0, 0), (0xff0000, 0.62796, 0.22486, 0.12585),
        (0x00ff00, 0.86644, -0.23389, 0.17950), (0x0000ff, 0.45201, -0.03246, -0.31153), (0x808080, 0.59987, 0, 0),
    ])
    func okLabOfKnownColours(rgb: UInt32, lightness: Float, a: Float, b: Float) {
        let value = OKLab(rgb: rgb).value
        #expect(abs(value.x - lightness) < 0.001)
        #expect(abs(value.y - a) < 0.001)
        #expect(abs(value.z - b) < 0.001)
    }

    @Test func everyEntryIsNearestToItself() {
        for index in UInt8(16)...255 {
            // Looked up by five bits: where a grey of the cube lies beside one of the greys, that one may come out.
            let found = Palette.rgb(look(.indexed256, Palette.rgb(index)).entry)
            let wanted = Palette.rgb(index)
            #expect([0, 8, 16].allSatisfy { abs(Int(found >> $0 & 255) - Int(wanted >> $0 & 255)) <= 7 }, "\(index)")
        }
        for index in UInt8(0)..<16 { #expect(look(.indexed16, Palette.rgb(index)).entry == index) }
    }

    @Test(arguments: [UInt64(1), 2, 3])
    func noEntryIsNearer(seed: UInt64) throws {
        var random = RandomSource.seeded(seed)
        for _ in 0..<400 {
            let rgb = UInt32.random(in: 0...0xff_ffff, using: &random)
            for (mode, range) in [(ColorMode.indexed256, UInt8(16)...255), (.indexed16, 0...15)] {
                let all = distances(rgb, range)
                let least = try #require(all.map(\.distance).min())
                let found = look(mode, rgb).entry
                let distance = try #require(all.first { $0.entry == found }).distance
                #expect(distance <= least + 0.0001, "seed \(seed): \(found) for \(rgb)")
            }
        }
    }

    @Test(arguments: [UInt64(4), 5])
    func whatServesIsWithinTheMargin(seed: UInt64) throws {
        var random = RandomSource.seeded(seed)
        for _ in 0..<200 {
            let rgb = UInt32.random(in: 0...0xff_ffff, using: &random)
            let (entry, serves) = look(.indexed256, rgb)
            #expect(serves(entry, 0))
            let all = distances(rgb, 16...255)
            let least = try #require(all.map(\.distance).min())
            for (other, distance) in all {
                // Two units for the rounding of both.
                if distance < least + 0.018 { #expect(serves(other, 20)) }
                if distance > least + 0.024 { #expect(!serves(other, 20), "seed \(seed): \(other) for \(rgb)") }
            }
        }
    }

    @Test func ditheredFlatColoursComeNearerOnTheAverage() {
        for (mode, rgb) in [(ColorMode.indexed256, UInt32(0x9f7050)), (.indexed256, 0x607890), (.indexed16, 0x606060)] {
            let dither = OrderedDither(mode, isOn: true)
            var sums = (0, 0, 0)
            for y in 0..<4 {
                for x in 0..<4 {
                    let shown = Palette.rgb(look(mode, dither.applied(to: rgb, x: x, y: y)).entry)
                    sums.0 += Int(shown >> 16)
                    sums.1 += Int(shown >> 8 & 255)
                    sums.2 += Int(shown & 255)
                }
            }
            let flat = Palette.rgb(look(mode, rgb).entry)
            func distance(_ red: Int, _ green: Int, _ blue: Int) -> Int {
                abs(red - Int(rgb >> 16)) + abs(green - Int(rgb >> 8 & 255)) + abs(blue - Int(rgb & 255))
            }
            let mixed = distance(sums.0 / 16, sums.1 / 16, sums.2 / 16)
            #expect(mixed < distance(Int(flat >> 16), Int(flat >> 8 & 255), Int(flat & 255)), "\(mode) \(rgb)")
        }
    }

    @Test func ditheringIsOffUnlessAskedForAndInTheOtherModes() {
        for (mode, isOn) in [(ColorMode.indexed256, false), (.truecolor, true), (.none, true)] {
            let dither = OrderedDither(mode, isOn: isOn)
            for place in 0..<16 { #expect(dither.applied(to: 0x123456, x: place & 3, y: place >> 2) == 0x123456) }
        }
    }
}
