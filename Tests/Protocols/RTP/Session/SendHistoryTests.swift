import Primitives
import Testing

@testable import RTP

@Suite struct SendHistoryTests {
    @Test(arguments: [nil, .zero, .milliseconds(40)] as [Interval?])
    func aPacketIsNotSentAgainAsOftenAsItIsAskedFor(_ roundTrip: Interval?) {
        var history = SendHistory()
        history.add([1], sequenceNumber: 7, now: .zero, roundTrip: roundTrip)
        var sent = 0
        for tick in 0..<1000 where history.take(7, now: .zero + .microseconds(Int64(tick) * 100), roundTrip: roundTrip) != nil { sent += 1 }
        #expect((4...20).contains(sent))
    }
}
