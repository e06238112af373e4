import MediaTypes
import Primitives

@testable import RTP

/// Calls in simulated time over one shared path: each sends audio and what an encoder makes that follows the target.
struct Simulation {
    struct Flow {
        var sender: RTPSession
        var receiver: RTPSession
        var begins: Instant
        var target = 300_000
        var targets: [(at: Instant, bitrate: Int)] = []
        var audioNetworks: [(at: Instant, lost: Double)] = []
        /// What the encoder makes at the most, as when the picture has little in it.
        var most = Int.max
        var wantsKeyFrame = true
        var frames = 0
        var keyFrames = 0
        var framesReceived: [Instant] = []
        var payload = 0
        var nextAudio: Instant
        var nextFrame: Instant
        var wire = 0
        var rtp: ((_ packet: [UInt8]) -> Void)?
    }

    var flows: [Flow] = []
    var forward: Bottleneck
    var back: Bottleneck
    var now = Instant.zero + .seconds(5)
    var sendsVideo = true
    /// The other side sends sound too, and so knows the round trip.
    var isMutual = false
    var keyFrameFactor = 4
    /// What each audio packet carries, by how many went before.
    var audioPayload: (Int) -> Int = { _ in 70 }
    /// What the first key frame has at least, as when an encoder begins.
    var firstKeyFrame = 0
    private var audioPackets = 0
    private var random: RandomSource
    /// The estimate every 100 ms.
    var estimates: [(at: Instant, bitrate: Int)] = []
    private var nextSample = Instant.zero

    init(
        seed: UInt64, rate: Double, delay: Interval, flows count: Int = 1, start: Int = 300_000, maximum: Int = 5_000_000,
        configure: (inout NegotiatedMedia) -> Void = {
            $0.videoTransportSequenceID = 2; $0.audioTransportSequenceID = 2
        }
    ) {
        random = .seeded(seed)
        forward = Bottleneck(rate: rate, delay: delay, seed: random.next())
        back = Bottleneck(rate: 100_000_000, delay: delay, seed: random.next())
        var media = NegotiatedMedia(
            videoPayloadType: 96, videoRTXPayloadType: 97, audioPayloadType: 111, midExtensionID: 4, videoMID: "1", audioMID: "0")
        media.reducedSizeRTCP = true
        configure(&media)
        for index in 0..<count {
            func session() -> RTPSession {
                var configuration = RTPSession.Configuration(localSSRCs: .random(using: &random), cname: "test", media: media)
                configuration.initialVideoBitrate = start
                configuration.maximumVideoBitrate = maximum
                return RTPSession(configuration: configuration, random: random.fork(), now: now)
            }
            let begins = now + .seconds(8 * index)
            flows.append(
                Flow(
                    sender: session(), receiver: session(), begins: begins, target: start, nextAudio: begins,
                    nextFrame: begins + .milliseconds(7 * index)))
        }
    }

    mutating func run(seconds: Double) {
        let end = now + .seconds(seconds)
        while true {
            var at = earliest(forward.nextEvent, back.nextEvent) ?? .distantFuture
            for flow in flows {
                at = min(at, flow.nextAudio, flow.nextFrame)
                at = min(at, flow.sender.nextTimeout ?? .distantFuture, flow.receiver.nextTimeout ?? .distantFuture)
            }
            guard at <= end else { break }
            now = max(now, at)
            while let packet = forward.take(now: now) {
                if packet.isRTCP {
                    flows[packet.flow].receiver.handleRTCP(packet.bytes.span, now: now)
                } else {
                    flows[packet.flow].wire += packet.bytes.count + Bottleneck.overhead
                    flows[packet.flow].receiver.handleRTP(packet.bytes.span, now: now)
                }
            }
            while let packet = back.take(now: now) {
                if packet.isRTCP {
                    flows[packet.flow].sender.handleRTCP(packet.bytes.span, now: now)
                } else {
                    flows[packet.flow].sender.handleRTP(packet.bytes.span, now: now)
                }
            }
            for index in flows.indices {
                makeMedia(index)
                if let next = flows[index].sender.nextTimeout, next <= now { flows[index].sender.handleTimeout(now: now) }
                if let next = flows[index].receiver.nextTimeout, next <= now { flows[index].receiver.handleTimeout(now: now) }
                drain(index)
            }
            if now >= nextSample, let estimate = flows[0].sender.statistics.availableOutgoingBitrate {
                nextSample = now + .milliseconds(100)
                estimates.append((now, estimate))
            }
        }
        now = end
    }

