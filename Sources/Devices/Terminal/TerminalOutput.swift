import CellGraphics
import Glibc
import Primitives
import Threading

// Frames, and what goes between them.
extension TerminalDevice {
    /// Whether a new frame would be written now: nothing is held back from the last one.
    public var isReadyForFrame: Bool { backlog.isEmpty && !hasHungUp }

    /// Writes a frame. What the terminal does not take at once is held back and goes out in `readEvents`; until then frames are refused
    /// (false), and the caller draws the latest one after `.writable`.
    @discardableResult
    public func present(_ frame: Span<UInt8>) -> Bool {
        guard isReadyForFrame, isOpen else { return false }
        onOutput?(frame)
        frame.withUnsafeBufferPointer { bytes in
            let done = writeNow(bytes)
            guard done < bytes.count, !hasHungUp else { return }
            backlog.append(contentsOf: bytes[done...])
        }
        return true
    }

    /// Asks something that is answered once the terminal has dealt with everything written so far; `.answered` tells. False: it does not
    /// answer, or is too far behind already.
    @discardableResult
    public func ask() -> Bool {
        guard !question.isEmpty, openQuestions < 16, isOpen, !hasHungUp else { return false }
        openQuestions += 1
        filter.expectAnswers(until: MonotonicClock.now() + .seconds(5))
        write(question)
        return true
    }

    /// Bytes of the last frame that the terminal has not taken yet.
    public var heldBack: Int { backlog.count - backlogStart }

    /// Sets the window's title, made safe and cut to 80 columns, where the terminal has one; the former one comes back at the end.
    public func setTitle(_ title: String) {
        guard hasTitle, isOpen else { return }
        self.title = TerminalText.sanitize(title, maximumColumns: 80)
        isTitleWaiting = true
        writeWaiting()
    }

    public func ringBell() {
        guard isOpen else { return }
        isBellWaiting = true
        writeWaiting()
    }

    /// Title and bell go between frames; while one is held back the latest waits.
    func writeWaiting() {
        guard isReadyForFrame else { return }
        if isTitleWaiting, let title { write(Array("\u{1b}]2;\(title)\u{1b}\\".utf8)) }
        if isBellWaiting { write([7]) }
        (isTitleWaiting, isBellWaiting) = (false, false)
    }

    /// Waits for what is held back; false: the time came first.
    @discardableResult
    public func flush(until deadline: Instant) -> Bool {
        while !continueWriting() {
            guard MonotonicClock.now() < deadline, !hasHungUp else { return false }
            var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            poll(&entry, 1, Int32(clamping: max(1, (deadline - MonotonicClock.now()).wholeMilliseconds)))
        }
        return true
    }

    func dropBacklog() {
        backlog = []
        backlogStart = 0
    }

    func write(_ bytes: [UInt8]) {
        backlog += bytes
        _ = continueWriting()
    }

    /// True when nothing is left.
    func continueWriting() -> Bool {
        guard backlogStart < backlog.count else { return true }
        backlogStart += backlog.withUnsafeBufferPointer { writeNow(UnsafeBufferPointer(rebasing: $0[backlogStart...])) }
        guard backlogStart >= backlog.count || hasHungUp else { return false }
        backlog.removeAll(keepingCapacity: true)
        backlogStart = 0
        return true
    }

    private func writeNow(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
        var done = 0
        while done < bytes.count, let start = bytes.baseAddress {
            let count = Glibc.write(descriptor, start + done, bytes.count - done)
            if count > 0 {
                done += count
            } else if count < 0, errno == EINTR {
                continue
            } else {
                if errno != EAGAIN { hangUp() }
                break
            }
        }
        bytesWritten += done
        return done
    }
}
