import ByteCoding
import MediaTypes
import Primitives

@testable import RTP

/// Two sessions joined by a simulated link, each way with delay, jitter, loss, repeats and a rate; time passes in `run`.
struct Link {
    struct Side {
        var session: RTPSession
        var video: [EncodedVideoFrame] = []
        var videoTimes: [Instant] = []
        var audio: [ReceivedAudioPacket] = []
        var keyFrameRequests: [Instant] = []
        var byes = 0
        var rtcpSent: [(at: Instant, bytes: [UInt8])] = []
        var rtpSent: [(at: Instant, bytes: [UInt8])] = []
    }
    struct Packet {
        var at: Instant
        var order: Int
        var bytes: [UInt8]
        var isRTCP: Bool
        var toB: Bool
    }

    var a: Side
    var b: Side
    var now = Instant(microseconds: 5_000_000)
    var delay = Interval.milliseconds(10)
    var jitter = Interval.zero
    /// 0...1, RTP and RTCP alike.
    var loss = 0.0
    var repeats = 0.0
    var isDown = false
    /// True to lose this packet, whatever `loss` says.
    var drop: ((_ packet: [UInt8], _ toB: Bool) -> Bool)?
    private var flying: [Packet] = []
    private var order = 0
    private var random: RandomSource

    init(seed: UInt64, configure: (inout NegotiatedMedia) -> Void = { _ in }) {
        random = .seeded(seed)
        var media = NegotiatedMedia(
            videoPayloadType: 96, videoRTXPayloadType: 97, audioPayloadType: 111, midExtensionID: 4, videoMID: "1", audioMID: "0")
        media.reducedSizeRTCP = true
        configure(&media)
        func side(_ random: inout RandomSource) -> Side {
            let ssrcs = LocalSSRCs.random(using: &random)
            let configuration = RTPSession.Configuration(localSSRCs: ssrcs, cname: "test", media: media)
            return Side(session: RTPSession(configuration: configuration, random: random.fork(), now: Instant(microseconds: 5_000_000)))
        }
        a = side(&random)
        b = side(&random)
    }

    mutating func drain() {
        while let output = a.session.poll() { take(output, fromA: true) }
        while let output = b.session.poll() { take(output, fromA: false) }
    }

    private mutating func take(_ output: RTPOutput, fromA: Bool) {
        func note(_ change: (inout Side) -> Void) { fromA ? change(&a) : change(&b) }
        switch output {
        case .transmitRTP(let bytes):
            note { $0.rtpSent.append((now, bytes)) }
            send(bytes, isRTCP: false, toB: fromA)
        case .transmitRTCP(let bytes):
            note { $0.rtcpSent.append((now, bytes)) }
            send(bytes, isRTCP: true, toB: fromA)
        case .video(let frame):
            note {
                $0.video.append(frame)
                $0.videoTimes.append(now)
            }
        case .audio(let packet): note { $0.audio.append(packet) }
        case .keyFrameRequested: note { $0.keyFrameRequests.append(now) }
        case .remoteBye: note { $0.byes += 1 }
        case .targetBitrate, .audioNetwork: break
        }
    }

    private mutating func send(_ bytes: [UInt8], isRTCP: Bool, toB: Bool) {
        let copies = Double.random(in: 0..<1, using: &random) < repeats ? 2 : 1
        for _ in 0..<copies {
            let isLost = Double.random(in: 0..<1, using: &random) < loss
            let extra = jitter > .zero ? Int64.random(in: 0...jitter.microseconds, using: &random) : 0
            if isDown || isLost || drop?(bytes, toB) == true { continue }
            order += 1
            flying.append(
                Packet(at: now + delay + .microseconds(extra), order: order, bytes: bytes, isRTCP: isRTCP, toB: toB))
        }
    }

    /// Lets time pass until `end`, delivering and firing timers at their very instants.
    mutating func run(until end: Instant) {
        drain()
        while true {
            let arrival = flying.min { ($0.at, $0.order) < ($1.at, $1.order) }
            let timers = [a.session.nextTimeout, b.session.nextTimeout].compactMap { $0 }
            guard let at = (timers + [arrival?.at].compactMap { $0 }).min(), at <= end else { break }
            now = max(now, at)
            if let arrival, arrival.at <= at {
                flying.removeAll { $0.order == arrival.order }
                deliver(arrival)
            } else {
                a.session.handleTimeout(now: now)
                b.session.handleTimeout(now: now)
            }
            drain()
        }
        now = end
    }

    private mutating func deliver(_ packet: Packet) {
        switch (packet.toB, packet.isRTCP) {
        case (true, false): b.session.handleRTP(packet.bytes.span, now: now)
        case (true, true): b.session.handleRTCP(packet.bytes.span, now: now)
        case (false, false): a.session.handleRTP(packet.bytes.span, now: now)
        case (false, true): a.session.handleRTCP(packet.bytes.span, now: now)
        }
    }

    /// A sends video at 30 frames a second, a key frame first and whenever it is asked to, and 50 audio packets a second.
    mutating func call(seconds: Double, frameSize: Int = 4000, keyFrameSize: Int = 20_000, from first: Int = 0) -> [EncodedVideoFrame] {
        var sent: [EncodedVideoFrame] = []
        var answered = a.keyFrameRequests.count
        let start = now
        for tick in 0..<Int(seconds * 100) {
            run(until: start + .milliseconds(10 * tick))
            if tick % 2 == 0 {
                let n = first + tick / 2
                a.session.sendAudio(EncodedAudioFrame(payload: [UInt8(truncatingIfNeeded: n), 1], timestamp: UInt32(n) &* 960), now: now)
            }
            if tick % 10 == 0 || tick % 10 == 3 || tick % 10 == 7 {
                let n = first + sent.count
                let isKey = sent.isEmpty || a.keyFrameRequests.count > answered
                answered = a.keyFrameRequests.count
                let frame = makeFrame(n, isKeyFrame: isKey, size: isKey ? keyFrameSize : frameSize, now: now)
                sent.append(frame)
                a.session.sendVideo(frame, now: now)
            }
            drain()
        }
        run(until: start + .seconds(seconds))
        return sent
    }
}

/// A frame that looks like VP8 on its first bytes and is different for each number.
func makeFrame(_ number: Int, isKeyFrame: Bool, size: Int, now: Instant) -> EncodedVideoFrame {
    var payload = (0..<max(12, size)).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ number) }
    payload[0] = isKeyFrame ? 0x10 : 0x11
    if isKeyFrame { payload.replaceSubrange(3..<6, with: [0x9d, 0x01, 0x2a]) }
    payload.replaceSubrange(6..<10, with: (0..<4).map { UInt8(truncatingIfNeeded: number >> (24 - 8 * $0)) })
    return EncodedVideoFrame(payload: payload, isKeyFrame: isKeyFrame, timestamp: UInt32(truncatingIfNeeded: number) &* 3000, time: now)
}

func numberOf(_ frame: EncodedVideoFrame) -> Int { frame.payload[6..<10].reduce(0) { $0 << 8 | Int($1) } }
