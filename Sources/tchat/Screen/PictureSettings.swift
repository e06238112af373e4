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

    init(_ options: PictureOptions, _ terminal: TerminalCapabilities, on size: TerminalSize, isFile: Bool) {
        style = options.style(terminal)
        colors = options.colorMode(terminal)
        fit = options.fitMode
        tone = options.tone
        mirrored = options.mirrors(isFile: isFile)
        styles = PictureOptions.styles(terminal, on: size)
    }

    /// False: nothing has changed.
    mutating func perform(_ action: ChatAction) -> Bool {
        let former = self
        switch action {
        case .render: style = Self.next(after: style, in: styles)
        case .colors: colors = Self.next(after: colors, in: ColorMode.allCases)
        case .fit: fit = Self.next(after: fit, in: FitMode.allCases)
        case .brighter: tone.brightness += 1
        case .darker: tone.brightness -= 1
        case .moreContrast: tone.contrast += 1
        case .lessContrast: tone.contrast -= 1
        default: break
        }
        return self != former
    }

    private static func next<Value: Equatable>(after value: Value, in all: [Value]) -> Value {
        guard let index = all.firstIndex(of: value) else { return all.first ?? value }
        return all[(index + 1) % all.count]
    }
}
