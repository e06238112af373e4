/// A colour where equal distances look equally far apart (Björn Ottosson's OKLab): lightness 0...1, and two hue axes of about -0.3...0.3.
struct OKLab {
    /// Lightness, green to red, blue to yellow; the fourth is 0.
    var value: SIMD4<Float>

    /// - Parameter rgb: sRGB, 0x00RRGGBB.
    init(rgb: UInt32, linear: [Float] = OKLab.linear) {
        let red = linear[Int(rgb >> 16 & 255)]
        let green = linear[Int(rgb >> 8 & 255)]
        let blue = linear[Int(rgb & 255)]
        let cones =
            SIMD4<Float>(0.4122214708, 0.2119034982, 0.0883024619, 0) * red
            + SIMD4<Float>(0.5363325363, 0.6806995451, 0.2817188376, 0) * green
            + SIMD4<Float>(0.0514459929, 0.1073969566, 0.6299787005, 0) * blue
        let roots = Self.cubeRoot(cones)
        value =
            SIMD4<Float>(0.2104542553, 1.9779984951, 0.0259040371, 0) * roots.x
            + SIMD4<Float>(0.7936177850, -2.4285922050, 0.7827717662, 0) * roots.y
            + SIMD4<Float>(-0.0040720468, 0.4505937099, -0.8086757660, 0) * roots.z
    }

    func squaredDistance(to other: OKLab) -> Float {
        let d = value - other.value
        let squares = d * d
        return squares.x + squares.y + squares.z
    }

    /// In 1023rds: lightness, then the hue axes from -512 on, ten bits each.
    var packed: UInt32 {
        let scaled = value * 1023 + SIMD4<Float>(0.5, 512.5, 512.5, 0)
        func field(_ value: Float) -> UInt32 { UInt32(max(0, min(1023, value))) }
        return field(scaled.x) << 20 | field(scaled.y) << 10 | field(scaled.z)
    }

    /// The square of the distance between two packed colours.
    @inline(__always)
    static func squaredDistance(_ a: UInt32, _ b: UInt32) -> Int32 {
        let l = Int32(a >> 20) &- Int32(b >> 20)
        let m = Int32(a >> 10 & 1023) &- Int32(b >> 10 & 1023)
        let n = Int32(a & 1023) &- Int32(b & 1023)
        return l &* l &+ m &* m &+ n &* n
    }

    /// Each channel value's amount of light, 0...1.
    static let linear: [Float] = (0..<256).map { value in
        let v = Double(value) / 255
        guard v > 0.04045 else { return Float(v / 12.92) }
        // To the power of 2.4: squared, times the fifth root of that, by Newton.
        let x = (v + 0.055) / 1.055
        let square = x * x
        var root = 1.0
        for _ in 0..<20 { root -= (root * root * root * root * root - square) / (5 * root * root * root * root) }
        return Float(square * root)
    }

    /// Of 0...1: a third of the exponent as a first guess, then Newton twice.
    private static func cubeRoot(_ x: SIMD4<Float>) -> SIMD4<Float> {
        let bits = unsafeBitCast(x, to: SIMD4<UInt32>.self)
        var root = unsafeBitCast(bits / 3 &+ 709_921_077, to: SIMD4<Float>.self)
        for _ in 0..<2 { root = (root + root + x / (root * root)) * (1 / 3) }
        return root.replacing(with: 0, where: x .<= 0)
    }
}
