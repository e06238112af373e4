import MediaTypes
import Primitives
import Testing

@testable import RTP

@Suite struct AudioJitterBufferTests {
    @Test func aCleanNetworkPlaysEverythingInOrderWithLittleDelay() throws {
        var scene = AudioScene()
        for n in 0..<1000 { scene.send(n, at: .milliseconds(20 * n)) }
        scene.run(seconds: 19.9)
        #expect(scene.played == scene.played.sorted())
        #expect(scene.holes == 0 && scene.buffer.statistics.dropped == 0)
        #expect(scene.buffer.targetDelay == .milliseconds(20))
        #expect(try #require(scene.delay(of: 900)) <= .milliseconds(45))
    }

    @Test(arguments: 1...5)
    func jitterIsAbsorbed(_ seed: UInt64) throws {
        var random = RandomSource.seeded(seed)
        var scene = AudioScene()
        for n in 0..<3000 { scene.send(n, at: .milliseconds(20 * n) + .microseconds(Int64.random(in: 0...60_000, using: &random))) }
        scene.run(seconds: 59.9)
        #expect(scene.played == scene.played.sorted(), "seed \(seed)")
        #expect(scene.holes < 60, "seed \(seed): \(scene.holes) holes")
        #expect((Interval.milliseconds(45)...Interval.milliseconds(75)).contains(scene.buffer.targetDelay), "seed \(seed)")
        #expect(try #require(scene.delay(of: 2900) ?? scene.delay(of: 2901)) < .milliseconds(130), "seed \(seed)")
    }

    @Test func theTargetGrowsAtOnceAndShrinksSlowly() {
        var scene = AudioScene()
        // Five seconds even, five with every fourth packet 100 ms late, then even.
        for n in 0..<2500 {
            let late = (250..<500).contains(n) && n % 4 == 0
            scene.send(n, at: .milliseconds(20 * n + (late ? 100 : 0)))
        }
        var targets: [Interval] = []
        let all = scene.arrivals
        for end in [5, 6, 11, 50] {
            scene.arrivals = all
            scene.buffer = AudioJitterBuffer()
            scene.pulls = []
            scene.run(seconds: Double(end) - 0.1)
            targets.append(scene.buffer.targetDelay)
        }
        #expect(targets[0] <= .milliseconds(30))
        #expect(targets[1] >= .milliseconds(95))
        #expect(targets[2] >= .milliseconds(80))
        #expect(targets[3] == .milliseconds(20))
        #expect((scene.delay(of: 2400) ?? .seconds(9)) <= .milliseconds(50))
    }

    @Test(arguments: 1...5)
    func lostPacketsAreConcealedOneForOne(_ seed: UInt64) {
        var random = RandomSource.seeded(seed)
        var scene = AudioScene()
        var lost: Set<Int> = []
        for n in 0..<2000 {
            let isLost = (51..<1990).contains(n) && Double.random(in: 0..<1, using: &random) < 0.1
            if isLost { lost.insert(n) } else { scene.send(n, at: .milliseconds(20 * n)) }
        }
        scene.run(seconds: 39.9)
        let statistics = scene.buffer.statistics
        #expect(scene.played == scene.played.sorted(), "seed \(seed)")
        #expect(abs(scene.holes - lost.count) <= 8, "seed \(seed): \(scene.holes) holes for \(lost.count) lost")
        #expect(statistics.late == 0 && statistics.dropped <= 8, "seed \(seed): \(statistics)")
    }

