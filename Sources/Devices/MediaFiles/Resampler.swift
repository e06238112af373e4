import CSpeexDSP
import MediaTypes

/// Mono sound of any rate to 48 kHz, by speexdsp.
struct Resampler: ~Copyable {
    private let state: OpaquePointer
    private let rate: Int

    /// - Parameter rate: samples a second, 1000 to 768000.
    init(from rate: Int) throws(MediaDeviceError) {
        var status: Int32 = 0
        guard (1000...768_000).contains(rate), let made = speex_resampler_init(1, UInt32(rate), 48_000, 5, &status), status == 0 else {
            throw MediaDeviceError(.unsupported, "Sound with \(rate) samples a second cannot be converted.")
        }
        state = made
        self.rate = rate
        // Without it the output would begin with the filter's delay.
        speex_resampler_skip_zeros(state)
    }

    deinit { speex_resampler_destroy(state) }

    /// Appends what comes out of `input`, all of which is taken.
    mutating func process(_ input: [Float], into output: inout [Float]) {
        var taken = 0
        while taken < input.count {
            let room = max(64, (input.count - taken) * 48_000 / rate + 64)
            var inCount = UInt32(input.count - taken)
            var outCount = UInt32(room)
            let piece = [Float](unsafeUninitializedCapacity: room) { buffer, count in
                input.withUnsafeBufferPointer { input in
                    guard let source = input.baseAddress, let target = buffer.baseAddress else { return }
                    _ = speex_resampler_process_float(state, 0, source + taken, &inCount, target, &outCount)
                }
                count = min(room, Int(outCount))
            }
            output += piece
            taken += Int(inCount)
            if inCount == 0 && outCount == 0 { return }
        }
    }
}
