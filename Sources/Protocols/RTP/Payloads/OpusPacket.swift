/// What an Opus packet says about itself without being decoded (RFC 6716 section 3).
public enum OpusPacket {
    /// How long its sound is, in ticks of 48 kHz, 120 to 5760; nil when it is no Opus packet.
    public static func duration(_ payload: [UInt8]) -> Int64? {
        guard let first = payload.first else { return nil }
        let frames: Int64
        switch first & 3 {
        case 0: frames = 1
        case 1, 2: frames = 2
        default:
            guard payload.count >= 2 else { return nil }
            frames = Int64(payload[1] & 0x3f)
        }
        let ticks = frames * frameTicks(first)
        return (120...5760).contains(ticks) ? ticks : nil
    }

    private static func frameTicks(_ first: UInt8) -> Int64 {
        let configuration = first >> 3
        switch configuration {
        case 0..<12: return [480, 960, 1920, 2880][Int(configuration & 3)]
        case 12..<16: return configuration & 1 == 0 ? 480 : 960
        default: return 120 << Int64(configuration & 3)
        }
    }

    /// Whether it holds a rough copy of the packet before it: the LBRR flag behind the voice activity flags (section 4.2.3). Only packets of
    /// one frame with a SILK layer can; others are taken to have none.
    public static func hasFEC(_ payload: [UInt8]) -> Bool {
        guard payload.count >= 2, payload[0] & 0x83 == 0 else { return false }
        let silkFrames = max(1, frameTicks(payload[0]) / 960)
        let flags = payload[1]
        if flags & (0x80 >> UInt8(silkFrames)) != 0 { return true }
        let isStereo = payload[0] & 4 != 0
        return isStereo && silkFrames <= 3 && flags & (0x80 >> UInt8(2 * silkFrames + 1)) != 0
    }
}
