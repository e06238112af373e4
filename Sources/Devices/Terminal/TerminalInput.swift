import CTerminalGuard
import Glibc
import Primitives
import Threading

// Events: keys, answers, signals, wake-ups.
extension TerminalDevice {
    /// Sleeps until a key, a signal, a wake-up or the deadline (nil: none); gives what there is, in order.
    public func readEvents(until deadline: Instant?) -> [TerminalEvent] {
        if queued.isEmpty {
            let limit = [deadline, filter.deadline].compactMap { $0 }.min()
            wait(until: limit, wakes: wakes)
        }
        let tokens = readTokens()
        var isStopKey = false
        for token in tokens {
            if case .answer(let answer) = token { take(answer: answer) }
            for event in KeyDecoder.events(token) {
                if event == .key(.control("z")) { isStopKey = true } else { queued.append(event) }
            }
        }
        takeSignals(stopping: isStopKey)
        if !backlog.isEmpty, continueWriting() {
            writeWaiting()
            queued.append(.writable)
        }
        for wake in wakes where isReady(wake) {
            wake.drain()
            if queued.last != .wake { queued.append(.wake) }
        }
        limitCapturedErrors()
        defer { queued = [] }
        return queued
    }

    func take(answer: [UInt8]) {
        let text = String(decoding: answer.dropFirst(2), as: UTF8.self)
        if let size = TerminalQuery.cellSize(text) {
            cell = size
            let former = self.size
            updateSize()
            if self.size != former { queued.append(.resized(self.size)) }
        }
        if question.isEmpty, text.hasPrefix("?"), text.hasSuffix("c") {
            // Too late for the start, as over a long way; but it answers.
            question = Array(TerminalQuery.attributes.utf8)
            queued.append(.answered)
            return
        }
        guard openQuestions > 0, isAnswer(text) else { return }
        openQuestions -= 1
        if openQuestions == 0 { filter.expectNoAnswers() }
        queued.append(.answered)
    }

    private func isAnswer(_ text: String) -> Bool {
        question == Array(TerminalQuery.status.utf8) ? text == "0n" || text == "3n" : text.hasPrefix("?") && text.hasSuffix("c")
    }

    private func takeSignals(stopping: Bool) {
        signals.drain()
        var number: Int32 = 0
        var bits = terminal_guard_take(&number)
        if stopping || bits & Int32(TERMINAL_GUARD_STOP) != 0 {
            // The key is for all that the terminal's foreground is made of, as when the kernel takes it; a signal was for this process.
            stop(wholeGroup: stopping)
            // Its own SIGCONT has been dealt with; what else came meanwhile has not.
            bits = (bits | terminal_guard_take(&number)) & ~Int32(TERMINAL_GUARD_CONTINUE)
        }
        if bits & Int32(TERMINAL_GUARD_CONTINUE) != 0 {
            enter()
            queued.append(.resumed(size))
        } else if bits & Int32(TERMINAL_GUARD_RESIZE) != 0 {
            updateSize()
            // The font's size may have changed, too.
            if cell.width > 0 {
                filter.expectAnswers(until: MonotonicClock.now() + .seconds(1))
                write(Array(TerminalQuery.cellSize.utf8))
            }
            queued.append(.resized(size))
        }
        if bits & Int32(TERMINAL_GUARD_TERMINATE) != 0 { queued.append(.terminate(signal: number)) }
    }

    /// Gives the terminal back, stops the process as Ctrl-Z does anywhere else, and takes the terminal again after SIGCONT.
    private func stop(wholeGroup: Bool) {
        settle()
        dropBacklog()
        terminal_guard_restore()
        terminal_guard_stop_process(wholeGroup ? 1 : 0)
        enter()
        queued.append(.resumed(size))
    }

    private func enter() {
        if standardError >= 0 { dup2(captured, STDERR_FILENO) }
        updateSize()
        tcsetattr(descriptor, TCSANOW, &rawMode)
        terminal_guard_set_active(1)
        dropBacklog()
        // After SIGSTOP and SIGCONT a shell has read the answers.
        forgetQuestions()
        write(entering)
        isTitleWaiting = title != nil
        writeWaiting()
    }

    func readTokens() -> [InputFilter.Token] {
        var tokens: [InputFilter.Token] = []
        var bytes = [UInt8](repeating: 0, count: 1024)
        // Bounded, so that a flood of input cannot keep the screen from being drawn.
        for _ in 0..<8 {
            let count = read(descriptor, &bytes, bytes.count)
            if count > 0 {
                tokens += filter.feed(bytes[..<count], now: MonotonicClock.now())
            } else {
                if count == 0 || (errno != EAGAIN && errno != EINTR) { hangUp() }
                break
            }
        }
        return tokens + filter.expire(now: MonotonicClock.now())
    }

    func hangUp() {
        guard !hasHungUp else { return }
        hasHungUp = true
        dropBacklog()
        queued.append(.hangUp)
    }

    private func isReady(_ wake: EventDescriptor) -> Bool {
        var entry = pollfd(fd: wake.fileDescriptor, events: Int16(POLLIN), revents: 0)
        return poll(&entry, 1, 0) > 0
    }

    func wait(until deadline: Instant?, wakes: [EventDescriptor]) {
        let interest = Int16(POLLIN) | (backlog.isEmpty ? 0 : Int16(POLLOUT))
        var entries = [pollfd(fd: hasHungUp ? -1 : descriptor, events: interest, revents: 0)]
        entries.append(pollfd(fd: signals.fileDescriptor, events: Int16(POLLIN), revents: 0))
        entries += wakes.map { pollfd(fd: $0.fileDescriptor, events: Int16(POLLIN), revents: 0) }
        var patience: Int32 = -1
        if let deadline { patience = Int32(clamping: (max(.zero, deadline - MonotonicClock.now()).microseconds + 999) / 1000) }
        poll(&entries, nfds_t(entries.count), patience)
    }

    private func limitCapturedErrors() {
        guard captured >= 0, lseek(captured, 0, SEEK_END) > 1 << 20 else { return }
        ftruncate(captured, 0)
    }
}
