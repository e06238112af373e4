import MediaTypes
import Primitives
import RTP

/// An RTP session in the middle of a call, and everything that it gives out looked at.
public struct MediaSession {
    public var clock = SimulatedClock()
    public var session: RTPSession
    public static let videoSSRC: UInt32 = 0x1111_1111, repairSSRC: UInt32 = 0x2222_2222, audioSSRC: UInt32 = 0x3333_3333
    private var timestamp: UInt32 = 1000

    public init() {
        var media = NegotiatedMedia(
            videoPayloadType: 96, videoRTXPayloadType: 97, audioPayloadType: 111, midExtensionID: 1, videoMID: "0", audioMID: "1")
        media.remoteVideoSSRC = Self.videoSSRC
        media.remoteVideoRTXSSRC = Self.repairSSRC
        media.remoteAudioSSRC = Self.audioSSRC
        media.reducedSizeRTCP = true
        media.audioREDPayloadType = 63
        media.videoTransportSequenceID = 2
        media.audioTransportSequenceID = 2
        media.videoSendTimeID = 3
        media.videoREMB = true
        session = RTPSession(
            configuration: .init(localSSRCs: LocalSSRCs(video: 1, videoRTX: 2, audio: 3), cname: "us", media: media), random: .seeded(1),
            now: clock.now)
    }

    /// A picture and a packet of sound, so that there is something to ask for again.
    public mutating func send() {
        timestamp &+= 3000
        let payload = [0x9d, 0x01, 0x2a] + [UInt8](repeating: 7, count: 4000)
        session.sendVideo(EncodedVideoFrame(payload: payload, isKeyFrame: true, timestamp: timestamp, time: clock.now), now: clock.now)
        session.sendAudio(EncodedAudioFrame(payload: [1, 2, 3], timestamp: timestamp), now: clock.now)
        drain()
    }

    public mutating func drain() {
        var outputs = 0
        while let output = session.poll() {
            outputs += 1
            if outputs > 100_000 { violated("outputs without end") }
            switch output {
            case .transmitRTP(let packet): if packet.count > 1500 { violated("an RTP packet of \(packet.count) bytes") }
            case .transmitRTCP(let packet): if packet.count > 1500 { violated("an RTCP packet of \(packet.count) bytes") }
            default: break
            }
        }
    }

    public mutating func run(for time: Interval) {
        // Borrowed apart: the clock moves while the session works.
        var clock = clock
        clock.run(for: time, next: { _ in session.nextTimeout }) {
            session.handleTimeout(now: $0)
            drain()
        }
        self.clock = clock
    }
}
