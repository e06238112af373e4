import DTLS
import MediaTypes
import PeerConnection
import Primitives
import SCTP

/// One side of a simulated call: a peer connection, a made-up encoder and microphone, and a record of all that came out.
final class Endpoint {
    let name: String
    var address: SocketAddress
    var peer: PeerConnection
    var random: RandomSource

    var isSending = true
    private(set) var nextVideo: Instant?
    private(set) var nextAudio: Instant?
    private var frameNumber: UInt32 = 0
    private var audioNumber: UInt32 = 0
    private var wantsKeyFrame = true
    /// What was handed to the peer, by time stamp.
    private(set) var sentVideo: [UInt32: (number: UInt32, payload: [UInt8], at: Instant)] = [:]
    private(set) var sentAudio: [UInt32: [UInt8]] = [:]

    var receivedVideo: [(frame: EncodedVideoFrame, at: Instant)] = []
    var receivedAudio: [ReceivedAudioPacket] = []
    var targetBitrates: [Int] = []
    var audioLosses: [Double] = []
    var states: [(state: PeerConnectionState, at: Instant)] = []
    var remoteClosed: RemoteCloseReason?
    var dataEvents: [(event: DataChannelEvent, at: Instant)] = []
    var keyFrameRequests = 0

    init(name: String, address: SocketAddress, peer: consuming PeerConnection, random: RandomSource) {
        self.name = name
        self.address = address
        self.peer = peer
        self.random = random
    }

    func startMedia(at now: Instant) {
        nextVideo = now
        nextAudio = now
    }

    var nextMedia: Instant? { [nextVideo, nextAudio].compactMap { $0 }.min() }

    func produceMedia(now: Instant) {
        if let due = nextVideo, due <= now {
            nextVideo = due + .microseconds(33_333)
            let isKeyFrame = wantsKeyFrame
            wantsKeyFrame = false
            let timestamp = 1_000 &+ frameNumber &* 3000
            let bytes = isKeyFrame ? 12_000 : 3_000 + Int(frameNumber % 7) * 400
            // As an encoder of about a megabit does that is told to make less.
            let share = Double(min(1_000_000, max(30_000, targetBitrates.last ?? 1_000_000))) / 1_000_000
            let payload = vp8Payload(isKeyFrame: isKeyFrame, bytes: max(60, Int(Double(bytes) * share)))
            if isSending {
                sentVideo[timestamp] = (frameNumber, payload, now)
                peer.sendVideo(EncodedVideoFrame(payload: payload, isKeyFrame: isKeyFrame, timestamp: timestamp, time: now), now: now)
            }
            frameNumber += 1
        }
        if let due = nextAudio, due <= now {
            nextAudio = due + .milliseconds(20)
            let timestamp = 77 &+ audioNumber &* 960
            let payload = random.bytes(80)
            if isSending {
                sentAudio[timestamp] = payload
                peer.sendAudio(EncodedAudioFrame(payload: payload, timestamp: timestamp, startsTalkspurt: audioNumber == 0), now: now)
            }
            audioNumber += 1
        }
    }

    func keyFrameRequested() {
        keyFrameRequests += 1
        wantsKeyFrame = true
    }

    /// An uncompressed VP8 frame header (RFC 6386 section 9.1) and noise.
    private func vp8Payload(isKeyFrame: Bool, bytes: Int) -> [UInt8] {
        var payload = random.bytes(bytes)
        payload[0] = isKeyFrame ? payload[0] & 0xfe : payload[0] | 1
        if isKeyFrame { payload.replaceSubrange(3..<10, with: [0x9d, 0x01, 0x2a, 0x80, 0x02, 0xe0, 0x01]) }
        return payload
    }

    func firstTime(in state: PeerConnectionState, since: Instant = .zero) -> Instant? {
        states.first { $0.state == state && $0.at >= since }?.at
    }

    /// What is wrong with the frames that came out, if anything: content, order, or one that follows nothing decodable.
    func corruption(comparedWith sender: Endpoint) -> String? {
        var last: UInt32?
        for (frame, at) in receivedVideo {
            guard let sent = sender.sentVideo[frame.timestamp] else { return "\(name): a frame at \(at) that nobody sent" }
            guard sent.payload == frame.payload else { return "\(name): frame \(sent.number) changed on the way" }
            guard frame.isKeyFrame || last.map({ $0 &+ 1 == sent.number }) == true else {
                return "\(name): frame \(sent.number) after \(last.map(String.init) ?? "nothing")"
            }
            last = sent.number
        }
        for packet in receivedAudio where sender.sentAudio[packet.timestamp] != packet.payload {
            return "\(name): audio at \(packet.timestamp) changed on the way"
        }
        return nil
    }

    /// Longest time without a frame.
    func longestGap(from start: Instant, to end: Instant) -> Interval {
        let times = [start] + receivedVideo.map(\.at).filter { $0 > start && $0 <= end } + [end]
        return zip(times, times.dropFirst()).map { $1 - $0 }.max() ?? .zero
    }
}
