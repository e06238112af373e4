import Primitives

/// What both session descriptions agreed on for the two media of a call; an answer's payload types and extension ids hold both ways.
public struct NegotiatedMedia: Sendable, Equatable {
    /// VP8; nil: there is no video section.
    public var videoPayloadType: UInt8?
    /// The `rtx` format whose `apt` is the video's (RFC 4588); nil: lost packets are sent again as they were.
    public var videoRTXPayloadType: UInt8?
    /// Opus; nil: there is no audio section.
    public var audioPayloadType: UInt8?
    /// `red/48000/2` with the audio's payload type in its `fmtp` (RFC 2198); nil: audio goes without copies.
    public var audioREDPayloadType: UInt8?
    /// The id of `urn:ietf:params:rtp-hdrext:sdes:mid` (RFC 8843), 1...14 for one-byte extensions, up to 255 for two-byte ones.
    public var midExtensionID: UInt8?
    public var videoMID: String?
    public var audioMID: String?
    /// From `a=ssrc` and `a=ssrc-group:FID`; an undeclared one is learnt from its packets.
    public var remoteVideoSSRC: UInt32?
    public var remoteVideoRTXSSRC: UInt32?
    public var remoteAudioSSRC: UInt32?
    /// `a=rtcp-fb … nack` on video: both ways.
    public var videoNACK = true
    /// `a=rtcp-fb … nack pli` on video: both ways.
    public var videoPLI = true
    /// The id of the transport-wide sequence number on video, where `a=rtcp-fb … transport-cc` goes with it: both ways.
    public var videoTransportSequenceID: UInt8?
    /// The same on audio.
    public var audioTransportSequenceID: UInt8?
    /// The id of `abs-send-time` on video; sent while there is no transport-wide number.
    public var videoSendTimeID: UInt8?
    /// `a=rtcp-fb … goog-remb` on video: both ways.
    public var videoREMB = false
    /// `a=rtcp-rsize` (RFC 5506): feedback may go out alone, not behind a report.
    public var reducedSizeRTCP = false

    public init(
        videoPayloadType: UInt8? = nil, videoRTXPayloadType: UInt8? = nil, audioPayloadType: UInt8? = nil, midExtensionID: UInt8? = nil,
        videoMID: String? = nil, audioMID: String? = nil
    ) {
        self.videoPayloadType = videoPayloadType
        self.videoRTXPayloadType = videoRTXPayloadType
        self.audioPayloadType = audioPayloadType
        self.midExtensionID = midExtensionID
        self.videoMID = videoMID
        self.audioMID = audioMID
    }
}

/// The sources this side sends as, made up once per session; `a=ssrc` lines announce them.
public struct LocalSSRCs: Sendable, Equatable {
    public var video: UInt32
    public var videoRTX: UInt32
    public var audio: UInt32

    public init(video: UInt32, videoRTX: UInt32, audio: UInt32) {
        self.video = video
        self.videoRTX = videoRTX
        self.audio = audio
    }
}

extension LocalSSRCs {
    /// Three different ones, none of them zero.
    public static func random(using random: inout RandomSource) -> LocalSSRCs {
        var drawn: [UInt32] = []
        while drawn.count < 3 {
            let value = UInt32.random(in: 1...UInt32.max, using: &random)
            if !drawn.contains(value) { drawn.append(value) }
        }
        return LocalSSRCs(video: drawn[0], videoRTX: drawn[1], audio: drawn[2])
    }
}
