import Camera
import MediaFiles
import MediaPipeline
import MediaTypes
import Sound

/// Opens what a person named. What was named must work; `auto` takes what is there, and nothing is fine.
public enum MediaSources {
    public static func camera(_ choice: CameraChoice, size: PictureSize, framesPerSecond: Int, loopsFiles: Bool, paced: Bool = true)
        throws(MediaDeviceError)
        -> (any VideoSource)?
    {
        let rate = Double(framesPerSecond)
        switch choice {
        case .none: return nil
        case .test: return TestCamera(width: size.width, height: size.height, framesPerSecond: rate, paced: paced)
        case .file(let path): return try Y4MReader(path: path, looped: loopsFiles, paced: paced)
        case .device(let path): return try V4L2Camera(path: path, width: size.width, height: size.height, framesPerSecond: rate)
        case .auto:
            for camera in V4L2Camera.list() where camera.problem == nil {
                if let found = try? V4L2Camera(path: camera.path, width: size.width, height: size.height, framesPerSecond: rate) {
                    return found
                }
            }
            return nil
        }
    }

    static func microphone(_ choice: MicrophoneChoice, tone: Double) throws(MediaDeviceError) -> (any AudioSource)? {
        switch choice {
        case .none: nil
        case .test: TestMicrophone(hertz: tone)
        case .chime: TestMicrophone.chime()
        case .file(let path): try WAVReader(path: path, looped: true)
        case .device(let name): try ALSAMicrophone(device: name)
        case .auto: try? ALSAMicrophone()
        }
    }

    static func speaker(_ choice: SpeakerChoice) throws(MediaDeviceError) -> (any AudioSink)? {
        switch choice {
        case .none: nil
        case .device(let name): try ALSASpeaker(device: name)
        case .auto: try? ALSASpeaker()
        }
    }
}
