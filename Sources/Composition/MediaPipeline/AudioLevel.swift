import Glibc

/// How loud a block of samples is, for a meter.
enum AudioLevel {
    /// 0 for silence and for what lies under -60 dB, 1 for full scale, even steps of dB between.
    static func measure(_ samples: [Int16]) -> Float {
        var sum: Int64 = 0
        for sample in samples { sum += Int64(sample) * Int64(sample) }
        guard sum > 0 else { return 0 }
        let decibels = 10 * log10(Double(sum) / Double(samples.count) / (32768 * 32768))
        return Float(max(0, min(1, 1 + decibels / 60)))
    }
}
