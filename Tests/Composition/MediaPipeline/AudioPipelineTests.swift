import AudioCodec
@testable import MediaPipeline
import MediaTypes
import Primitives
import Synchronization
import Testing
import Threading

@Suite struct AudioPipelineTests {
    private let loud = (0..<960).map { Int16($0 % 100 * 200 - 10_000) }

    @Test func mutedSamplesNeverReachTheEncoder() throws {
        let microphone = FedMicrophone()
        let encoded = BoundedRing<EncodedAudioFrame>(capacity: 64)
        let sender = AudioSender(source: microphone, onEncoded: { encoded.push($0) })
        sender.start()
        for _ in 0..<10 {
            microphone.put(loud)
            #expect(encoded.next() != nil)
        }
        sender.setMuted(true)
        // What a new encoder makes of zeros is all that may leave.
        var fresh = try OpusEncoder()
        for _ in 0..<10 {
            microphone.put(loud)
            let expected = try fresh.encode([Int16](repeating: 0, count: 960))
            #expect(encoded.next()?.payload == expected)
        }
        // The meter still hears, so that one can be told of talking while muted.
        #expect(sender.level > 0.5)
        sender.setMuted(false)
        microphone.put(loud)
        #expect(try #require(encoded.next()).payload.count > 20)
        sender.stop()
        #expect(sender.sent == 21)
    }

    @Test func fecFollowsTheLossWithHysteresis() {
        var expected: Int?
        let seen = [0.0, 0.9, 1, 0.6, 0.4, 12, 55, .nan].map { loss in
            let next = AudioSender.expectedLoss(loss, before: expected)
            expected = next
            return next
        }
        #expect(seen == [0, 0, 10, 10, 0, 12, 30, 0])
    }

    @Test func theEncoderHearsOfTheNetwork() throws {
        let microphone = FedMicrophone()
        let encoded = BoundedRing<EncodedAudioFrame>(capacity: 64)
        let sender = AudioSender(source: microphone, onEncoded: { encoded.push($0) })
        sender.start()
        func bytes() throws -> Int {
            try (0..<20).reduce(0) { sum, _ in
                microphone.put(loud)
                return sum + (try #require(encoded.next())).payload.count
            }
        }
        let before = try bytes()
        sender.setNetwork(lossPercent: 0, bitrate: 12_000)
        #expect(try bytes() * 3 < before * 2)
        sender.stop()
    }

    @Test func timeStampsGoOnWhileNobodyListens() throws {
        let microphone = FedMicrophone()
        let encoded = BoundedRing<EncodedAudioFrame>(capacity: 64)
        let sender = AudioSender(source: microphone, onEncoded: { encoded.push($0) })
        sender.start()
        microphone.put(loud)
        let first = try #require(encoded.next())
        #expect(first.startsTalkspurt)
        microphone.put(loud)
        #expect(encoded.next()?.timestamp == first.timestamp &+ 960)
        sender.setSending(false)
        for _ in 0..<3 { microphone.put(loud) }
        // The level of silence tells that all of them have been read.
        microphone.put([Int16](repeating: 0, count: 960))
        while sender.level > 0 { MonotonicClock.sleep(until: MonotonicClock.now() + .milliseconds(1)) }
        sender.setSending(true)
        microphone.put(loud)
        let next = try #require(encoded.next())
        #expect(next.timestamp == first.timestamp &+ 6 * 960 && next.startsTalkspurt)
        sender.stop()
    }

    @Test func streamsAreMixedAndLimited() throws {
        let speaker = SteppedSpeaker()
        let receiver = AudioReceiver(sink: speaker)
        let streams = try (0..<3).map { _ in try #require(receiver.addStream()) }
        receiver.start()
        for stream in streams {
            var encoder = try OpusEncoder()
            let microphone = TestMicrophone(hertz: 300, amplitude: 0.9, paced: false)
            var block = loud
            for number in 0..<20 {
                _ = try microphone.read(into: &block)
                let payload = try encoder.encode(block)
                stream.push(
                    ReceivedAudioPacket(
                        sequenceNumber: UInt16(number), timestamp: UInt32(number * 960), payload: payload, arrival: MonotonicClock.now()))
            }
        }
        // Three voices at nearly full scale together are as loud as can be, and no louder.
        var (peak, atEdge) = (0, 0)
        for _ in 0..<400 where peak < 30_000 {
            speaker.allow(1)
            for sample in try #require(speaker.played.next()) {
                peak = max(peak, abs(Int(sample)))
                if abs(Int(sample)) >= 32_767 { atEdge += 1 }
            }
            MonotonicClock.sleep(until: MonotonicClock.now() + .milliseconds(5))
        }
        #expect(peak >= 30_000 && atEdge < 10)
        #expect(receiver.statistics.received == 60)
        receiver.removeStream(streams[0])
        #expect(receiver.statistics.received == 60)
        receiver.stop()
    }

    @Test func aStreamsOwnSoundIsHeardBeforeTheMix() throws {
        let speaker = SteppedSpeaker()
        let receiver = AudioReceiver(sink: speaker)
        let own = BoundedRing<[Int16]>(capacity: 4096)
        let hear: @Sendable ([Int16]) -> Void = { own.push($0) }
        let first = try #require(receiver.addStream(onSamples: hear))
        let second = try #require(receiver.addStream())
        receiver.start()
        for (stream, hertz) in [(first, 300.0), (second, 1000)] {
            var encoder = try OpusEncoder()
            let microphone = TestMicrophone(hertz: hertz, amplitude: 0.9, paced: false)
            var block = loud
            for number in 0..<60 {
                _ = try microphone.read(into: &block)
                let payload = try encoder.encode(block)
                stream.push(
                    ReceivedAudioPacket(
                        sequenceNumber: UInt16(number), timestamp: UInt32(number * 960), payload: payload, arrival: MonotonicClock.now()))
            }
        }
        let meter = ToneMeter()
        var blocks = 0
        while meter.measure().hertz == 0, blocks < 200 {
            speaker.allow(1)
            _ = speaker.played.next()
            while let samples = own.pop() { meter.add(samples) }
            blocks += 1
        }
        #expect(abs(meter.measure().hertz - 300) < 5)
        receiver.stop()
    }

    @Test func aSpeakerThatFailsIsReportedAndTheCallGoesOn() throws {
        let speaker = SteppedSpeaker()
        let failures = BoundedRing<MediaDeviceError>(capacity: 4)
        let heard = BoundedRing<[Int16]>(capacity: 64)
        let receiver = AudioReceiver(sink: speaker, onSamples: { heard.push($0) }, onSpeakerFailure: { failures.push($0) })
        receiver.start()
        speaker.allow(3)
        for _ in 0..<3 { #expect(speaker.played.next()?.allSatisfy { $0 == 0 } == true) }
        // Nobody has spoken: nothing is recorded yet.
        #expect(heard.count == 0)
        speaker.fail()
        #expect(failures.next()?.kind == .gone)
        let stream = try #require(receiver.addStream())
        var encoder = try OpusEncoder()
        for number in 0..<10 {
            let payload = try encoder.encode(loud)
            stream.push(
                ReceivedAudioPacket(
                    sequenceNumber: UInt16(number), timestamp: UInt32(number * 960), payload: payload, arrival: MonotonicClock.now()))
        }
        var isHeard = false
        while !isHeard { isHeard = try #require(heard.next()).contains { abs(Int($0)) > 3000 } }
        receiver.stop()
    }
}
