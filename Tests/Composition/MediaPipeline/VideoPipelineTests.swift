@testable import MediaPipeline
import MediaTypes
import Primitives
import TestPattern
import TestSupport
import Testing
import Threading

@Suite struct VideoPipelineTests {
    private let settings = VideoSender.Settings(width: 160, height: 120, framesPerSecond: 30, bitrateKbps: 300)

    private func picture(_ number: Int, width: Int = 160, height: Int = 120) -> I420Frame {
        TestPattern(width: width, height: height).picture(
            number: number, wallClockMilliseconds: Int64(number), time: Instant(microseconds: 1_000_000 + Int64(number) * 33_333))
    }

    private static let pattern = TestPattern(width: 640, height: 480)

    private func large(_ number: Int) -> I420Frame {
        let time = Instant(microseconds: 1_000_000 + Int64(number) * 33_333)
        return Self.pattern.picture(number: number, wallClockMilliseconds: Int64(number), time: time)
    }

    @Test func picturesArriveOnTheOtherSide() throws {
        let camera = FedCamera(width: 160, height: 120)
        let decoded = BoundedRing<I420Frame>(capacity: 64)
        let latest = LatestValueMailbox<I420Frame>()
        let receiver = VideoReceiver(latest: latest, onFrame: { decoded.push($0) }, needsKeyFrame: {})
        let sender = VideoSender(source: camera, settings: settings, onEncoded: { receiver.push($0) })
        #expect(receiver.start() && sender.start())
        for number in 0..<20 {
            camera.put(picture(number))
            let frame = try #require(decoded.next())
            #expect(Timecode.read(from: frame)?.number == number)
        }
        #expect(latest.take().flatMap { Timecode.read(from: $0) }?.number == 19)
        sender.stop()
        receiver.stop()
        #expect(sender.statistics.encoded == 20 && sender.statistics.keyFrames == 1)
        #expect(receiver.statistics.decoded == 20 && receiver.statistics.width == 160)
    }

    @Test func theCameraGoesOffAndComesBackWithAKeyFrame() throws {
        let camera = FedCamera(width: 160, height: 120)
        let encoded = BoundedRing<EncodedVideoFrame>(capacity: 64)
        let shown = BoundedRing<I420Frame>(capacity: 64)
        let sender = VideoSender(source: camera, settings: settings, onPicture: { shown.push($0) }, onEncoded: { encoded.push($0) })
        sender.start()
        for number in 0..<3 {
            camera.put(picture(number))
            #expect(try #require(encoded.next()).isKeyFrame == (number == 0))
            #expect(shown.next() != nil)
        }
        sender.setEnabled(false)
        for number in 3..<8 { camera.put(picture(number)) }
        while sender.statistics.captured < 8 { MonotonicClock.sleep(until: MonotonicClock.now() + .milliseconds(1)) }
        sender.setEnabled(true)
        camera.put(picture(40))
        let back = try #require(encoded.next())
        // Nothing in between: the time stamp is the last picture's.
        #expect(back.isKeyFrame && back.time == picture(40).time)
        #expect(shown.next()?.time == picture(40).time)
        sender.stop()
        #expect(sender.statistics.encoded == 4)
    }

    @Test func nothingIsEncodedWhileNobodyIsThere() throws {
        let camera = FedCamera(width: 160, height: 120)
        let encoded = BoundedRing<EncodedVideoFrame>(capacity: 64)
        let shown = BoundedRing<I420Frame>(capacity: 64)
        let sender = VideoSender(
            source: camera, settings: settings, isSending: false, onPicture: { shown.push($0) }, onEncoded: { encoded.push($0) })
        sender.start()
        for number in 0..<3 {
            camera.put(picture(number))
            #expect(shown.next() != nil)
        }
        sender.setSending(true)
        camera.put(picture(9))
        #expect(try #require(encoded.next()).time == picture(9).time)
        sender.stop()
    }

    @Test func aKeyFrameIsSentOnRequestButNotInABurst() throws {
        let camera = FedCamera(width: 160, height: 120)
        let encoded = BoundedRing<EncodedVideoFrame>(capacity: 64)
        let sender = VideoSender(source: camera, settings: settings, onEncoded: { encoded.push($0) })
        sender.start()
        var keys: [Int] = []
        for number in 0..<40 {
            // Asked for all the time from the 20th on: one in 300 ms is given.
            if number >= 20 { sender.requestKeyFrame() }
            camera.put(picture(number))
            if try #require(encoded.next()).isKeyFrame { keys.append(number) }
        }
        sender.stop()
        #expect(keys == [0, 20, 30] || keys == [0, 20, 29, 38])
    }

