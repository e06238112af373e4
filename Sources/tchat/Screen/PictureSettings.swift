import CellGraphics
import ChatUI
import Terminal

/// How the mirror shows its picture, and what its keys change of that: those of a call.
struct PictureSettings: Equatable {
    var style: RenderMode
    var colors: ColorMode
    var fit: FitMode
    var tone: PictureTone
    var mirrored: Bool
    /// What `style` goes round through.
    private let styles: [RenderMode]
    /// Likewise of `colors`.
    private let colorModes: [ColorMode]

    init(_ options: PictureOptions, _ terminal: TerminalCapabilities, on size: TerminalSize, isFile: Bool) {
        style = options.style(terminal)
        colors = options.colorMode(terminal)
        fit = options.fitMode
        tone = options.tone
        mirrored = options.mirrors(isFile: isFile)
        styles = PictureOptions.styles(terminal, on: size)
        colorModes = options.colorModes(terminal)
    }

    /// False: nothing has changed.
    mutating func perform(_ action: ChatAction) -> Bool {
        let former = self
        switch action {
        case .render: style = styles.next(after: style)
        case .colors: colors = colorModes.next(after: colors)
        case .fit: fit = fit.other
        case .brighter: tone.brightness += 1
        case .darker: tone.brightness -= 1
        case .moreContrast: tone.contrast += 1
        case .lessContrast: tone.contrast -= 1
        default: break
        }
        return self != former
    }
}
