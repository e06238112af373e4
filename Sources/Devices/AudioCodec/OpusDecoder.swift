import COpus

/// Opus (RFC 6716) to 48 kHz mono. One thread at a time.
public struct OpusDecoder: ~Copyable {
    private let decoder: OpaquePointer
    /// One array for every packet, as the longest.
    private var samples = [Int16](repeating: 0, count: OpusFormat.mostSamplesPerPacket)

    public init() throws(AudioCodecError) {
        var status: Int32 = 0
        guard let made = opus_decoder_create(Int32(OpusFormat.sampleRate), 1, &status), status == OPUS_OK else { throw .library(status) }
        decoder = made
    }

    deinit { opus_decoder_destroy(decoder) }

    /// Appends what a packet holds: 120 to 5760 samples.
    /// - Returns: how many.
    @discardableResult
    public mutating func decode(_ payload: [UInt8], into output: inout [Int16]) throws(AudioCodecError) -> Int {
        // No bytes would mean a lost packet to libopus.
        guard !payload.isEmpty else { throw .corrupt }
        return try run(payload, most: OpusFormat.mostSamplesPerPacket, fec: 0, into: &output)
    }

    /// Appends what the packet after a lost one knows about the lost one; without FEC in it, a concealment.
    @discardableResult
    public mutating func decodeFEC(
        _ next: [UInt8], samples count: Int = OpusFormat.samplesPerPacket, into output: inout [Int16]
    ) throws(AudioCodecError) -> Int {
        guard !next.isEmpty else { throw .corrupt }
        return try run(next, most: try Self.checked(count), fec: 1, into: &output)
    }

    /// Appends a guess at what a lost packet held.
    /// - Parameter count: a multiple of 2.5 ms (120 samples), up to 5760.
    @discardableResult
    public mutating func conceal(
        samples count: Int = OpusFormat.samplesPerPacket, into output: inout [Int16]
    ) throws(AudioCodecError) -> Int {
        try run([], most: try Self.checked(count), fec: 0, into: &output)
    }

    /// Forgets the stream.
    public mutating func reset() { copus_reset_decoder(decoder) }

    private static func checked(_ count: Int) throws(AudioCodecError) -> Int {
        guard count > 0, count <= OpusFormat.mostSamplesPerPacket, count % 120 == 0 else { throw .badLength(count) }
        return count
    }

    private mutating func run(_ payload: [UInt8], most: Int, fec: Int32, into output: inout [Int16]) throws(AudioCodecError) -> Int {
        let status = samples.withUnsafeMutableBufferPointer { samples -> Int32 in
            guard let target = samples.baseAddress else { return OPUS_BAD_ARG }
            return payload.withUnsafeBufferPointer { bytes in
                opus_decode(
                    decoder, bytes.isEmpty ? nil : bytes.baseAddress, Int32(truncatingIfNeeded: bytes.count), target, Int32(most), fec)
            }
        }
        guard status >= 0, Int(status) <= samples.count else { throw .library(status) }
        output.append(contentsOf: samples[..<Int(status)])
        return Int(status)
    }
}