    @Test func aLargerPictureIsScaledDownInItsShape() throws {
        let camera = FedCamera(width: 640, height: 360)
        let decoded = BoundedRing<I420Frame>(capacity: 64)
        let receiver = VideoReceiver(onFrame: { decoded.push($0) }, needsKeyFrame: {})
        let sender = VideoSender(source: camera, settings: settings, onEncoded: { receiver.push($0) })
        receiver.start()
        sender.start()
        camera.put(picture(1, width: 640, height: 360))
        let frame = try #require(decoded.next())
        #expect(frame.width == 160 && frame.height == 90)
        sender.stop()
        receiver.stop()
    }

    /// The network's rate and the receiver's screen reach the encoder, and its decoder on the other side follows.
    @Test func theReceiverSeesWhatRateAndScreenAllow() throws {
        let camera = FedCamera(width: 640, height: 480)
        let decoded = BoundedRing<I420Frame>(capacity: 64)
        let receiver = VideoReceiver(onFrame: { decoded.push($0) }, needsKeyFrame: {})
        let sender = VideoSender(
            source: camera, settings: .init(width: 640, height: 480, framesPerSecond: 30, bitrateKbps: 1000),
            onEncoded: { receiver.push($0) })
        sender.setReceiverScreen(width: 80, height: 48)
        receiver.start()
        sender.start()
        var number = 0
        func see(_ count: Int) throws -> [PictureSize] {
            var sizes: [PictureSize] = []
            for _ in 0..<count {
                camera.put(large(number))
                let frame = try #require(decoded.next())
                #expect(Timecode.read(from: frame)?.number == number)
                sizes.append(PictureSize(width: frame.width, height: frame.height))
                number += 1
            }
            return sizes
        }
        #expect(try see(20).allSatisfy { $0 == PictureSize(width: 256, height: 192) })
        #expect(sender.statistics.qualityLimitation.reason == .other && sender.statistics.targetBitrate < 200_000)
        sender.setReceiverScreen(nil)
        #expect(try see(20).last == PictureSize(width: 640, height: 480))
        #expect(sender.statistics.qualityLimitation.reason == .none && sender.statistics.targetBitrate == 1_000_000)
        sender.setTargetBitrate(90_000)
        #expect(try see(5).last == PictureSize(width: 240, height: 180))
        sender.stop()
        receiver.stop()
        let statistics = sender.statistics
        #expect(statistics.targetBitrate == 90_000 && statistics.encoded == 45 && statistics.keyFrames == 3)
        #expect(statistics.frameWidth == 240 && statistics.framesPerSecond > 25)
        #expect(statistics.qpSum > 0 && statistics.totalEncodeTime > .zero)
    }

    /// On 30 to 100 kbit/s: always a picture, never a queue.
    @Test(arguments: [30_000, 60_000, 100_000])
    func aNarrowLinkStillCarriesAPicture(bitrate: Int) throws {
        let camera = FedCamera(width: 640, height: 480)
        let encoded = BoundedRing<EncodedVideoFrame>(capacity: 256)
        let sender = VideoSender(
            source: camera, settings: .init(width: 640, height: 480, framesPerSecond: 30, bitrateKbps: 1000),
            onEncoded: { encoded.push($0) })
        sender.setTargetBitrate(bitrate)
        sender.start()
        for number in 0..<60 {
            camera.put(large(number))
            while sender.statistics.encoded + sender.statistics.skipped <= number {
                MonotonicClock.sleep(until: MonotonicClock.now() + .milliseconds(1))
            }
        }
        sender.stop()
        var (queue, fullest, bits, frames): (Double, Double, Double, Int) = (0, 0, 0, 0)
        var last: Instant?
        while let frame = encoded.pop() {
            if let last { queue = max(0, queue - (frame.time - last).seconds) }
            last = frame.time
            queue += Double(frame.payload.count * 8) / Double(bitrate)
            fullest = max(fullest, queue)
            bits += Double(frame.payload.count * 8)
            frames += 1
        }
        #expect(frames >= 15, "of 2 s")
        #expect(bits / 2 < Double(bitrate) * 1.15)
        #expect(fullest < 0.25)
    }

