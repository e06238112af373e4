import Glibc
import MediaTypes

/// A camera that the machine has.
public struct CameraInfo: Sendable, Equatable {
    /// "/dev/video0"
    public var path: String
    /// "HD Webcam", as the driver says it: text from outside.
    public var name: String
    /// Its own picture formats, such as "YUYV" and "MJPG".
    public var pixelFormats: [String]
    /// Why it cannot be used; nil when it can, as far as opening it tells.
    public var problem: MediaDeviceError?
}

extension V4L2Camera {
    /// Every camera under /dev, in the order of their numbers. None is started.
    public static func list() -> [CameraInfo] {
        videoNumbers().compactMap { number in
            let path = "/dev/video\(number)"
            do throws(MediaDeviceError) {
                let device = try CaptureDevice(path: path)
                guard device.canStream else { return nil }
                return CameraInfo(path: path, name: device.name, pixelFormats: device.formats.map(\.description), problem: nil)
            } catch {
                guard error.kind == .permission || error.kind == .busy else { return nil }
                return CameraInfo(path: path, name: systemName(number) ?? path, pixelFormats: [], problem: error)
            }
        }
    }

    private static func videoNumbers() -> [Int] {
        guard let directory = opendir("/dev") else { return [] }
        defer { closedir(directory) }
        var numbers: [Int] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            if name.hasPrefix("video"), let number = Int(name.dropFirst(5)), number >= 0 { numbers.append(number) }
        }
        return numbers.sorted()
    }

    /// The name that the kernel shows even to those who may not open the device.
    private static func systemName(_ number: Int) -> String? {
        let descriptor = open("/sys/class/video4linux/video\(number)/name", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 128)
        let count = read(descriptor, &bytes, bytes.count)
        guard count > 0 else { return nil }
        return String(decoding: bytes[..<count].prefix { $0 != 10 }, as: UTF8.self)
    }
}
