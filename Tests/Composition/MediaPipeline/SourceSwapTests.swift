import AudioCodec
import MediaTypes
import Primitives
import TestPattern
import TestSupport
import Testing
import Threading

@testable import MediaPipeline

@Suite struct SourceSwapTests {
    private let settings = VideoSender.Settings(width: 160, height: 120, framesPerSecond: 30, bitrateKbps: 300)
    private let loud = (0..<960).map { Int16(($0 * 37) % 20_000 - 10_000) }

    private func picture(_ number: Int) -> I420Frame {
        TestPattern(width: 160, height: 120).picture(
            number: number, wallClockMilliseconds: Int64(number), time: Instant(microseconds: 1_000_000 + Int64(number) * 33_333))
    }

    @Test func anotherCameraBeginsWithAKeyFrame() throws {
        let (first, second) = (FedCamera(width: 160, height: 120), FedCamera(width: 160, height: 120))
        let encoded = BoundedRing<EncodedVideoFrame>(capacity: 64)
        let sender = VideoSender(source: first, settings: settings, onEncoded: { encoded.push($0) })
        sender.start()
        for number in 0..<3 {
            first.put(picture(number))
            #expect(try #require(encoded.next()).isKeyFrame == (number == 0))
        }
        #expect(sender.replaceSource(with: second) && sender.source === second)
        // The new one ran beside the old one: what is older than what was sent is not shown.
        second.put(picture(1))
        second.put(picture(20))
        let frame = try #require(encoded.next())
        #expect(frame.isKeyFrame && frame.time == picture(20).time)
        second.put(picture(21))
        #expect(try #require(encoded.next()).isKeyFrame == false)
        sender.stop()
        #expect(sender.statistics.captured == 5 && sender.statistics.encoded == 5)
    }

    @Test func aClockThatIsFarBehindStopsNothing() throws {
        let (first, second) = (FedCamera(width: 160, height: 120), FedCamera(width: 160, height: 120))
        let shown = BoundedRing<I420Frame>(capacity: 64)
        let sender = VideoSender(
            source: first, settings: settings, isSending: false, onPicture: { shown.push($0) }, onEncoded: { _ in })
        sender.start()
        first.put(picture(3000))
        #expect(shown.next() != nil)
        sender.replaceSource(with: second)
        second.put(picture(1))
        #expect(shown.next()?.time == picture(1).time)
        sender.stop()
    }

    @Test func aCameraThatIsOffStaysOff() throws {
        let (first, second) = (FedCamera(width: 160, height: 120), FedCamera(width: 160, height: 120))
        let encoded = BoundedRing<EncodedVideoFrame>(capacity: 64)
        let shown = BoundedRing<I420Frame>(capacity: 64)
        let sender = VideoSender(source: first, settings: settings, onPicture: { shown.push($0) }, onEncoded: { encoded.push($0) })
        sender.setEnabled(false)
        sender.start()
        sender.replaceSource(with: second)
        for number in 0..<8 { second.put(picture(number)) }
        while sender.statistics.captured < 8 { MonotonicClock.sleep(until: MonotonicClock.now() + .milliseconds(1)) }
        sender.setEnabled(true)
        second.put(picture(50))
        #expect(encoded.next()?.time == picture(50).time && shown.next()?.time == picture(50).time)
        sender.stop()
        #expect(sender.statistics.encoded == 1)
    }

    @Test func withoutACameraThereMayBeOneLater() throws {
        let encoded = BoundedRing<EncodedVideoFrame>(capacity: 64)
        let ended = BoundedRing<Bool>(capacity: 4)
        let sender = VideoSender(
            source: nil, settings: settings, onEncoded: { encoded.push($0) }, onEnd: { ended.push(true) })
        #expect(sender.start() && sender.source == nil)
        for number in 0..<3 {
            let camera = FedCamera(width: 160, height: 120)
            sender.replaceSource(with: camera)
            camera.put(picture(number))
            #expect(encoded.next()?.time == picture(number).time)
            sender.replaceSource(with: nil)
        }
        sender.stop()
        // One that was replaced has not ended.
        #expect(ended.pop() == nil)
        let late = FedCamera(width: 160, height: 120)
        sender.replaceSource(with: late)
        let frame = try late.next()
        #expect(sender.source == nil && frame == nil)
    }

