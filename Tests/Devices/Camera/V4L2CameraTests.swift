import Glibc
import MediaTypes
import Testing

@testable import Camera

@Suite struct V4L2CameraTests {
    private func failure(_ path: String) -> MediaDeviceError? {
        do throws(MediaDeviceError) {
            _ = try V4L2Camera(path: path, width: 640, height: 480, framesPerSecond: 30)
            return nil
        } catch {
            return error
        }
    }

    @Test func aMissingCameraIsOneSentenceThatSaysWhatToDo() throws {
        let error = try #require(failure("/dev/video9999"))
        #expect(error.kind == .notFound)
        #expect(error.description.contains("/dev/video9999"))
        #expect(error.description.contains("tchat devices"))
    }

    @Test(arguments: ["/dev/null", "/dev/zero"])
    func whatIsNoCameraIsRefused(path: String) throws {
        let error = try #require(failure(path))
        #expect(error.kind == .unsupported)
        #expect(error.description.contains("is not a camera"))
    }

    @Test func eachErrorSaysWhatItIs() {
        let sentences: [(Int32, MediaDeviceError.Kind, String)] = [
            (EACCES, .permission, "usermod -aG video"), (EBUSY, .busy, "another program"), (ENODEV, .gone, "unplugged"),
            (EIO, .failed, "/dev/video7"),
        ]
        for (code, kind, text) in sentences {
            let error = MediaDeviceError.camera("/dev/video7", error: code, while: "giving a picture")
            #expect(error.kind == kind)
            #expect(error.description.contains(text))
            #expect(error.description.hasSuffix("."))
        }
    }

    @Test func listsOnlyVideoDevices() {
        for camera in V4L2Camera.list() { #expect(camera.path.hasPrefix("/dev/video")) }
    }

    @Test func formatCodesAreReadable() {
        #expect(PixelFormat.preferred.map(\.description) == ["YU12", "NV12", "YV12", "NV21", "YUYV", "UYVY", "MJPG", "JPEG"])
        #expect(PixelFormat(code: 0x2020_3859).description == "Y8")
        #expect(PixelFormat(code: 0x8100_0701).description == "????")
    }
}
