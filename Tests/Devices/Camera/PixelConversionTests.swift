import MediaTypes
import Primitives
import Testing

@testable import Camera

@Suite struct PixelConversionTests {
    static let arrangements: [PixelLayout.Arrangement] = [
        .planar(vFirst: false), .planar(vFirst: true), .semiPlanar(vFirst: false), .semiPlanar(vFirst: true), .packed(lumaFirst: true),
        .packed(lumaFirst: false),
    ]
    static let sizes = [(1, 1), (2, 2), (3, 3), (16, 9), (33, 18), (64, 47), (320, 180)]

    static func layout(_ arrangement: PixelLayout.Arrangement, _ size: (Int, Int), padding: Int) -> PixelLayout {
        let least = PixelLayout.leastBytesPerLine(arrangement, width: size.0)
        return PixelLayout(arrangement: arrangement, width: size.0, height: size.1, bytesPerLine: least + padding)
    }

    private func convert(_ bytes: [UInt8], _ layout: PixelLayout) -> [UInt8]? {
        bytes.withUnsafeBufferPointer { PixelConversion.i420(from: $0, layout: layout) }
    }

    /// One pixel at a time, straight from the formats' definitions.
    private func reference(_ bytes: [UInt8], _ layout: PixelLayout) -> [UInt8] {
        let (width, height, stride) = (layout.width, layout.height, layout.bytesPerLine)
        let (chromaWidth, chromaHeight) = ((width + 1) / 2, (height + 1) / 2)
        var result: [UInt8] = []
        for y in 0..<height {
            for x in 0..<width {
                switch layout.arrangement {
                case .planar, .semiPlanar: result.append(bytes[y * stride + x])
                case .packed(let lumaFirst): result.append(bytes[y * stride + 2 * x + (lumaFirst ? 0 : 1)])
                }
            }
        }
        for isV in [false, true] {
            for y in 0..<chromaHeight {
                for x in 0..<chromaWidth {
                    switch layout.arrangement {
                    case .planar(let vFirst):
                        let chromaStride = max(stride / 2, chromaWidth)
                        let plane = height * stride + (isV != vFirst ? chromaStride * chromaHeight : 0)
                        result.append(bytes[plane + y * chromaStride + x])
                    case .semiPlanar(let vFirst):
                        let chromaStride = max(stride, 2 * chromaWidth)
                        result.append(bytes[height * stride + y * chromaStride + 2 * x + (isV != vFirst ? 1 : 0)])
                    case .packed(let lumaFirst):
                        let offset = 4 * x + (isV ? 2 : 0) + (lumaFirst ? 1 : 0)
                        let (upper, lower) = (2 * y, min(2 * y + 1, height - 1))
                        result.append(UInt8((Int(bytes[upper * stride + offset]) + Int(bytes[lower * stride + offset]) + 1) / 2))
                    }
                }
            }
        }
        return result
    }

    @Test(arguments: arrangements, [0, 6])
    func agreesWithTheDefinition(arrangement: PixelLayout.Arrangement, padding: Int) throws {
        for size in Self.sizes {
            let layout = Self.layout(arrangement, size, padding: padding)
            let count = try #require(layout.byteCount)
            var random = RandomSource.seeded(UInt64(size.0 * 1000 + size.1))
            let bytes = random.bytes(count)
            let converted = try #require(convert(bytes, layout))
            #expect(converted == reference(bytes, layout), "\(arrangement) \(size) padding \(padding)")
            #expect(I420Frame(width: size.0, height: size.1, bytes: converted, time: .zero) != nil)
        }
    }

    @Test(arguments: arrangements)
    func refusesAShortPicture(arrangement: PixelLayout.Arrangement) throws {
        let layout = Self.layout(arrangement, (5, 3), padding: 2)
        let count = try #require(layout.byteCount)
        for length in 0..<count { #expect(convert([UInt8](repeating: 7, count: length), layout) == nil) }
        #expect(convert([UInt8](repeating: 7, count: count), layout) != nil)
    }

    @Test func refusesALayoutThatMakesNoSense() {
        let bytes = [UInt8](repeating: 0, count: 4096)
        for (width, height, stride) in [(0, 4, 8), (4, -1, 8), (16, 16, 15), (Int.max, 2, 8), (4, 4, Int.max), (20000, 2, 20000)] {
            let layout = PixelLayout(arrangement: .planar(vFirst: false), width: width, height: height, bytesPerLine: stride)
            #expect(convert(bytes, layout) == nil, "\(width)x\(height) in \(stride)")
        }
    }

    @Test func fullRangeBecomesLimitedRange() throws {
        var layout = Self.layout(.planar(vFirst: false), (2, 2), padding: 0)
        layout.isFullRange = true
        #expect(convert([0, 128, 200, 255, 0, 255], layout) == [16, 126, 187, 235, 16, 240])
        #expect(convert([0, 0, 0, 0, 128, 128], layout) == [16, 16, 16, 16, 128, 128])
    }
}