    @Test func aFailedCameraIsOutOfUseAndCanBeReplaced() throws {
        let failures = BoundedRing<MediaDeviceError>(capacity: 4)
        let encoded = BoundedRing<EncodedVideoFrame>(capacity: 64)
        let sender = VideoSender(
            source: UnpluggedCamera(), settings: settings, onEncoded: { encoded.push($0) }, onFailure: { failures.push($0) })
        sender.start()
        #expect(failures.next()?.kind == .gone && sender.source == nil)
        let camera = FedCamera(width: 160, height: 120)
        sender.replaceSource(with: camera)
        camera.put(picture(1))
        #expect(encoded.next()?.isKeyFrame == true)
        sender.stop()
    }

    /// VP8 has no picture of this width.
    private func unencodable(_ number: Int) -> I420Frame { I420Frame(width: 16_384, height: 16, time: picture(number).time) }

    private let large = VideoSender.Settings(width: 16_384, height: 120, framesPerSecond: 30, bitrateKbps: 50_000)

    /// Returns when so many pictures have failed in all.
    private func putUnencodable(_ numbers: Range<Int>, _ camera: FedCamera, _ sender: VideoSender) {
        let before = sender.statistics.failed
        for number in numbers {
            camera.put(unencodable(number))
            while sender.statistics.failed < before + 1 + number - numbers.lowerBound {
                MonotonicClock.sleep(until: MonotonicClock.now() + .milliseconds(1))
            }
        }
    }

    @Test func picturesThatCannotBeEncodedAreLeftOut() throws {
        let failures = BoundedRing<MediaDeviceError>(capacity: 4)
        let encoded = BoundedRing<EncodedVideoFrame>(capacity: 64)
        let camera = FedCamera(width: 160, height: 120)
        let sender = VideoSender(source: camera, settings: large, onEncoded: { encoded.push($0) }, onFailure: { failures.push($0) })
        sender.start()
        camera.put(picture(0))
        #expect(try #require(encoded.next()).isKeyFrame)
        for round in 1...3 {
            putUnencodable(round * 10..<round * 10 + VideoSender.mostFailures - 1, camera, sender)
            camera.put(picture(round * 10 + 8))
            let frame = try #require(encoded.next())
            #expect(frame.isKeyFrame && frame.time == picture(round * 10 + 8).time)
        }
        #expect(sender.source === camera && failures.pop() == nil)
        sender.stop()
    }

    @Test func aCameraWhosePicturesCannotBeEncodedIsGivenUpAndCanBeReplaced() throws {
        let failures = BoundedRing<MediaDeviceError>(capacity: 4)
        let encoded = BoundedRing<EncodedVideoFrame>(capacity: 64)
        let (camera, ended) = (FedCamera(width: 160, height: 120), BoundedRing<Bool>(capacity: 4))
        let sender = VideoSender(
            source: camera, settings: large, onEncoded: { encoded.push($0) }, onFailure: { failures.push($0) },
            onEnd: { ended.push(true) })
        sender.start()
        for round in 0..<2 {
            let camera = round == 0 ? camera : FedCamera(width: 160, height: 120)
            if round > 0 { sender.replaceSource(with: camera) }
            putUnencodable(round * 10..<round * 10 + VideoSender.mostFailures, camera, sender)
            #expect(failures.next()?.kind == .failed && sender.source == nil)
            // It is not left running.
            #expect(try camera.next() == nil)
        }
        let next = FedCamera(width: 160, height: 120)
        sender.replaceSource(with: next)
        next.put(picture(50))
        #expect(encoded.next()?.isKeyFrame == true && sender.source === next)
        #expect(failures.pop() == nil && ended.pop() == nil)
        sender.stop()
    }

