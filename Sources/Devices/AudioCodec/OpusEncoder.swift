import COpus

/// Opus (RFC 6716) for speech: 48 kHz mono, with in-band FEC against single losses.
///
/// One thread at a time.
public struct OpusEncoder: ~Copyable {
    private let encoder: OpaquePointer
    private var bitrate: Int
    private let complexity: Int
    private var expectedLoss: Int
    /// RFC 6716, section 3.2.1: no frame is longer than 1275 bytes.
    private static let mostBytes: Int32 = 1276

    /// - Parameters:
    ///   - bitrate: bits a second, 6000 to 128000.
    ///   - complexity: 0 to 10.
    ///   - expectedLossPercent: see `setExpectedLoss`.
    public init(bitrate: Int = 32_000, complexity: Int = 5, expectedLossPercent: Int = 10) throws(AudioCodecError) {
        var status: Int32 = 0
        guard let made = opus_encoder_create(Int32(OpusFormat.sampleRate), 1, OPUS_APPLICATION_VOIP, &status), status == OPUS_OK
        else { throw .library(status) }
        encoder = made
        (self.bitrate, self.complexity, self.expectedLoss) = (bitrate, complexity, expectedLossPercent)
        apply()
    }

    private func apply() {
        copus_set_bitrate(encoder, Int32(max(6000, min(128_000, bitrate))))
        copus_set_complexity(encoder, Int32(max(0, min(10, complexity))))
        copus_set_signal_voice(encoder)
        copus_set_inband_fec(encoder, expectedLoss > 0 ? 1 : 0)
        copus_set_expected_loss(encoder, Int32(max(0, min(100, expectedLoss))))
    }

    /// From the next packet on.
    /// - Parameter bitrate: bits a second, 6000 to 128000.
    public mutating func setBitrate(_ bitrate: Int) {
        self.bitrate = bitrate
        apply()
    }

    /// How much FEC is worth its bits, from the next packet on; 0: none at all.
    ///
    /// libopus gives none to a sound without speech, such as a tone, and at 32 kbit/s none for less than 10 %.
    public mutating func setExpectedLoss(_ percent: Int) {
        expectedLoss = percent
        apply()
    }

    deinit { opus_encoder_destroy(encoder) }

    /// - Parameter samples: 960 of them, 20 ms.
    public mutating func encode(_ samples: [Int16]) throws(AudioCodecError) -> [UInt8] {
        guard samples.count == OpusFormat.samplesPerPacket else { throw .badLength(samples.count) }
        var status: Int32 = 0
        let payload = [UInt8](unsafeUninitializedCapacity: Int(Self.mostBytes)) { buffer, count in
            status = samples.withUnsafeBufferPointer { samples in
                guard let source = samples.baseAddress, let target = buffer.baseAddress else { return OPUS_BAD_ARG }
                return opus_encode(encoder, source, Int32(samples.count), target, Self.mostBytes)
            }
            count = max(0, Int(status))
        }
        guard status > 0 else { throw .library(status) }
        return payload
    }

    /// Forgets all sound so far, also what its look-ahead still holds. Settings stay. `OPUS_RESET_STATE` would keep what was decided for
    /// that sound, its bandwidth and FEC.
    public mutating func reset() {
        _ = opus_encoder_init(encoder, Int32(OpusFormat.sampleRate), 1, OPUS_APPLICATION_VOIP)
        apply()
    }
}

extension AudioCodecError {
    static func library(_ status: Int32) -> AudioCodecError {
        status == OPUS_INVALID_PACKET ? .corrupt : .library(status: status, String(cString: opus_strerror(status)))
    }
}
