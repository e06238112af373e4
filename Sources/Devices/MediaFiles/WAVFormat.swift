import MediaTypes

/// What the `fmt ` and `data` chunks of a RIFF WAVE file say.
struct WAVFormat {
    enum Sample: Int { case unsigned8 = 1, signed16, signed24, signed32, float32 }

    let channels: Int
    let sampleRate: Int
    let sample: Sample
    /// Where the sound begins in the file, and how many bytes of whole sample frames it has.
    let dataOffset: Int
    let dataCount: Int

    var bytesPerSample: Int { sample == .float32 ? 4 : sample.rawValue }
    var bytesPerFrame: Int { bytesPerSample * channels }

    init(_ file: borrowing FileInput) throws(MediaDeviceError) {
        let name = file.name
        func bad(_ what: String) -> MediaDeviceError { MediaDeviceError(.malformed, "\(name): \(what).") }
        let head = try file.read(12, at: 0)
        guard head.count == 12, head[0..<4].elementsEqual("RIFF".utf8), head[8..<12].elementsEqual("WAVE".utf8) else {
            throw bad("it does not begin with RIFF and WAVE, so it is no WAV file")
        }
        var offset = 12
        var described: (channels: Int, rate: Int, sample: Sample)?
        while true {
            let chunk = try file.read(8, at: offset)
            guard chunk.count == 8 else {
                throw bad("it has no \(described == nil ? "format" : "data") chunk before byte \(file.size)")
            }
            let count = Int(little32(chunk, 4))
            if chunk[0..<4].elementsEqual("fmt ".utf8) {
                let fields = try file.read(min(count, 40), at: offset + 8)
                guard fields.count >= 16 else { throw bad("its format chunk is cut short at byte \(offset + 8 + fields.count)") }
                described = try Self.describe(fields, name)
            } else if chunk[0..<4].elementsEqual("data".utf8) {
                guard let described else { throw bad("its data chunk at byte \(offset) comes before its format chunk") }
                (channels, sampleRate, sample) = described
                dataOffset = offset + 8
                let there = file.size - dataOffset
                // A program that could not come back to the header leaves the most, which means: to the end.
                guard count <= there || count >= 0x7fff_ff00 else {
                    throw bad("its data of \(count) bytes is cut short at byte \(file.size)")
                }
                let size = (sample == .float32 ? 4 : sample.rawValue) * channels
                dataCount = min(count, there) / size * size
                guard dataCount > 0 else { throw bad("it holds no sound") }
                return
            }
            // Chunks are padded to even lengths.
            offset += 8 + count + (count & 1)
        }
    }

    private static func describe(_ fields: [UInt8], _ name: String) throws(MediaDeviceError) -> (Int, Int, Sample) {
        var tag = little16(fields, 0)
        let channels = little16(fields, 2)
        let rate = Int(little32(fields, 4))
        let bits = little16(fields, 14)
        // WAVE_FORMAT_EXTENSIBLE: the real tag begins the sub-format.
        if tag == 0xfffe, fields.count >= 26 { tag = little16(fields, 24) }
        let sample: Sample? =
            switch (tag, bits) {
            case (1, 8): .unsigned8
            case (1, 16): .signed16
            case (1, 24): .signed24
            case (1, 32): .signed32
            case (3, 32): .float32
            default: nil
            }
        guard let sample else {
            throw MediaDeviceError(
                .unsupported,
                "\(name): its samples are of type \(tag) with \(bits) bits; only PCM of 8, 16, 24 or 32 bits and 32-bit float can be used.")
        }
        guard (1...32).contains(channels) else { throw MediaDeviceError(.malformed, "\(name): it has \(channels) channels.") }
        guard (1000...768_000).contains(rate) else { throw MediaDeviceError(.malformed, "\(name): it has \(rate) samples a second.") }
        return (channels, rate, sample)
    }

    /// Sample frames to one channel, -1...1.
    func mono(_ bytes: [UInt8]) -> [Float] {
        let frames = bytes.count / bytesPerFrame
        let scale = 1 / Float(channels)
        return (0..<frames).map { frame in
            var sum: Float = 0
            for channel in 0..<channels { sum += value(bytes, frame * bytesPerFrame + channel * bytesPerSample) }
            return sum * scale
        }
    }

    private func value(_ bytes: [UInt8], _ i: Int) -> Float {
        switch sample {
        case .unsigned8: return (Float(bytes[i]) - 128) / 128
        case .signed16: return Float(Int16(truncatingIfNeeded: little16(bytes, i))) / 32768
        case .signed24:
            let raw = Int32(bytes[i]) << 8 | Int32(bytes[i + 1]) << 16 | Int32(Int8(bitPattern: bytes[i + 2])) << 24
            return Float(raw) / 2_147_483_648
        case .signed32: return Float(Int32(bitPattern: little32(bytes, i))) / 2_147_483_648
        case .float32:
            let value = Float(bitPattern: little32(bytes, i))
            return value.isFinite ? max(-1, min(1, value)) : 0
        }
    }
}

/// The caller has checked that the bytes are there.
private func little16(_ bytes: [UInt8], _ i: Int) -> Int { Int(bytes[i]) | Int(bytes[i + 1]) << 8 }
private func little32(_ bytes: [UInt8], _ i: Int) -> UInt32 { UInt32(little16(bytes, i)) | UInt32(little16(bytes, i + 2)) << 16 }