    @Test func aDamagedFrameAsksForAKeyFrameAndShowsNothingUntilItComes() throws {
        let camera = FedCamera(width: 160, height: 120)
        let encoded = BoundedRing<EncodedVideoFrame>(capacity: 64)
        let sender = VideoSender(source: camera, settings: settings, onEncoded: { encoded.push($0) })
        sender.start()
        var frames: [EncodedVideoFrame] = []
        for number in 0..<12 {
            if number == 11 { sender.requestKeyFrame() }
            camera.put(picture(number))
            frames.append(try #require(encoded.next()))
        }
        sender.stop()
        let decoded = BoundedRing<I420Frame>(capacity: 64)
        let requests = BoundedRing<Bool>(capacity: 64)
        let receiver = VideoReceiver(onFrame: { decoded.push($0) }, needsKeyFrame: { requests.push(true) })
        receiver.start()
        for (number, frame) in frames.enumerated() {
            var frame = frame
            if number == 5 { frame.payload = [1] }
            receiver.push(frame)
        }
        var numbers: [Int?] = []
        for _ in 0..<6 { numbers.append(Timecode.read(from: try #require(decoded.next()))?.number) }
        #expect(numbers == [0, 1, 2, 3, 4, 11])
        #expect(requests.pop() == true)
        receiver.stop()
        #expect(receiver.statistics.failed == 6)
    }

    /// The network thread waits for it: not for two seconds of pictures that nobody will see.
    @Test func stoppingDoesNotWaitForWhatIsQueued() throws {
        let camera = FedCamera(width: 160, height: 120)
        let encoded = BoundedRing<EncodedVideoFrame>(capacity: 64)
        let sender = VideoSender(source: camera, settings: settings, onEncoded: { encoded.push($0) })
        sender.start()
        camera.put(picture(0))
        let frame = try #require(encoded.next())
        sender.stop()
        let (begun, mayGoOn, full) = (BoundedRing<Bool>(capacity: 1), BoundedRing<Bool>(capacity: 1), BoundedRing<Bool>(capacity: 1))
        let receiver = VideoReceiver(
            onFrame: { _ in
                begun.push(true)
                _ = mayGoOn.wait(until: nil)
            }, needsKeyFrame: { full.push(true) })
        receiver.start()
        receiver.push(frame)
        #expect(begun.next() == true)
        while full.pop() == nil { receiver.push(frame) }
        let stopper = MediaThread.start(name: "stopper") { receiver.stop() }
        // One that is full asks for a key frame, one that has been stopped does not; then the picture at work may end.
        repeat {
            MonotonicClock.sleep(until: MonotonicClock.now() + .milliseconds(1))
            receiver.push(frame)
        } while full.pop() != nil
        mayGoOn.close()
        if let stopper { stopper.join() }
        #expect(receiver.statistics.decoded == 1)
    }

    /// The sound of a picture is heard 400 ms after it is there: pictures wait more and more, in order, and none is lost.
    @Test func picturesWaitForTheirSound() throws {
        let camera = FedCamera(width: 160, height: 120)
        let encoded = BoundedRing<EncodedVideoFrame>(capacity: 64)
        let sender = VideoSender(source: camera, settings: settings, onEncoded: { encoded.push($0) })
        sender.start()
        let decoded = BoundedRing<I420Frame>(capacity: 64)
        let clock = PlayoutClock()
        let receiver = VideoReceiver(clock: clock, onFrame: { decoded.push($0) }, needsKeyFrame: {})
        receiver.start()
        for number in 0..<12 {
            camera.put(picture(number))
            var frame = try #require(encoded.next())
            let now = MonotonicClock.now()
            let capture = Interval.seconds(1000) + (now - .zero)
            clock.heard(capture: capture, at: now + .milliseconds(400))
            frame.captureTime = capture
            receiver.push(frame)
        }
        for number in 0..<12 { #expect(Timecode.read(from: try #require(decoded.next()))?.number == number) }
        #expect((Interval.milliseconds(30) ... .milliseconds(65)).contains(receiver.statistics.syncDelay))
        // One that knows no time does not wait.
        camera.put(picture(12))
        receiver.push(try #require(encoded.next()))
        #expect(decoded.next() != nil)
        #expect(receiver.statistics.syncDelay == .zero)
        sender.stop()
        receiver.stop()
    }

    @Test func heldPicturesKeepTheirOrderAndAreBounded() {
        var held = HeldPictures()
        held.add(picture(1), due: .zero + .milliseconds(50))
        held.add(picture(2), due: .zero + .milliseconds(20))
        #expect(held.next(now: .zero + .milliseconds(30)) == nil && held.nextDue == .zero + .milliseconds(50))
        let shown = (0..<3).map { _ in held.next(now: .zero + .milliseconds(50)).flatMap { Timecode.read(from: $0)?.number } }
        #expect(shown == [1, 2, nil])
        for number in 0..<17 { held.add(picture(number), due: .zero + .seconds(9)) }
        #expect(held.next(now: .zero) != nil)
        #expect(held.next(now: .zero) == nil)
    }

    @Test func theTestCameraCounts() throws {
        let camera = TestCamera(width: 160, height: 120, framesPerSecond: 30, paced: false)
        for number in 0..<5 { #expect(Timecode.read(from: try #require(try camera.next()))?.number == number) }
        camera.stop()
        #expect(try camera.next() == nil)
    }
}