    @Test func theNextPacketIsOfferedForItsFEC() {
        var buffer = AudioJitterBuffer()
        func insert(_ n: UInt16) {
            buffer.insert(
                ReceivedAudioPacket(sequenceNumber: n, timestamp: UInt32(n) * 960, payload: [UInt8(n), 0], arrival: .zero), now: .zero)
        }
        for n: UInt16 in [1, 2, 4, 5, 8, 9] { insert(n) }
        let pulls = (0..<9).map { buffer.pull(now: .zero + .milliseconds(60 + 20 * $0)) }
        #expect(
            pulls == [
                .packet([1, 0]), .packet([2, 0]), .lost(fecFrom: [4, 0]), .packet([4, 0]), .packet([5, 0]), .lost(fecFrom: nil),
                .lost(fecFrom: [8, 0]), .packet([8, 0]), .packet([9, 0]),
            ])
    }

    @Test func repeatsAndStragglersAreCounted() {
        var scene = AudioScene()
        for n in 0..<100 where n != 50 {
            scene.send(n, at: .milliseconds(20 * n))
            if n % 10 == 0 { scene.send(n, at: .milliseconds(20 * n + 1)) }
        }
        scene.send(50, at: .milliseconds(1500))
        scene.run(seconds: 1.9)
        #expect(!scene.played.contains(50))
        #expect(scene.played.count == Set(scene.played).count)
        #expect(scene.buffer.statistics.late + scene.buffer.statistics.duplicates == 10)
    }

    @Test(arguments: [19_980, 20_020] as [Int64])
    func clockDriftOfATenthOfAPercent(_ pullInterval: Int64) throws {
        var scene = AudioScene()
        scene.pullInterval = pullInterval
        for n in 0..<15_000 { scene.send(n, at: .milliseconds(20 * n)) }
        scene.run(seconds: 299)
        // 300 ms of drift are fifteen packets, left out or concealed.
        let statistics = scene.buffer.statistics
        #expect(statistics.dropped <= 20 && statistics.concealed <= 40, "\(statistics)")
        #expect(try #require(scene.delay(of: 14_900) ?? scene.delay(of: 14_901)) < .milliseconds(70))
        #expect(statistics.resyncs == 0)
    }

    @Test(arguments: [true, false])
    func aLongSilenceResumesWithoutMoreDelay(_ timestampsGoOn: Bool) throws {
        var scene = AudioScene()
        for n in 0..<200 { scene.send(n, at: .milliseconds(20 * n)) }
        // Ten seconds of nothing, then the next sequence number.
        for n in 200..<590 { scene.send(n, timestamp: 0xffff_0000 &+ (timestampsGoOn ? 480_000 : 0), at: .milliseconds(20 * n + 10_000)) }
        scene.run(seconds: 21.9)
        #expect(scene.played.count >= 588)
        #expect(try #require(scene.delay(of: 200)) - .seconds(10) <= .milliseconds(60))
        #expect(try #require(scene.delay(of: 580)) - .seconds(10) <= .milliseconds(60))
        #expect(scene.pulls.filter { if case .lost = $0.pull { true } else { false } }.count <= 10)
    }

    @Test func theQueueOfAnOutageIsCutAndNotKept() throws {
        var scene = AudioScene()
        // Packets of three seconds come in a burst at their end.
        for n in 0..<1000 { scene.send(n, at: .milliseconds((200..<350).contains(n) ? 7000 : 20 * n)) }
        scene.run(seconds: 19.9)
        #expect(try #require(scene.delay(of: 380)) <= .milliseconds(120))
        #expect(try #require(scene.delay(of: 900)) <= .milliseconds(60))
        #expect(scene.buffer.statistics.resyncs <= 1)
    }

    @Test func aNewSourceIsTakenUp() {
        var scene = AudioScene()
        for n in 0..<200 { scene.send(n, at: .milliseconds(20 * n)) }
        for n in 200..<400 { scene.send(n, from: 12_000, timestamp: 5_000, at: .milliseconds(20 * n)) }
        scene.run(seconds: 7.9)
        #expect(scene.played.suffix(150).count == 150 && scene.played.filter { $0 >= 200 }.count >= 190)
        #expect(scene.buffer.statistics.resyncs == 1)
    }

    /// A sender that counts thirty thousand packets within 20 ms has begun anew, and is not waited for through ten minutes of concealment.
    @Test func aSequenceThatRunsAheadOfItsTimeIsANewBeginning() {
        var buffer = AudioJitterBuffer()
        var now = Instant.zero
        var played = 0
        for n in 0..<100 {
            now += .milliseconds(20)
            let sequence = UInt16(n) + (n < 50 ? 0 : 30_000)
            buffer.insert(
                ReceivedAudioPacket(sequenceNumber: sequence, timestamp: UInt32(n) * 960, payload: [1, 2, 3], arrival: now), now: now)
            if case .packet = buffer.pull(now: now) { played += 1 }
        }
        #expect(played > 85 && buffer.statistics.resyncs == 1)
    }

    @Test func aFloodStaysBounded() {
        var buffer = AudioJitterBuffer()
        for n in 0..<5000 {
            buffer.insert(
                ReceivedAudioPacket(
                    sequenceNumber: UInt16(n), timestamp: UInt32(n) * 960, payload: [1], arrival: .zero), now: .zero)
        }
        #expect(buffer.bufferedDelay <= .seconds(2))
        #expect(buffer.pull(now: .zero + .milliseconds(100)) == .packet([1]))
        #expect(buffer.bufferedDelay <= .seconds(2))
    }
}
