import MediaPipeline
import MediaTypes
import Primitives
import Testing
import Threading

@testable import CallSession

@Suite struct DeviceSwitchTests {
    private final class Heard: Sendable {
        let events = BoundedRing<CallEvent>(capacity: 256)
        func nextDevice() -> CallDevice? {
            while let event = events.wait(until: MonotonicClock.now() + .seconds(60)) {
                if case .device(let device) = event { return device }
            }
            return nil
        }
        func nextFailure() -> MediaDeviceError? {
            while let event = events.wait(until: MonotonicClock.now() + .seconds(60)) {
                if case .deviceFailed(_, _, let error) = event { return error }
            }
            return nil
        }
    }

    private func hub(
        _ heard: Heard, camera: CameraChoice = .none, microphone: MicrophoneChoice = .none,
        size: PictureSize = PictureSize(width: 160, height: 120)
    ) throws -> MediaHub {
        let wake = try #require(EventDescriptor())
        let configuration = CallConfiguration(
            camera: camera, microphone: microphone, speaker: .none, size: size)
        return try MediaHub(
            configuration: configuration, inbox: CommandInbox(wake: wake),
            report: CallReport(processStart: .zero) { heard.events.push($0) })
    }

    @Test func devicesComeAndGo() throws {
        let heard = Heard()
        let hub = try hub(heard)
        hub.start()
        #expect(!hub.isCameraOn && !hub.isMicrophoneOn)
        hub.setCamera(.test)
        let camera = try #require(heard.nextDevice())
        #expect(camera.choice == "test" && camera.name == "test camera" && camera.format?.width == 160)
        while hub.ownPicture.latest.frame == nil { MonotonicClock.sleep(until: MonotonicClock.now() + .milliseconds(1)) }
        hub.setMicrophone(.test)
        #expect(heard.nextDevice()?.name == "test tone" && hub.isCameraOn && hub.isMicrophoneOn)
        hub.setCamera(.none)
        #expect(heard.nextDevice()?.name == nil && !hub.isCameraOn && hub.ownPicture.latest.frame == nil)
        hub.stop()
    }

    @Test func whatFailsLeavesTheFormerOne() throws {
        let heard = Heard()
        let hub = try hub(heard, camera: .test, microphone: .test)
        hub.start()
        hub.setCamera(.device("/dev/video-that-is-not-there"))
        #expect(heard.nextFailure()?.kind == .notFound)
        #expect(heard.nextDevice()?.choice == "test" && hub.isCameraOn)
        hub.setMicrophone(.file("/nowhere/sound.wav"))
        #expect(heard.nextFailure() != nil)
        #expect(heard.nextDevice()?.choice == "test" && hub.isMicrophoneOn)
        hub.stop()
    }

    /// Neither muting nor the camera's being off belongs to a device.
    @Test func mutedAndOffStaySo() throws {
        let heard = Heard()
        let hub = try hub(heard, camera: .test, microphone: .test)
        hub.start()
        hub.setMuted(true)
        hub.setCameraEnabled(false)
        for choice in [MicrophoneChoice.chime, .none, .test] {
            hub.setMicrophone(choice)
            #expect(heard.nextDevice() != nil && !hub.isMicrophoneOn && hub.audioSender.isMuted)
        }
        for choice in [CameraChoice.none, .test] {
            hub.setCamera(choice)
            #expect(heard.nextDevice() != nil && !hub.isCameraOn && !hub.videoSender.isEnabled)
        }
        #expect(hub.ownPicture.latest.frame == nil)
        hub.stop()
    }

    /// VP8 has no pictures of this width: what is not sent is not said to be on.
    @Test func aCameraThatCannotBeSentIsOff() throws {
        let heard = Heard()
        let hub = try hub(heard, camera: .test, size: PictureSize(width: 16_384, height: 16))
        hub.start()
        hub.setSending(true)
        #expect(heard.nextFailure()?.kind == .failed)
        #expect(heard.nextDevice()?.choice == "none" && !hub.isCameraOn)
        // The same one may be tried again.
        hub.setSending(false)
        hub.setCamera(.test)
        #expect(heard.nextDevice()?.choice == "test" && hub.isCameraOn)
        hub.stop()
    }

    @Test func listsEndWithWhatNeedsNoDevice() {
        #expect(MediaHub.list(.camera).suffix(2).map(\.choice) == ["test", "none"])
        #expect(MediaHub.list(.microphone).suffix(2).map(\.choice) == ["test", "none"])
        #expect(MediaHub.list(.speaker).last?.choice == "none")
    }

    @Test func ofWaitingOrdersTheLastCounts() {
        let thread = DeviceThread()
        let (gate, done) = (BoundedRing<Bool>(capacity: 1), BoundedRing<Int>(capacity: 16))
        thread.run("first") { _ = gate.wait(until: nil) }
        for number in 0..<5 { thread.run("camera") { done.push(number) } }
        thread.run("speaker") { done.push(99) }
        gate.push(true)
        #expect(done.wait(until: nil) == 4 && done.wait(until: nil) == 99)
        thread.run("camera") { done.push(7) }
        #expect(done.wait(until: nil) == 7)
        thread.stop()
        thread.run("camera") { done.push(8) }
        #expect(done.pop() == nil)
    }
}
