import Primitives
import TURNSimulation
import TestSupport
import Testing

@testable import ICE

@Suite struct StreamFramingTests {
    private static func frames(_ framing: StreamFraming, _ bytes: [UInt8]) -> (frames: [[UInt8]], rest: Int, isBroken: Bool) {
        var input = StreamInput(
            source: SimulatedAgents.address("192.0.2.1"), base: SocketAddress(namingStream: 1), bytes: bytes, id: StreamID(1),
            framing: framing)
        var frames: [[UInt8]] = []
        while let range = input.next() { frames.append(Array(input.bytes[range])) }
        return (frames, bytes.count - input.taken, input.isBroken)
    }

    private static let stun: [UInt8] = [0, 1, 0, 4, 0x21, 0x12, 0xa4, 0x42] + Array(1...12) + [9, 9, 9, 9]

    @Test func turnMessagesAreTakenApart() {
        let channelData: [UInt8] = [0x40, 1, 0, 5, 1, 2, 3, 4, 5, 0, 0, 0]
        let (frames, rest, isBroken) = Self.frames(.turn, Self.stun + channelData + Self.stun + [0x40, 1])
        #expect(frames == [Self.stun, Array(channelData.prefix(9)), Self.stun] && rest == 2 && !isBroken)
        for count in 0..<channelData.count { #expect(Self.frames(.turn, Array(channelData.prefix(count))).frames.isEmpty) }
    }

    @Test func lengthsAreTakenApart() {
        let (frames, rest, isBroken) = Self.frames(.lengths, [0, 2, 7, 8, 0, 0, 0, 1, 9, 0, 3, 1])
        #expect(frames == [[7, 8], [9]] && rest == 3 && !isBroken)
    }

    @Test(arguments: [[0x80], [0xff, 1, 2, 3], [0, 1, 0, 3], [0, 1, 0, 4, 0x21, 0x12, 0xa4, 0x43]] as [[UInt8]])
    func whatIsNoTURNMessageBreaksTheStream(bytes: [UInt8]) {
        let (frames, _, isBroken) = Self.frames(.turn, Self.stun + bytes)
        #expect(frames == [Self.stun] && isBroken)
    }

    @Test(arguments: 0...9)
    func whatIsFramedComesOutAgain(count: Int) {
        var datagram = [0x40, 0, 0, UInt8(count)] + Array(repeating: UInt8(7), count: count)
        let original = datagram
        StreamFraming.turn.frame(&datagram)
        #expect(datagram.count % 4 == 0 && Self.frames(.turn, datagram).frames == [original])
        datagram = original
        StreamFraming.lengths.frame(&datagram)
        #expect(Self.frames(.lengths, datagram).frames == [original])
    }

    /// A server, or who sits in front of it, sends anything; so does whoever connects to a listener.
    @Test(arguments: 0..<8 as Range<UInt64>)
    func noiseIsBounded(seed: UInt64) {
        var random = RandomSource.seeded(seed)
        for framing in [StreamFraming.turn, .lengths] {
            for _ in 0..<300 {
                var bytes = random.bytes(Int.random(in: 0...200, using: &random))
                if Bool.random(using: &random) { bytes = Self.stun + bytes }
                for index in bytes.indices.dropFirst(2).prefix(1) where Bool.random(using: &random) { bytes[index] = 0 }
                let (frames, rest, _) = Self.frames(framing, bytes)
                #expect(frames.reduce(0) { $0 + $1.count } + rest <= bytes.count)
            }
        }
    }

    private static func connected(seed: UInt64) -> (call: SimulatedAgents, stream: StreamID)? {
        var call = SimulatedAgents(seed: seed, conditions: PathConditions(delay: .milliseconds(5)))
        call.udpBlocked = Set(call.hosts.flatMap { $0.map(\.ip) })
        call.open()
        call.addListener(1, SimulatedAgents.address("198.51.100.2", 443))
        guard call.run(for: .seconds(2), until: { $0.bothConnected }), let id = call.streams.firstAccepted else { return nil }
        return (call, id)
    }

    @Test(arguments: 1...6 as ClosedRange<UInt64>)
    func noiseOnAnAgentsStreamIsBounded(seed: UInt64) throws {
        var (call, stream) = try #require(Self.connected(seed: seed))
        var random = RandomSource.seeded(seed)
        for _ in 0..<2000 {
            let bytes = random.bytes(Int.random(in: 1...1500, using: &random))
            guard var input = call.agents[1].streamReceived(stream, bytes.span, now: call.now) else { break }
            while let frame = input.next() { call.take(Array(input.bytes[frame]), from: input.source, base: input.base, by: 1) }
            call.agents[1].streamHandled(input, now: call.now)
            #expect(call.agents[1].streams.streams[0].buffer.count <= 1 << 16)
        }
        #expect(call.agents[1].remotes.count <= 64)
    }

    @Test func tooMuchAtOnceEndsTheStream() throws {
        var (call, stream) = try #require(Self.connected(seed: 9))
        #expect(call.agents[1].streamReceived(stream, Array(repeating: UInt8(1), count: 200_000).span, now: call.now) == nil)
        var closed: [StreamID] = []
        while let output = call.agents[1].poll() { if case .closeStream(let id) = output { closed.append(id) } }
        #expect(closed == [stream] && call.agents[1].streamReceived(stream, [1].span, now: call.now) == nil)
    }
}