    private mutating func makeMedia(_ index: Int) {
        if now >= flows[index].nextAudio {
            flows[index].nextAudio = now + .milliseconds(20)
            let time = UInt32(truncatingIfNeeded: now.microseconds * 48 / 1000)
            let frame = EncodedAudioFrame(payload: [UInt8](repeating: 7, count: audioPayload(audioPackets)), timestamp: time)
            audioPackets += 1
            flows[index].sender.sendAudio(frame, now: now)
            if isMutual { flows[index].receiver.sendAudio(frame, now: now) }
        }
        guard now >= flows[index].nextFrame else { return }
        flows[index].nextFrame = now + .microseconds(33_333)
        guard sendsVideo else { return }
        let isKey = flows[index].wantsKeyFrame
        flows[index].wantsKeyFrame = false
        let mean = Double(min(flows[index].target, flows[index].most)) / 8 / 30
        var size = max(100, Int(mean * Double.random(in: 0.6...1.4, using: &random))) * (isKey ? keyFrameFactor : 1)
        if flows[index].keyFrames == 0 { size = max(size, firstKeyFrame) }
        var payload = [UInt8](repeating: 0, count: size)
        payload[0] = isKey ? 0x10 : 0x11
        if isKey { payload.replaceSubrange(3..<6, with: [0x9d, 0x01, 0x2a]) }
        flows[index].frames += 1
        flows[index].keyFrames += isKey ? 1 : 0
        let time = UInt32(truncatingIfNeeded: flows[index].frames) &* 3000
        flows[index].sender.sendVideo(EncodedVideoFrame(payload: payload, isKeyFrame: isKey, timestamp: time, time: now), now: now)
    }

    private mutating func drain(_ index: Int) {
        while let output = flows[index].sender.poll() {
            switch output {
            case .transmitRTP(let bytes):
                flows[index].rtp?(bytes)
                forward.send(.init(flow: index, bytes: bytes, isRTCP: false), now: now)
            case .transmitRTCP(let bytes): forward.send(.init(flow: index, bytes: bytes, isRTCP: true), now: now)
            case .targetBitrate(let bitrate):
                flows[index].target = bitrate
                flows[index].targets.append((now, bitrate))
            case .audioNetwork(let lost, _): flows[index].audioNetworks.append((now, lost))
            case .keyFrameRequested: flows[index].wantsKeyFrame = true
            default: break
            }
        }
        while let output = flows[index].receiver.poll() {
            switch output {
            case .transmitRTCP(let bytes): back.send(.init(flow: index, bytes: bytes, isRTCP: true), now: now)
            case .transmitRTP(let bytes): back.send(.init(flow: index, bytes: bytes, isRTCP: false), now: now)
            case .video(let frame):
                flows[index].framesReceived.append(now)
                flows[index].payload += frame.payload.count
            default: break
            }
        }
    }

    /// The mean estimate of the last seconds, in kbit/s.
    func meanEstimate(last seconds: Double) -> Double {
        let recent = estimates.filter { now - $0.at <= .seconds(seconds) }
        return recent.reduce(0.0) { $0 + Double($1.bitrate) } / 1000 / Double(max(1, recent.count))
    }

    /// The longest that a packet waited before the link since then, in milliseconds.
    func longestWait(since: Instant) -> Double {
        forward.waits.filter { $0.at >= since }.map(\.wait).max()?.milliseconds ?? 0
    }

    /// When the estimate first was at least so many kbit/s; nil: never.
    func reached(_ kilobits: Int) -> Interval? {
        estimates.first { $0.bitrate >= kilobits * 1000 }.map { $0.at - (.zero + .seconds(5)) }
    }
}
