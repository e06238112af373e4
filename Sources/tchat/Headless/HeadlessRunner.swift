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
        var connected: Instant?
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
        var progress = Progress(nextStatistics: MonotonicClock.now() + Self.statisticsPeriod)
        session.start()
        if let screen = options.screen { session.setScreen(PictureArea.of(screen)) }
        session.join(channel)
        while !progress.isOver {
            var deadline = progress.nextStatistics
            if progress.connected == nil { deadline = min(deadline, giveUp) }
            let end = progress.connected.flatMap { start in options.seconds.map { start + .seconds($0) } }
            if let end { deadline = min(deadline, end) }
            let hasInput = wait(for: events.wake, input: !progress.inputEnded, until: deadline)
            let now = MonotonicClock.now()
            events.drain { report($0, lines, &progress) }
            if hasInput { readInput(session, lines, &progress) }
            if now >= progress.nextStatistics {
                progress.nextStatistics = now + Self.statisticsPeriod
                lines?.writeStatistics(session)
            }
            if let end, now >= end { progress.isOver = true }
            if signals.received { progress.isOver = true }
            if progress.connected == nil, now >= giveUp, !progress.isOver {
                progress.failure = session.whyNotConnected(within: options.timeout)
                progress.isOver = true
            }
        }
        session.stop()
        events.drain { report($0, lines, &progress) }
        let statistics = session.statistics
        let ok = progress.failure == nil && statistics.isCall
        if let failure = progress.failure { lines?.write("error", [JSONMember("message", .string(failure))]) }
        lines?.writeSummary(statistics, session.stats, ok: ok)
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

    private func report(_ event: CallEvent, _ lines: JSONLines?, _ progress: inout Progress) {
        switch event {
        case .joined(let channel, let isFirst):
            lines?.write("joined", [JSONMember("channel", .string(channel)), JSONMember("first", .bool(isFirst))])
            say("Joined \(channel)" + (isFirst ? "; waiting for someone else." : "."))
        case .joinFailed(let failure):
            progress.failure = "The channel cannot be joined: \(failure.message)."
            progress.isOver = true
        case .ready:
            lines?.write("ready")
        case .connected(_, let path, let at):
            if progress.connected == nil { progress.connected = at }
            lines?.write("connected", at: at, [JSONMember("pair", .string(path))])
            say("Connected: \(path).")
        case .firstFrame(_, let width, let height, let at):
            let size = [JSONMember("width", .integer(Int64(width))), JSONMember("height", .integer(Int64(height)))]
            lines?.write("first-frame", at: at, size)
            say("The first picture is here, \(width)x\(height).")
        case .peerLeft(_, let reason):
            lines?.write("peer-left", [JSONMember("reason", .string(reason))])
            say("\(reason) Waiting.")
        case .error(let text), .speakerFailed(let text), .signalingLost(let text):
            lines?.write("error", [JSONMember("message", .string(text))])
            complain(text)
        case .message(let text): say(text)
        case .chat(_, let text):
            lines?.write("chat", [JSONMember("from", "them"), JSONMember("text", .string(text))])
            say("They: \(text)")
        case .chatOpen: break
        case .peerMedia(_, let microphone, let camera):
            lines?.write("peer-media", [JSONMember("microphone", .bool(microphone)), JSONMember("camera", .bool(camera))])
        case .path(_, let isRelayed, let summary, let pair):
            let kind: JSONValue = isRelayed ? "relayed" : "direct"
            lines?.write("path", [JSONMember("kind", kind), JSONMember("summary", .string(summary)), JSONMember("pair", .string(pair))])
        case .verification(_, let verification): report(verification, lines)
        case .acquaintance(_, let acquaintance): report(acquaintance, lines)
        case .interrupted: say("Nothing comes from the other side at the moment.")
        case .resumed: say("The other side is back.")
        case .signalingStopping(let text): say(text)
        case .signalingConnected, .memberArrived, .memberLeft, .joining, .connecting, .peerNamed, .channels, .listUnsupported, .left: break
        }
    }

    private func report(_ verification: CallVerification, _ lines: JSONLines?) {
        switch verification {
        case .words(let words):
            let text = words.joined(separator: "-")
            lines?.write("verification", [JSONMember("state", "words"), JSONMember("words", .string(text))])
            say("Words: \(text). The same on the other end: nobody sits between you.")
        case .impossible(let why):
            lines?.write("verification", [JSONMember("state", "not-verifiable"), JSONMember("reason", .string(why))])
            say("It cannot be verified that nobody sits between you: \(why).")
        case .failed(let why):
            lines?.write("verification", [JSONMember("state", "failed"), JSONMember("reason", .string(why))])
            complain("Somebody may sit between you: \(why).")
        }
    }

    private func report(_ acquaintance: CallAcquaintance, _ lines: JSONLines?) {
        func write(_ state: String, _ members: [JSONMember] = []) {
            lines?.write("known-peer", [JSONMember("state", .string(state))] + members)
        }
        switch acquaintance {
        case .unknown: write("unnamed")
        case .firstSeen: write("first-seen")
        case .known(let since, let isVerified):
            write("known", [JSONMember("since", .string(since)), JSONMember("verified", .bool(isVerified))])
        case .changed(let since):
            write("changed", [JSONMember("since", .string(since))])
            complain("The other side's key has changed; the name was known with another one since \(since).")
        }
    }

    private func say(_ text: String) {
        guard !options.json else { return }
        writeFully(Array((printable(text) + "\n").utf8), to: STDOUT_FILENO)
    }
}
