import ArgumentParser
import CellGraphics
import ChatUI
import Terminal

/// How the picture is shown.
struct PictureOptions: ParsableArguments {
    @Option(help: "Rendering: half, quadrant, sextant, braille, ascii, sixel, kitty, or auto for the best that the terminal can.")
    var render = RenderChoice.half

    @Option(help: "Colours: auto, truecolor, 256, 16 or none.")
    var color = ColorChoice.auto

    @Option(help: "How the picture fills its area: contain, cover or stretch.")
    var fit = FitChoice.contain

    @Flag(
        inversion: .prefixedNo, help: "Show your own picture as in a mirror, or as the others see it. (default: mirrored; a file is not)")
    var flip: Bool?

    @Option(help: "lossy leaves out changes that are hardly seen and sends far less; exact shows every cell right.")
    var quality = PictureQuality.lossy

    @Flag(help: "With 256 or fewer colours: mix those there are.")
    var dither = false

    @Option(
        help: ArgumentHelp("What the terminal is sent at the most, 1 to 100000; else found by how fast it takes it.", valueName: "kB/s"))
    var ttyBudget: Int?

    @Option(help: ArgumentHelp("Darker or lighter, -8 to 8.", valueName: "steps"))
    var brightness = 0

    @Option(help: ArgumentHelp("Softer or harder, -8 to 8.", valueName: "steps"))
    var contrast = 0

    func validate() throws {
        if let ttyBudget, !(1...100_000).contains(ttyBudget) { throw ValidationError("--tty-budget must be between 1 and 100000 kB/s.") }
        for (name, steps) in [("brightness", brightness), ("contrast", contrast)] where !PictureTone.range.contains(steps) {
            throw ValidationError("--\(name) must be between \(PictureTone.range.lowerBound) and \(PictureTone.range.upperBound).")
        }
    }
}

extension PictureOptions {
    /// What was asked for, else what the terminal says it can.
    func colorMode(_ terminal: TerminalCapabilities) -> ColorMode {
        switch color {
        case .auto: terminal.colorMode
        case .truecolor: .truecolor
        case .indexed256: .indexed256
        case .indexed16: .indexed16
        case .none: .none
        }
    }

    /// What a key can go round through: what the terminal can, and what was asked for, with all that has fewer colours.
    func colorModes(_ terminal: TerminalCapabilities) -> [ColorMode] {
        let all = ColorMode.allCases
        let richest = [terminal.colorMode, colorMode(terminal)].compactMap { all.firstIndex(of: $0) }.min() ?? 0
        return Array(all[richest...])
    }

    /// What was asked for, else what the terminal shows best.
    /// - Parameter isRecorded: what plays recordings knows characters alone.
    func style(_ terminal: TerminalCapabilities, isRecorded: Bool = false) -> RenderMode {
        if let mode = RenderMode(rawValue: render.rawValue) { return mode }
        let best = terminal.bestRenderMode.mode
        return isRecorded && best.isPixels ? .half : best
    }

    /// What a key can go round through: what this terminal shows. The two pixel protocols are not in recordings.
    static func styles(_ terminal: TerminalCapabilities, on size: TerminalSize, isRecorded: Bool = false) -> [RenderMode] {
        RenderMode.allCases.filter { mode in
            switch mode {
            case .half, .quadrant, .sextant, .braille, .ascii: true
            case .sixel: terminal.sixel && Words().trouble(with: .sixel, on: size) == nil && !isRecorded
            case .kitty: terminal.kittyGraphics && !isRecorded
            }
        }
    }

    var fitMode: FitMode {
        switch fit {
        case .contain: .contain
        case .cover: .cover
        case .stretch: .stretch
        }
    }

    var tone: PictureTone { PictureTone(brightness: brightness, contrast: contrast) }

    /// A person expects a mirror of themselves, and a film as it is.
    func mirrors(isFile: Bool = false) -> Bool { flip ?? !isFile }
}
