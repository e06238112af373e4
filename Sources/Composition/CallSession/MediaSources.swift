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

    /// With what `auto` has turned out to be.
    static func openCamera(_ configuration: CallConfiguration, _ choice: CameraChoice? = nil) throws(MediaDeviceError) -> (
        source: any VideoSource, choice: CameraChoice
    )? {
        let choice = choice ?? configuration.camera
        func open(_ choice: CameraChoice) throws(MediaDeviceError) -> (any VideoSource)? {
            try camera(choice, size: configuration.size, framesPerSecond: configuration.framesPerSecond, loopsFiles: true)
        }
        guard choice == .auto else { return try open(choice).map { ($0, choice) } }
        for camera in V4L2Camera.list() where camera.problem == nil {
            if let found = try? open(.device(camera.path)) { return (found, .device(camera.path)) }
        }
        return nil
    }

    static func openMicrophone(_ configuration: CallConfiguration, _ choice: MicrophoneChoice? = nil) throws(MediaDeviceError) -> (
        source: any AudioSource, choice: MicrophoneChoice
    )? {
        let choice = choice ?? configuration.microphone
        return try microphone(choice, tone: configuration.tone).map { ($0, choice == .auto ? .device("default") : choice) }
    }

    static func openSpeaker(_ choice: SpeakerChoice) throws(MediaDeviceError) -> (sink: any AudioSink, choice: SpeakerChoice)? {
        try speaker(choice).map { ($0, choice == .auto ? .device("default") : choice) }
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
