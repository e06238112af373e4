import MediaPipeline
import MediaTypes
import Testing

@Suite struct ToneTests {
    private func samples(_ microphone: TestMicrophone, seconds: Int) throws -> [Int16] {
        var all = [Int16](repeating: 0, count: seconds * 48_000)
        #expect(try microphone.read(into: &all))
        return all
    }

    @Test(arguments: [50.0, 440, 443.7, 1000, 7999.9])
    func aToneIsMeasured(hertz: Double) throws {
        let meter = ToneMeter()
        // Beyond ten seconds: the samples' own loop has no seam.
        let tone = try samples(TestMicrophone(hertz: hertz, paced: false), seconds: 12)
        meter.add(tone)
        let reading = meter.measure()
        #expect(abs(reading.hertz - hertz) < 0.5)
        #expect(abs(reading.rms - 0.1414) < 0.001)
        let steps = zip(tone, tone.dropFirst()).map { abs(Int($1) - Int($0)) }
        let most = Int(2 * 3.1416 * hertz / 48_000 * 6554) + 2
        #expect((steps.max() ?? 0) <= most)
    }

    @Test func silenceHasNoTone() {
        let meter = ToneMeter()
        #expect(meter.measure() == .init(hertz: 0, rms: 0))
        meter.add([Int16](repeating: 3, count: 100_000))
        #expect(meter.measure() == .init(hertz: 0, rms: 0))
    }

    @Test func theSilenceAfterAToneDoesNotHideIt() throws {
        let meter = ToneMeter()
        meter.add(try samples(TestMicrophone(hertz: 600, paced: false), seconds: 2))
        meter.add([Int16](repeating: 0, count: 96_000))
        #expect(abs(meter.measure().hertz - 600) < 5)
    }

    @Test func theChimeIsSoftAndEndsWhereItBegins() throws {
        let chime = try samples(TestMicrophone.chime(paced: false), seconds: 6)
        let peak = chime.map { abs(Int($0)) }.max() ?? 0
        #expect(peak > 1000 && peak < 8000)
        let steps = zip(chime, chime.dropFirst()).map { abs(Int($1) - Int($0)) }
        #expect((steps.max() ?? 0) < 1200)
    }

    @Test func aStoppedMicrophoneIsAtItsEnd() throws {
        let microphone = TestMicrophone(hertz: .nan)
        microphone.stop()
        var block = [Int16](repeating: 0, count: 960)
        #expect(try !microphone.read(into: &block))
    }
}
