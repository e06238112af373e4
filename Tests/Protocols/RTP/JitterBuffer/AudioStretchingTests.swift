import MediaTypes
import Primitives
import Testing

@testable import RTP

/// What the buffer does with the delay when it can be changed by stretching, over networks of all kinds.
@Suite struct AudioStretchingTests {
    @Test(arguments: 1...5)
    func delayFollowsJitterUpAndDown(_ seed: UInt64) throws {
        var random = RandomSource.seeded(seed)
        var scene = AudioScene()
        for n in 0..<4000 {
            let late = (500..<1500).contains(n) ? Int64.random(in: 0...100_000, using: &random) : 0
            scene.send(n, at: .milliseconds(20 * n) + .microseconds(late))
        }
        scene.run(seconds: 79.9)
        #expect(scene.most >= .milliseconds(90) && scene.most <= .milliseconds(120), "seed \(seed): \(scene.most)")
        #expect(scene.removed > 1920, "seed \(seed): \(scene.removed)")
        #expect(scene.holes <= 60 && scene.buffer.statistics.dropped == 0, "seed \(seed): \(scene.holes)")
        #expect(try #require(scene.delay(of: 1400) ?? scene.delay(of: 1401)) >= .milliseconds(80), "seed \(seed)")
        #expect(try #require(scene.delay(of: 3900)) <= .milliseconds(45), "seed \(seed)")
    }

    /// A lost packet's copy comes 20 or 40 ms after it should have; the buffer waits for that, and only while packets are lost.
    @Test(arguments: [(copies: 1, most: 45), (copies: 2, most: 12)])
    func copiesAreWaitedForWhilePacketsAreLost(_ copies: Int, _ most: Int) throws {
        for seed: UInt64 in 1...3 {
            var random = RandomSource.seeded(seed)
            var scene = AudioScene()
            for n in 0..<6000 where n < 3000 ? random.next() % 10 != 0 : true {
                scene.send(n, at: .milliseconds(20 * n), copies: copies)
            }
            scene.run(seconds: 119.9)
            // Without copies it would be 300.
            #expect(scene.concealed <= most, "seed \(seed): \(scene.concealed)")
            #expect(scene.buffer.statistics.recovered > 230, "seed \(seed)")
            #expect(scene.lateMost == .milliseconds(copies == 1 ? 40 : 60), "seed \(seed): \(scene.lateMost)")
            #expect(scene.buffer.targetDelay == .milliseconds(20), "seed \(seed)")
            #expect(try #require(scene.delay(of: 5900)) <= .milliseconds(45), "seed \(seed)")
        }
    }

    @Test func inBandFECIsWaitedFor() {
        var random = RandomSource.seeded(8)
        var scene = AudioScene()
        for n in 0..<3000 where random.next() % 10 != 0 { scene.send(n, at: .milliseconds(20 * n), hasFEC: true) }
        scene.run(seconds: 59.9)
        // What is lost twice in a row, one in a hundred, and the first few.
        #expect(scene.concealed <= 50, "\(scene.concealed)")
        #expect(scene.buffer.targetDelay == .milliseconds(40))
        #expect(scene.buffer.statistics.fecPackets > 2500)
    }

    @Test func onACleanNetworkNothingIsWaitedForNorStretched() {
        var scene = AudioScene()
        for n in 0..<3000 { scene.send(n, at: .milliseconds(20 * n), copies: 2, hasFEC: true) }
        scene.run(seconds: 59.9)
        #expect(scene.holes == 0 && scene.buffer.targetDelay == .milliseconds(20))
        #expect(scene.removed <= 960 && scene.inserted == 0)
    }

    @Test(arguments: [19_996, 20_004] as [Int64])
    func clocksThatDriftCostNoSound(_ pullInterval: Int64) throws {
        var scene = AudioScene()
        scene.pullInterval = pullInterval
        for n in 0..<15_000 { scene.send(n, at: .milliseconds(20 * n)) }
        scene.run(seconds: 299)
        // 200 ppm over five minutes are 60 ms.
        #expect(scene.holes == 0 && scene.buffer.statistics.dropped == 0)
        #expect(scene.removed + scene.inserted > 1400 && scene.removed + scene.inserted < 6500, "\(scene.removed), \(scene.inserted)")
        #expect(try #require(scene.delay(of: 14_900)) <= .milliseconds(45))
    }

