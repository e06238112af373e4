/// One received audio stream: it is only counted here, and put in order by the playout thread's jitter buffer.
struct AudioReceiver: Sendable {
    static let clockRate: Int64 = 48_000

    let ssrc: UInt32
    var reception = ReceptionStatistics(clockRate: clockRate)

    init(ssrc: UInt32) { self.ssrc = ssrc }
}
