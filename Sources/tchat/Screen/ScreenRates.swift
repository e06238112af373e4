import CallSession
import CellGraphics
import ChatUI
import Primitives

/// Turns the session's counts into the status line's rates, over the time between two looks.
struct ScreenRates {
    private var at: Instant
    private var decoded = 0
    private var bytes = 0
    private var framesPerSecond = 0.0
    private var kilobytesPerSecond = 0.0

    init(now: Instant) { at = now }

    /// - Parameters:
    ///   - transports: of the connections there are; without one there is nothing to say but what the terminal takes.
    ///   - foremost: the connection that is looked at, when it is one.
    ///   - pictures: how many are seen; the rate is of one.
    ///   - budget: says whether the terminal holds pictures back; nil: none are shown.
    mutating func read(
        decoded: Int, transports: [CallStatistics.Transport], foremost: CallStatistics.Transport?, pictures: Int, bytesWritten: Int,
        budget: ByteBudget?, now: Instant
    ) -> ChatStatistics {
        let limit = budget.flatMap { budget in
            budget.level > 0 ? TerminalLimit(kilobytesPerSecond: budget.rate.map { $0 / 1000 }, level: budget.level) : nil
        }
        let time = (now - at).seconds
        if time >= 0.9 {
            framesPerSecond = Double(max(0, decoded - self.decoded)) / time / Double(max(1, pictures))
            kilobytesPerSecond = Double(max(0, bytesWritten - bytes)) / time / 1000
            at = now
            self.decoded = decoded
            bytes = bytesWritten
        }
        guard !transports.isEmpty else { return ChatStatistics(terminalKilobytesPerSecond: kilobytesPerSecond, terminalLimit: limit) }
        return ChatStatistics(
            roundTripMilliseconds: foremost?.roundTrip?.milliseconds, framesPerSecond: framesPerSecond,
            kilobitsPerSecond: transports.reduce(0) { $0 + $1.receivedKbps },
            lossPercent: foremost?.lossPercent ?? transports.map(\.lossPercent).max() ?? 0,
            terminalKilobytesPerSecond: kilobytesPerSecond, terminalLimit: limit)
    }
}
