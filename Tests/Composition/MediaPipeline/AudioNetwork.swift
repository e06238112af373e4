import AudioCodec
import Glibc
import MediaTypes
import Primitives
import RTP

@testable import MediaPipeline

/// A microphone, a sender, a path that loses, delays, repeats and reorders, and what is heard of it, on a virtual clock.
final class AudioNetwork {
    enum Sound { case tone(Double), voice }

    private struct Flying {
        var at: Instant
        var bytes: [UInt8]
        var isRTCP: Bool
        var toReceiver: Bool
    }

    let stream: AudioStream
    var sender: RTPSession
    var receiver: RTPSession
    var random: RandomSource
    var delay = Interval.milliseconds(50)
    /// Added to each packet's delay.
    var jitter: (Instant) -> Interval = { _ in .zero }
    var loss = 0.0
    var repeats = 0.0
    var isDown = false
    private var encoder: OpusEncoder
    private let sound: Sound
    private var flying: [Flying] = []
    private(set) var now = Instant(microseconds: 10_000_000)
    private var nextBlock = Instant(microseconds: 10_003_000)
    private var number = 0
    private(set) var heard: [Int16] = []

    init(_ sound: Sound, seed: UInt64, hasRED: Bool = true) throws {
        self.sound = sound
        random = .seeded(seed)
        stream = try AudioStream()
        encoder = try OpusEncoder()
        var media = NegotiatedMedia(audioPayloadType: 111)
        media.audioREDPayloadType = hasRED ? 63 : nil
        func session(_ ssrc: UInt32, _ random: inout RandomSource, _ now: Instant) -> RTPSession {
            let ssrcs = LocalSSRCs(video: ssrc, videoRTX: ssrc + 1, audio: ssrc + 2)
            return RTPSession(configuration: .init(localSSRCs: ssrcs, cname: "a", media: media), random: random.fork(), now: now)
        }
        sender = session(10, &random, now)
        receiver = session(20, &random, now)
    }

    private func samples() -> [Int16] {
        (0..<960).map { i in
            let time = Double(number * 960 + i) / 48_000
            switch sound {
            case .tone(let hertz): return Int16(6500 * sin(2 * Double.pi * hertz * time))
            case .voice:
                let turn = time - time.rounded(.down)
                let phase = 2 * Double.pi * (180 * time - 6 * turn * turn)
                let swell = 0.6 + 0.4 * sin(2 * Double.pi * 3 * time)
                return Int16(7000 * swell * (sin(phase) + 0.5 * sin(2 * phase) + 0.3 * sin(3 * phase)))
            }
        }
    }

    func run(seconds: Double) throws {
        let end = now + .seconds(seconds)
        while now < end {
            let tick = now + .milliseconds(20)
            sender.sendAudio(EncodedAudioFrame(payload: try encoder.encode(samples()), timestamp: UInt32(number) &* 960), now: now)
            number += 1
            sender.handleTimeout(now: now)
            receiver.handleTimeout(now: now)
            drain()
            while nextBlock < tick {
                deliver(until: nextBlock)
                var mix = [Int32](repeating: 0, count: 480)
                _ = stream.render(into: &mix, now: nextBlock)
                heard += mix.map { Int16(clamping: $0) }
                nextBlock += .milliseconds(10)
            }
            now = tick
        }
    }

    private func drain() {
        func take(_ output: RTPOutput, toReceiver: Bool) {
            switch output {
            case .transmitRTP(let bytes): send(bytes, false, toReceiver)
            case .transmitRTCP(let bytes): send(bytes, true, toReceiver)
            case .audio(let packet): stream.push(packet)
            default: break
            }
        }
        while let output = sender.poll() { take(output, toReceiver: true) }
        while let output = receiver.poll() { take(output, toReceiver: false) }
    }

    private func send(_ bytes: [UInt8], _ isRTCP: Bool, _ toReceiver: Bool) {
        for _ in 0..<(Double.random(in: 0..<1, using: &random) < repeats ? 2 : 1) {
            if isDown || Double.random(in: 0..<1, using: &random) < loss { continue }
            flying.append(Flying(at: now + delay + jitter(now), bytes: bytes, isRTCP: isRTCP, toReceiver: toReceiver))
        }
    }

    private func deliver(until time: Instant) {
        let due = flying.filter { $0.at <= time }.sorted { $0.at < $1.at }
        flying.removeAll { $0.at <= time }
        for packet in due {
            switch (packet.toReceiver, packet.isRTCP) {
            case (true, false): receiver.handleRTP(packet.bytes.span, now: packet.at)
            case (true, true): receiver.handleRTCP(packet.bytes.span, now: packet.at)
            case (false, true): sender.handleRTCP(packet.bytes.span, now: packet.at)
            case (false, false): break
            }
            drain()
        }
    }

    var statistics: AudioPlayoutStatistics { stream.statistics }
    /// Of all that was played.
    var concealedShare: Double {
        let all = statistics.playedSamples + statistics.concealedSamples + statistics.silentConcealedSamples
        return Double(statistics.concealedSamples + statistics.silentConcealedSamples) / Double(max(1, all))
    }
    var meanDelay: Interval { statistics.jitterBufferDelay / max(1, statistics.jitterBufferEmittedCount) }

    func measuredTone(last samples: Int) -> ToneMeter.Reading {
        let meter = ToneMeter()
        meter.add(Array(heard.suffix(samples)))
        return meter.measure()
    }

    /// Blocks of 10 ms that are quieter than a quarter of the sound.
    func gaps(from start: Int) -> Int {
        stride(from: start, to: heard.count - 480, by: 480).count { i in
            heard[i..<i + 480].reduce(0.0) { $0 + Double($1) * Double($1) } / 480 < 1150 * 1150
        }
    }

    /// By how much the slope changes at most from one sample to the next.
    func sharpestBend(from start: Int) -> Int {
        var most = 0
        for i in start + 2..<heard.count { most = max(most, abs(Int(heard[i]) - 2 * Int(heard[i - 1]) + Int(heard[i - 2]))) }
        return most
    }
}
