import ArgumentParser
import Camera
import Glibc
import MediaTypes
import Sound
import Terminal

struct DevicesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "devices", abstract: "List cameras, microphones and speakers, and say what the terminal can do.")

    func run() throws {
        let terminal = Self.terminalLines()
        section(
            "Cameras (--camera)",
            V4L2Camera.list().map { camera in
                camera.problem.map { "\(camera.path)  \($0.description)" }
                    ?? "\(camera.path)  \(camera.name)  (\(camera.pixelFormats.joined(separator: ", ")))"
            }, none: "none was found; --camera test shows a test picture")
        section("Microphones (--mic)", ALSAMicrophone.list().map(Self.line), none: "none was found; --mic test gives a tone")
        section("Speakers (--speaker)", ALSASpeaker.list().map(Self.line), none: "none was found; a call goes on without sound")
        section("Terminal", terminal, none: "")
    }

    private static func line(_ device: SoundDeviceInfo) -> String { "\(device.name)  \(device.description)" }

    /// Asked before anything is printed: the answer comes by the same terminal.
    private static func terminalLines() -> [String] {
        do {
            let device = try TerminalDevice()
            defer { device.close() }
            return device.capabilities.summary
        } catch {
            return [error.description]
        }
    }

    private func section(_ title: String, _ lines: [String], none: String) {
        let shown = lines.isEmpty ? [none] : lines
        let text = ([title] + shown.map { "  " + printable($0) }).joined(separator: "\n") + "\n"
        writeFully(Array(text.utf8), to: STDOUT_FILENO)
    }
}
