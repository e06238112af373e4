import CellGraphics
import ChatUI
import Terminal
import Testing

@testable import tchat

@Suite struct PictureSettingsTests {
    private func settings(_ arguments: [String], _ terminal: TerminalCapabilities = TerminalCapabilities()) throws -> PictureSettings {
        PictureSettings(try PictureOptions.parse(arguments), terminal, isFile: false)
    }

    private func press(_ action: ChatAction, _ settings: inout PictureSettings) -> Bool { settings.perform(action) }

    @Test func beginsAsTheOptionsSay() throws {
        let found = try settings(
            "--render half --color 256 --fit cover --brightness 2 --contrast=-3 --no-flip".split(separator: " ").map(String.init))
        #expect(found.style == .half)
        #expect(found.colors == .indexed256)
        #expect(found.fit == .cover)
        #expect(found.tone == PictureTone(brightness: 2, contrast: -3))
        #expect(!found.mirrored)
        #expect(try settings([]).mirrored)
    }

    @Test func renderingGoesRoundThroughWhatTheTerminalTakes() throws {
        var plain = try settings([])
        var seen: [RenderMode] = []
        for _ in 0..<5 {
            seen.append(plain.style)
            #expect(press(.render, &plain))
        }
        #expect(seen == [.half, .quadrant, .sextant, .braille, .ascii])
        #expect(plain.style == .half)
        var capabilities = TerminalCapabilities()
        capabilities.kittyGraphics = true
        var rich = try settings(["--render", "ascii"], capabilities)
        #expect(press(.render, &rich))
        #expect(rich.style == .kitty)
        #expect(press(.render, &rich))
        #expect(rich.style == .half)
    }

    @Test func coloursFitAndToneChange() throws {
        var found = try settings(["--color", "truecolor", "--fit", "contain", "--brightness", "7"])
        #expect(press(.colors, &found))
        #expect(found.colors == .indexed256)
        #expect(press(.fit, &found))
        #expect(found.fit == .cover)
        #expect(press(.brighter, &found))
        #expect(!press(.brighter, &found))
        #expect(found.tone.brightness == 8)
        #expect(press(.darker, &found))
        #expect(!press(.leave, &found))
    }
}
