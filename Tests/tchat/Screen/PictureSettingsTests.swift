import CellGraphics
import ChatUI
import Terminal
import Testing

@testable import tchat

@Suite struct PictureSettingsTests {
    private func settings(
        _ arguments: [String], _ terminal: TerminalCapabilities = TerminalCapabilities(),
        on size: TerminalSize = TerminalSize(columns: 80, rows: 24)
    ) throws -> PictureSettings {
        PictureSettings(try PictureOptions.parse(arguments), terminal, on: size, isFile: false)
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

    /// Sixels need the size of a cell.
    @Test func sixelsAreOfferedWhereTheyCanBeDrawn() throws {
        var capabilities = TerminalCapabilities()
        capabilities.deviceAttributes = [62, 4]
        var unsized = try settings(["--render", "ascii"], capabilities)
        #expect(press(.render, &unsized))
        #expect(unsized.style == .half)
        var sized = try settings(
            ["--render", "ascii"], capabilities, on: TerminalSize(columns: 80, rows: 24, pixelWidth: 800, pixelHeight: 480))
        #expect(press(.render, &sized))
        #expect(sized.style == .sixel)
    }

    /// What plays recordings knows characters alone, whatever the terminal can.
    @Test func recordingsHaveCharacters() throws {
        var capabilities = TerminalCapabilities()
        capabilities.kittyGraphics = true
        capabilities.colorMode = .truecolor
        let options = try PictureOptions.parse(["--render", "auto"])
        #expect(options.style(capabilities) == .kitty)
        #expect(options.style(capabilities, isRecorded: true) == .half)
        let size = TerminalSize(columns: 80, rows: 24)
        #expect(PictureOptions.styles(capabilities, on: size).contains(.kitty))
        #expect(!PictureOptions.styles(capabilities, on: size, isRecorded: true).contains(.kitty))
    }

    /// As in a call.
    @Test func coloursAreThoseOfTheTerminal() throws {
        var capabilities = TerminalCapabilities()
        capabilities.colorMode = .indexed256
        var found = try settings([], capabilities)
        var seen: [ColorMode] = []
        for _ in 0..<4 {
            seen.append(found.colors)
            #expect(press(.colors, &found))
        }
        #expect(seen == [.indexed256, .indexed16, .none, .indexed256])
        // Who asks for more has it.
        #expect(try PictureOptions.parse(["--color", "truecolor"]).colorModes(capabilities) == ColorMode.allCases)
        #expect(try PictureOptions.parse(["--color", "16"]).colorModes(capabilities) == [.indexed256, .indexed16, .none])
    }

    @Test func fittingIsWholeOrFull() throws {
        var found = try settings(["--fit", "stretch"])
        var seen: [FitMode] = []
        for _ in 0..<3 {
            #expect(press(.fit, &found))
            seen.append(found.fit)
        }
        #expect(seen == [.contain, .cover, .contain])
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
        #expect(press(.moreContrast, &found) && press(.moreContrast, &found) && press(.lessContrast, &found))
        #expect(found.tone.contrast == 1)
        #expect(!press(.leave, &found))
    }
}
