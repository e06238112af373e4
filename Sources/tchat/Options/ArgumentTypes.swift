import ArgumentParser
import CallSession
import CellGraphics

extension PictureSize: ExpressibleByArgument {
    /// `640x480`; 16 to 4096 each way.
    public init?(argument: String) {
        let parts = argument.lowercased().split(separator: "x", omittingEmptySubsequences: false)
        guard parts.count == 2, let width = Int(parts[0]), let height = Int(parts[1]),
            (16...4096).contains(width), (16...4096).contains(height)
        else { return nil }
        self.init(width: width, height: height)
    }

    public var defaultValueDescription: String { "\(width)x\(height)" }
}

extension CameraChoice: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
    public var defaultValueDescription: String { description }
}

extension MicrophoneChoice: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
    public var defaultValueDescription: String { description }
}

extension SpeakerChoice: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
    public var defaultValueDescription: String { description }
}

extension ICEServerChoice: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
    public var defaultValueDescription: String { description }
}

extension ScreenChoice: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument.lowercased()) }
    public var defaultValueDescription: String { "\(columns)x\(rows)" }
}

extension ICEPolicyChoice: ExpressibleByArgument {}

/// How the picture becomes cells, or pixels; `auto` takes what suits the terminal best.
enum RenderChoice: String, ExpressibleByArgument, CaseIterable { case half, quadrant, sextant, braille, ascii, sixel, kitty, auto }

extension PictureQuality: ExpressibleByArgument {}

/// What colours go to the terminal; `auto` asks it.
enum ColorChoice: String, ExpressibleByArgument, CaseIterable {
    case auto, truecolor
    case indexed256 = "256"
    case indexed16 = "16"
    case none
}

enum FitChoice: String, ExpressibleByArgument, CaseIterable { case contain, cover, stretch }

enum LogLevelChoice: String, ExpressibleByArgument, CaseIterable { case trace, debug, info, notice, warning, error, critical }