    /// Muting must never be undone by a change of the device.
    @Test func mutedStaysMutedWithAnotherMicrophone() throws {
        let encoded = BoundedRing<EncodedAudioFrame>(capacity: 64)
        let first = FedMicrophone()
        let sender = AudioSender(source: first, onEncoded: { encoded.push($0) })
        sender.start()
        first.put(loud)
        #expect(try #require(encoded.next()).payload.count > 20)
        sender.setMuted(true)
        for _ in 0..<3 {
            let next = FedMicrophone()
            #expect(sender.replaceSource(with: next))
            var fresh = try OpusEncoder()
            for _ in 0..<5 {
                next.put(loud)
                let expected = try fresh.encode([Int16](repeating: 0, count: 960))
                #expect(encoded.next()?.payload == expected)
            }
            #expect(sender.isMuted && sender.level > 0.5)
        }
        sender.stop()
    }

    @Test func timeStampsGoOnWithAnotherMicrophone() throws {
        let encoded = BoundedRing<EncodedAudioFrame>(capacity: 64)
        let (first, second) = (FedMicrophone(), FedMicrophone())
        let sender = AudioSender(source: first, onEncoded: { encoded.push($0) })
        sender.start()
        first.put(loud)
        let before = try #require(encoded.next())
        sender.replaceSource(with: nil)
        #expect(sender.level == 0 && sender.source == nil)
        sender.replaceSource(with: second)
        second.put(loud)
        let after = try #require(encoded.next())
        let distance = after.timestamp &- before.timestamp
        #expect(after.startsTalkspurt && distance >= 960 && distance % 960 == 0 && distance < 48_000 * 60)
        sender.stop()
    }

    @Test func anotherSpeakerGoesOnAndTheFormerOneHasNothingToSay() throws {
        let failures = BoundedRing<MediaDeviceError>(capacity: 4)
        let (first, second) = (SteppedSpeaker(), SteppedSpeaker())
        let receiver = AudioReceiver(sink: first, onSpeakerFailure: { failures.push($0) })
        receiver.start()
        first.allow(2)
        #expect(first.played.next() != nil)
        receiver.replaceSink(with: second)
        second.allow(3)
        #expect(second.played.next() != nil && receiver.sink === second)
        second.fail()
        #expect(failures.next()?.kind == .gone && receiver.sink is ClockedSink)
        receiver.stop()
        #expect(failures.pop() == nil)
    }

    @Test func theTestToneIsHeardAndRecordedNowhere() throws {
        let recorded = BoundedRing<Bool>(capacity: 64)
        let speaker = SteppedSpeaker()
        let receiver = AudioReceiver(sink: speaker, onSamples: { _ in recorded.push(true) })
        receiver.playTestTone()
        receiver.start()
        let blocks = TestTone.length / 480
        speaker.allow(blocks + 4)
        let played = (0..<blocks + 2).compactMap { _ in speaker.played.next() }
        let peaks = played.map { block in block.map { abs(Int($0)) }.max() ?? 0 }
        #expect(peaks.prefix(10).max() ?? 0 > 2000 && peaks.max() ?? 0 < 16_000)
        #expect(peaks.suffix(2).allSatisfy { $0 == 0 })
        receiver.stop()
        #expect(recorded.pop() == nil)
    }
}

/// Gives nothing but the news that it is gone.
private final class UnpluggedCamera: VideoSource {
    let format = VideoFormat(width: 160, height: 120, framesPerSecond: 30)
    let name = "unplugged camera"
    func next() throws(MediaDeviceError) -> I420Frame? { throw MediaDeviceError(.gone, "The camera has been unplugged.") }
    func stop() {}
}
