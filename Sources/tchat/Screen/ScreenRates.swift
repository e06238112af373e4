import CallSession
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

    /// - Parameter isConnected: without a connection there is nothing to say but what the terminal takes.
    mutating func read(_ statistics: CallStatistics, isConnected: Bool, bytesWritten: Int, now: Instant) -> ChatStatistics {
        let time = (now - at).seconds
        if time >= 0.9 {
            framesPerSecond = Double(max(0, statistics.video.decoded - decoded)) / time
            kilobytesPerSecond = Double(max(0, bytesWritten - bytes)) / time / 1000
            at = now
            decoded = statistics.video.decoded
            bytes = bytesWritten
        }
        guard isConnected else { return ChatStatistics(terminalKilobytesPerSecond: kilobytesPerSecond) }
        return ChatStatistics(
            path: statistics.transport.path,
            roundTripMilliseconds: statistics.transport.roundTrip?.milliseconds, framesPerSecond: framesPerSecond,
            kilobitsPerSecond: statistics.transport.receivedKbps, lossPercent: statistics.transport.lossPercent,
            terminalKilobytesPerSecond: kilobytesPerSecond)
    }
}
