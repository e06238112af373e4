import MediaTypes
import Primitives

/// What an `RTPSession` wants done or known, handed out by `poll()` one at a time.
public enum RTPOutput: Sendable {
    /// A plaintext RTP packet with spare capacity for the SRTP trailer.
    case transmitRTP([UInt8])
    /// A plaintext, possibly compound RTCP packet with spare capacity for the SRTCP trailer.
    case transmitRTCP([UInt8])
    /// A whole frame that the decoder can take now: a key frame, or the one right after the last that was given out.
    case video(EncodedVideoFrame)
    /// As it arrived, neither ordered nor checked for repeats: that is the `AudioJitterBuffer`'s.
    case audio(ReceivedAudioPacket)
    /// The other side cannot decode what it gets: the next frame must be a key frame. At most one per 300 ms.
    case keyFrameRequested
    /// What the network leaves for the video's payload, in bit/s: the encoder should make no more. Told when it changes by 3 %, at most
    /// every 50 ms.
    case targetBitrate(Int)
    /// How what is sent of the audio fares: 0...1 lost lately, and the round trip. At most once a second.
    case audioNetwork(lossFraction: Double, roundTrip: Interval?)
    /// Every source the other side has sent as has said BYE.
    case remoteBye
}