    /// A queue that fills for two seconds, stays and empties, as before a bottleneck.
    @Test func aRampOfDelayIsFollowed() throws {
        var scene = AudioScene()
        for n in 0..<3000 {
            let late = n < 500 ? 0 : n < 600 ? (n - 500) * 2 : n < 1000 ? 200 : n < 1100 ? (1100 - n) * 2 : 0
            scene.send(n, at: .milliseconds(20 * n + late))
        }
        scene.run(seconds: 59.9)
        #expect(scene.holes <= 14, "\(scene.holes)")
        #expect(scene.buffer.statistics.dropped == 0 && scene.buffer.statistics.resyncs == 0)
        #expect(try #require(scene.delay(of: 990)) >= .milliseconds(200))
        #expect(try #require(scene.delay(of: 2900)) <= .milliseconds(60))
    }

    @Test(arguments: [false, true])
    func aBlackoutLeavesNoDelayBehind(_ queues: Bool) throws {
        var scene = AudioScene()
        for n in 0..<1500 where queues || !(500..<650).contains(n) {
            scene.send(n, at: .milliseconds((500..<650).contains(n) ? 13_000 : 20 * n), copies: 1)
        }
        scene.run(seconds: 29.9)
        #expect(scene.concealed <= 10)
        #expect(try #require(scene.delay(of: 700)) <= .milliseconds(120))
        #expect(try #require(scene.delay(of: 1400)) <= .milliseconds(50))
        #expect(scene.buffer.targetDelay <= .milliseconds(40))
    }

    @Test(arguments: 1...3)
    func reorderedAndRepeatedPacketsCostNothingButTime(_ seed: UInt64) {
        var random = RandomSource.seeded(seed)
        var scene = AudioScene()
        for n in 0..<2000 {
            let late = random.next() % 5 == 0 ? 45 : 0
            scene.send(n, at: .milliseconds(20 * n + late))
            if random.next() % 4 == 0 { scene.send(n, at: .milliseconds(20 * n + 30)) }
        }
        scene.run(seconds: 39.9)
        #expect(scene.played == Array(Set(scene.played)).sorted(), "seed \(seed)")
        #expect(scene.played.count >= 1980 && scene.holes <= 12, "seed \(seed): \(scene.played.count), \(scene.holes)")
    }

    @Test func burstsOfLossAreCoveredAsFarAsCopiesReach() {
        // Gilbert-Elliott: a tenth of the time bad, three packets at a time.
        var random = RandomSource.seeded(12)
        var scene = AudioScene()
        var (isBad, lost) = (false, 0)
        for n in 0..<3000 {
            isBad = random.next() % 1000 < (isBad ? 667 : 37)
            if isBad { lost += 1 } else { scene.send(n, at: .milliseconds(20 * n), copies: 2) }
        }
        scene.run(seconds: 59.9)
        #expect(lost > 200 && scene.concealed * 2 < lost, "\(lost) lost, \(scene.concealed) concealed")
    }

    @Test func theExtraDelayForLatePicturesIsHeldAndGivenBack() throws {
        var scene = AudioScene()
        for n in 0..<1000 { scene.send(n, at: .milliseconds(20 * n)) }
        let all = scene.arrivals
        scene.buffer.extraDelay = .milliseconds(100)
        scene.run(seconds: 9.9)
        #expect(try #require(scene.delay(of: 450)) >= .milliseconds(110))
        #expect(scene.holes == 0)
        scene.buffer.extraDelay = .milliseconds(-5)
        #expect(scene.buffer.extraDelay == .zero)
        scene.buffer.extraDelay = .seconds(9)
        #expect(scene.buffer.extraDelay == .milliseconds(250))
        scene.arrivals = all
    }

    @Test(arguments: 1...10)
    func hostileNumbersNeverTrap(_ seed: UInt64) {
        var random = RandomSource.seeded(seed)
        var buffer = AudioJitterBuffer()
        var now = Instant.zero
        var (sequence, timestamp): (UInt16, UInt32) = (0, 0)
        for _ in 0..<3000 {
            now += .microseconds(Int64(random.next() % 40_000))
            if random.next() % 8 == 0 {
                sequence = UInt16(truncatingIfNeeded: random.next())
                timestamp = UInt32(truncatingIfNeeded: random.next())
            } else {
                sequence &+= UInt16(random.next() % 4)
                timestamp &+= UInt32(random.next() % 3000)
            }
            var packet = ReceivedAudioPacket(
                sequenceNumber: sequence, timestamp: timestamp, payload: random.bytes(Int(random.next() % 6)), arrival: now)
            packet.isRedundant = random.next() % 3 == 0
            packet.captureTime = random.next() % 2 == 0 ? Interval(microseconds: Int64(bitPattern: random.next())) : nil
            buffer.insert(packet, now: now)
            let pending = Int(random.next() % 6000)
            _ = buffer.pull(now: now, pending: pending)
            if case .accelerate(let most, _) = buffer.stretch() { buffer.stretched(by: -most) }
            #expect(buffer.targetDelay <= .milliseconds(650) && buffer.bufferedDelay <= .seconds(60), "seed \(seed)")
        }
    }
}
