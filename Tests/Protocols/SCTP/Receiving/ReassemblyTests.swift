import ByteCoding
import Primitives
import Testing

@testable import SCTP

@Suite struct ReassemblyTests {
    private struct Part {
        var header: DataChunkHeader
        var payload: [UInt8]
    }

    private func add(_ header: DataChunkHeader, tsn: Int64, _ payload: [UInt8], to reassembly: inout Reassembly) -> Bool {
        reassembly.add(header, tsn: tsn, payload: payload.span)
    }

    /// Messages of 1 to 6 parts on two streams, one of them unordered.
    private func parts(_ random: inout RandomSource, messages: Int) -> (parts: [Part], contents: [[UInt8]]) {
        var parts: [Part] = []
        var contents: [[UInt8]] = []
        var sequence: UInt16 = 65_530
        for number in 0..<messages {
            let isUnordered = number % 2 == 1
            let count = Int.random(in: 1...6, using: &random)
            var content: [UInt8] = []
            for index in 0..<count {
                let payload = random.bytes(Int.random(in: 1...9, using: &random))
                content += payload
                var flags: DataChunkHeader.Flags = isUnordered ? .unordered : []
                if index == 0 { flags.insert(.beginning) }
                if index == count - 1 { flags.insert(.end) }
                parts.append(
                    Part(
                        header: DataChunkHeader(
                            flags: flags, tsn: UInt32(parts.count), stream: isUnordered ? 2 : 1, sequence: isUnordered ? 0 : sequence,
                            payloadType: 53), payload: payload))
            }
            if !isUnordered { sequence &+= 1 }
            contents.append(content)
        }
        return (parts, contents)
    }

    /// Sequence numbers wrap on the way.
    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func anyOrderOfArrivalGivesWholeMessages(seed: UInt64) {
        var random = RandomSource.seeded(seed)
        let (parts, contents) = parts(&random, messages: 40)
        var reassembly = Reassembly(messageLimit: 1000)
        reassembly.forward(to: -1, skips: [.init(stream: 1, sequence: 65_529)])
        for part in parts.shuffled(using: &random) {
            let isTaken = add(part.header, tsn: Int64(part.header.tsn), part.payload, to: &reassembly)
            #expect(isTaken)
        }
        var ordered: [[UInt8]] = []
        var unordered: [[UInt8]] = []
        while let message = reassembly.messages.popFirst() {
            if message.stream == 1 { ordered.append(message.bytes) } else { unordered.append(message.bytes) }
        }
        #expect(ordered == stride(from: 0, to: 40, by: 2).map { contents[$0] })
        #expect(Set(unordered) == Set(stride(from: 1, to: 40, by: 2).map { contents[$0] }))
        #expect(reassembly.cost == 0)
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func whatIsGivenUpIsForgottenAndTheRestComes(seed: UInt64) {
        var random = RandomSource.seeded(seed)
        let (parts, contents) = parts(&random, messages: 40)
        var reassembly = Reassembly(messageLimit: 1000)
        reassembly.forward(to: -1, skips: [.init(stream: 1, sequence: 65_529)])
        let given = parts.filter { _ in Int.random(in: 0..<10, using: &random) > 0 }
        for part in given {
            let isTaken = add(part.header, tsn: Int64(part.header.tsn), part.payload, to: &reassembly)
            #expect(isTaken)
        }
        reassembly.forward(to: Int64(parts.count), skips: [.init(stream: 1, sequence: 65_529 &+ 20)])
        var ordered: [[UInt8]] = []
        while let message = reassembly.messages.popFirst() { if message.stream == 1 { ordered.append(message.bytes) } }
        let lost = Set(parts.indices.filter { index in !given.contains { $0.header.tsn == parts[index].header.tsn } })
        var expected: [[UInt8]] = []
        var index = 0
        for number in 0..<40 {
            let start = index
            repeat { index += 1 } while index < parts.count && !parts[index].header.flags.contains(.beginning)
            if number % 2 == 0, !(start..<index).contains(where: lost.contains) { expected.append(contents[number]) }
        }
        #expect(ordered == expected)
        #expect(reassembly.cost == 0)
    }

    @Test func aMessageThatIsTooLargeIsNotKept() {
        var reassembly = Reassembly(messageLimit: 100)
        for tsn in [0, 2, 1, 3, 5, 6, 4] {
            var flags: DataChunkHeader.Flags = tsn == 0 ? .beginning : []
            if tsn == 6 { flags.insert(.end) }
            let header = DataChunkHeader(flags: flags, tsn: UInt32(tsn), stream: 0, sequence: 0, payloadType: 53)
            let isTaken = add(header, tsn: Int64(tsn), [UInt8](repeating: 1, count: 40), to: &reassembly)
            #expect(isTaken)
            #expect(reassembly.cost <= 100 + 3 * 40 + 3 * InboundStream.overhead)
        }
        let message = reassembly.messages.popFirst()
        #expect(message?.isOversized == true && message?.bytes.isEmpty == true)
        #expect(reassembly.cost == 0)
        let next = DataChunkHeader(flags: [.beginning, .end], tsn: 7, stream: 0, sequence: 1, payloadType: 53)
        let isTaken = add(next, tsn: 7, [1], to: &reassembly)
        #expect(isTaken)
        let after = reassembly.messages.popFirst()
        #expect(after?.bytes == [1])
    }

    @Test func thereIsAnEndToTheStreams() {
        var reassembly = Reassembly(messageLimit: 100)
        var taken = 0
        for stream in 0..<UInt16.max {
            let header = DataChunkHeader(flags: .beginning, tsn: UInt32(stream), stream: stream, sequence: 0, payloadType: 53)
            if reassembly.add(header, tsn: Int64(stream), payload: [1].span) { taken += 1 }
        }
        #expect(taken == Reassembly.streamLimit)
    }
}
