import CLinux
import CallSession
import Glibc
import JSON
import Primitives
import Threading

/// A call without a terminal: events out, commands in, and a summary at the end.
struct HeadlessRunner {
    let options: RunOptions
    let processStart: Instant

    enum Outcome {
        case tookPlace
        /// A whole sentence for standard error.
        case failed(String)
    }

    private struct Progress {
        var report: HeadlessReport
        /// As many others as were asked for.
        var connected: Instant?
        /// A refused join is tried again then.
        var rejoin: Instant?
        var failure: String?
        var isOver = false
        var inputEnded = false
        var input = CommandLines()
        var nextStatistics: Instant
    }

    private static let statisticsPeriod = Interval.seconds(2)

    /// Runs until the time is up, the line `hangup`, a signal, or a failure; `session` has not been started.
    func run(_ session: CallSession, events: CallEventQueue, channel: String) -> Outcome {
        let lines = options.json ? JSONLines(processStart: processStart) : nil
        let signals = TerminationSignals(wake: events.wake)
        let giveUp = MonotonicClock.now() + .seconds(options.timeout)
        var progress = Progress(
            report: HeadlessReport(lines: lines), nextStatistics: MonotonicClock.now() + Self.statisticsPeriod)
        session.start()
        if let screen = options.screen { session.setScreen(PictureArea.of(screen)) }
        session.join(channel)
        while !progress.isOver {
            var deadline = progress.nextStatistics
            if progress.connected == nil { deadline = min(deadline, giveUp) }
            if let rejoin = progress.rejoin { deadline = min(deadline, rejoin) }
            let end = progress.connected.flatMap { start in options.seconds.map { start + .seconds($0) } }
            if let end { deadline = min(deadline, end) }
            let hasInput = wait(for: events.wake, input: !progress.inputEnded, until: deadline)
            let now = MonotonicClock.now()
            events.drainTimed { take($0, at: $1, giveUp: giveUp, &progress) }
            if hasInput { readInput(session, lines, &progress) }
            if now >= progress.nextStatistics {
                progress.nextStatistics = now + Self.statisticsPeriod
                lines?.writeStatistics(session)
            }
            if let rejoin = progress.rejoin, now >= rejoin {
                progress.rejoin = nil
                session.join(channel)
            }
            if let end, now >= end { progress.isOver = true }
            if signals.received { progress.isOver = true }
            if progress.connected == nil, now >= giveUp, !progress.isOver {
                progress.failure = whyNot(session, progress.report)
                progress.isOver = true
            }
        }
        session.stop()
        events.drainTimed { take($0, at: $1, giveUp: giveUp, &progress) }
        let statistics = session.statistics
        let ok = progress.failure == nil && statistics.isCall
        if let failure = progress.failure { lines?.write("error", [JSONMember("message", .string(failure))]) }
        lines?.writeSummary(session, statistics, ok: ok)
        if let failure = progress.failure { return .failed(failure) }
        guard ok else { return .failed("The call did not last long enough for a second of picture and sound both.") }
        return .tookPlace
    }

    /// True when standard input has something, or has ended.
    private func wait(for wake: EventDescriptor, input: Bool, until deadline: Instant) -> Bool {
        var descriptors = [pollfd(fd: wake.fileDescriptor, events: Int16(POLLIN), revents: 0)]
        if input { descriptors.append(pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)) }
        let left = max(.zero, deadline - MonotonicClock.now())
        guard tchat_poll(&descriptors, UInt32(descriptors.count), left.microseconds) > 0 else { return false }
        return input && descriptors[1].revents != 0
    }

    /// Why a call with as many as were asked for has not come about.
    private func whyNot(_ session: CallSession, _ report: HeadlessReport) -> String {
        let count = report.connected.count
        guard count > 0, let wanted = options.members else { return session.whyNotConnected(within: options.timeout) }
        return "Only \(count) of \(wanted) others \(count == 1 ? "was" : "were") connected within \(Int(options.timeout)) seconds."
    }

    private func readInput(_ session: CallSession, _ lines: JSONLines?, _ progress: inout Progress) {
        var buffer = [UInt8](repeating: 0, count: 1024)
        let count = read(STDIN_FILENO, &buffer, buffer.count)
        guard count > 0 else {
            if count == 0 || (errno != EAGAIN && errno != EINTR) { progress.inputEnded = true }
            return
        }
        for command in progress.input.take(buffer[..<count]) {
            switch command {
            case .mute: session.setMuted(true)
            case .unmute: session.setMuted(false)
            case .cameraOff: session.setCameraEnabled(false)
            case .cameraOn: session.setCameraEnabled(true)
            case .hangUp: progress.isOver = true
            case .stats: lines?.writeStatistics(session)
            case .say(let text): session.say(text)
            case .restart: session.restartICE()
            case .screen(let screen): session.setScreen(PictureArea.of(screen))
            case .unknown(let text):
                complain("\"\(printable(text))\" is no command; there are: \(CommandLines.known).")
            }
        }
    }

    private func take(_ event: CallEvent, at time: Instant, giveUp: Instant, _ progress: inout Progress) {
        progress.report.take(event, at: time)
        switch event {
        case .joinFailed(let failure, _):
            let sentence = failure.code == nil ? "The channel cannot be joined: \(failure.message)." : failure.sentence
            let now = MonotonicClock.now()
            if let wait = failure.retryAfter, progress.connected == nil, now + wait < giveUp {
                // Not at once, whatever the server says.
                progress.rejoin = now + max(wait, .milliseconds(200))
                progress.report.failed(sentence)
            } else {
                progress.failure = sentence
                progress.isOver = true
            }
        case .connected(_, _, let at):
            if progress.connected == nil, progress.report.connected.count >= options.members ?? 1 { progress.connected = at }
        default: break
        }
    }
}
