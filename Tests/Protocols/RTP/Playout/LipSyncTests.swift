import Primitives
import Testing

@testable import RTP

@Suite struct LipSyncTests {
    /// Sound and picture of a sender whose clock began at another time, each with the time from capture to speaker or screen.
    struct Scene {
        var sync = LipSync()
        var now = Instant(microseconds: 77_000_000)
        let origin = Interval.seconds(3_900_000_000)
        /// What the sound's own delay follows the wish with, in ms a second.
        var extra = Interval.zero
        var waits: [Interval] = []
        /// Shown less heard, of the same moment.
        var lateness = Interval.zero

        mutating func run(seconds: Double, sound: Interval?, picture: Interval, jitter: (Int) -> Interval = { _ in .zero }) {
            let end = now + .seconds(seconds)
            var tick = 0
            while now < end {
                let capture = origin + (now - .zero)
                if let sound, tick % 2 == 0 {
                    extra += max(.milliseconds(-2), min(.milliseconds(2), sync.extraAudioDelay - extra))
                    sync.heard(capture: capture - sound - extra, at: now)
                }
                if tick % 3 == 0 {
                    let transit = picture + jitter(tick / 3)
                    let wait = sync.waiting(capture: capture - transit, now: now)
                    waits.append(wait)
                    lateness = transit + wait - (sound ?? .zero) - extra
                }
                tick += 1
                now += .milliseconds(10)
            }
        }
    }

    @Test(arguments: [-124, -100, -50, 0, 44])
    func withinTheLimitsNothingIsDone(_ milliseconds: Int) {
        var scene = Scene()
        scene.run(seconds: 20, sound: .milliseconds(200), picture: .milliseconds(200 + milliseconds))
        #expect(scene.waits.allSatisfy { $0 == .zero } && scene.sync.extraAudioDelay == .zero)
        #expect(scene.sync.pictureLateness == .milliseconds(milliseconds))
    }

    @Test(arguments: [130, 200, 350])
    func aPictureWaitsForLateSound(_ behind: Int) {
        var scene = Scene()
        scene.run(seconds: 5, sound: .milliseconds(50 + behind), picture: .milliseconds(50))
        #expect((Interval.milliseconds(-125) ... .milliseconds(-95)).contains(scene.lateness), "\(scene.lateness)")
        // In steps that nobody sees.
        for (a, b) in zip(scene.waits, scene.waits.dropFirst()) { #expect(b - a <= .milliseconds(5) && b >= a) }
        // And goes again when the sound is early again.
        scene.run(seconds: 5, sound: .milliseconds(80), picture: .milliseconds(50))
        #expect(scene.waits.last == .zero)
        #expect(scene.sync.extraAudioDelay == .zero)
    }

    @Test func noPictureWaitsLongerThanTheBound() {
        var scene = Scene()
        scene.run(seconds: 10, sound: .milliseconds(1500), picture: .milliseconds(30))
        #expect(scene.waits.max() == LipSync.longestWait)
    }

    @Test(arguments: [60, 120, 200])
    func soundIsHeldForALatePicture(_ late: Int) {
        var scene = Scene()
        scene.run(seconds: 30, sound: .milliseconds(60), picture: .milliseconds(60 + late))
        #expect((Interval.milliseconds(-10) ... .milliseconds(45)).contains(scene.lateness), "\(scene.lateness)")
        #expect(scene.waits.allSatisfy { $0 == .zero })
        // Slowly: 20 ms a second; and back when the picture is early again.
        scene.run(seconds: 30, sound: .milliseconds(60), picture: .milliseconds(60))
        #expect(scene.sync.extraAudioDelay <= .milliseconds(20))
    }

    @Test func theSoundsExtraDelayIsBounded() {
        var scene = Scene()
        scene.run(seconds: 60, sound: .milliseconds(60), picture: .milliseconds(2000))
        #expect(scene.sync.extraAudioDelay == LipSync.mostExtraDelay)
    }

    @Test func unevenPicturesAreShownEvenlyWhileTheyWait() {
        var scene = Scene()
        var random = RandomSource.seeded(4)
        let jitter = (0..<1000).map { _ in Interval.milliseconds(Int(random.next() % 30)) }
        scene.run(seconds: 10, sound: .milliseconds(300), picture: .milliseconds(40)) { jitter[$0 % 1000] }
        let shown = zip(scene.waits, jitter.indices).suffix(100).map { $0 + jitter[$1 % 1000] }
        let (low, high) = (shown.min() ?? .zero, shown.max() ?? .zero)
        #expect(high - low < .milliseconds(12), "\(low) to \(high)")
    }

    @Test func aPictureHeldUpByALossMovesNothing() {
        var scene = Scene()
        scene.run(seconds: 20, sound: .milliseconds(100), picture: .milliseconds(60)) { $0 % 100 < 4 ? .milliseconds(400) : .zero }
        #expect(scene.sync.extraAudioDelay == .zero && scene.waits.allSatisfy { $0 == .zero })
    }

    @Test func withoutSoundNothingWaits() {
        var scene = Scene()
        scene.run(seconds: 2, sound: nil, picture: .milliseconds(50))
        #expect(scene.waits.allSatisfy { $0 == .zero } && scene.sync.pictureLateness == nil)
        scene.run(seconds: 5, sound: .milliseconds(300), picture: .milliseconds(50))
        #expect(scene.waits.last ?? .zero > .milliseconds(100))
        // The sound has ended: the wait fades.
        scene.run(seconds: 5, sound: nil, picture: .milliseconds(50))
        #expect(scene.waits.last == .zero)
    }

    @Test func clocksThatHaveNothingToDoWithEachOtherAreIgnored() {
        var sync = LipSync()
        sync.heard(capture: .seconds(5), at: .zero)
        #expect(sync.waiting(capture: .seconds(900), now: .zero + .milliseconds(1)) == .zero)
        var random = RandomSource.seeded(9)
        for _ in 0..<10_000 {
            let wild = Interval(microseconds: Int64(bitPattern: random.next()))
            let now = Instant(microseconds: Int64(bitPattern: random.next()) >> (random.next() % 40))
            sync.heard(capture: wild, at: now)
            let wait = sync.waiting(capture: Interval(microseconds: Int64(bitPattern: random.next())), now: now)
            #expect(wait >= .zero && wait <= LipSync.longestWait)
            #expect(sync.extraAudioDelay >= .zero && sync.extraAudioDelay <= LipSync.mostExtraDelay)
        }
    }
}
