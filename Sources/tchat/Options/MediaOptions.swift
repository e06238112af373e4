import ArgumentParser
import CallSession

/// Where pictures and sound come from and go to.
struct MediaOptions: ParsableArguments {
    @Option(help: "Camera: auto, test, none, a /dev/video device, or a .y4m file.")
    var camera: CameraChoice?

    @Option(help: "Microphone: auto, test, none, an ALSA name, or a .wav file.")
    var mic: MicrophoneChoice?

    @Option(help: "Speaker: auto, none, or an ALSA name.")
    var speaker: SpeakerChoice?

    @Option(help: ArgumentHelp("Tone of the test microphone, in Hz.", valueName: "hz"))
    var tone: Double = 440

    @Option(help: ArgumentHelp("Picture size to ask the camera for, 16x16 to 4096x4096.", valueName: "WIDTHxHEIGHT"))
    var size = PictureSize(width: 640, height: 480)

    @Option(help: "Pictures a second to ask the camera for.")
    var fps = 30

    @Option(help: ArgumentHelp("Video bit rate, in kbit/s.", valueName: "kbit/s"))
    var bitrate = 1000

    func validate() throws {
        guard (20...20_000).contains(tone) else { throw ValidationError("--tone must be between 20 and 20000 Hz.") }
        guard (1...120).contains(fps) else { throw ValidationError("--fps must be between 1 and 120.") }
        guard (30...50_000).contains(bitrate) else { throw ValidationError("--bitrate must be between 30 and 50000 kbit/s.") }
    }
}
