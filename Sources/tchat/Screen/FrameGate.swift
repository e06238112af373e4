import CellGraphics
import ChatUI
import Primitives
import Terminal

/// Between a screen and its terminal: says when a frame may be written, and sees to what the budget has to know of it.
struct FrameGate {
    private(set) var budget: ByteBudget

    /// - Parameter kilobytesPerSecond: set by hand; nil: found.
    init(_ terminal: TerminalDevice, kilobytesPerSecond: Int?) {
        budget = ByteBudget(bytesPerSecond: kilobytesPerSecond.map { $0 * 1000 }, roundTrip: terminal.capabilities.answerTime)
    }

    /// When a frame may be written; nil: an event of the terminal will tell.
    mutating func nextFrame(_ terminal: TerminalDevice, now: Instant) -> Instant? {
        budget.note(heldBack: terminal.heldBack, now: now)
        guard terminal.isReadyForFrame else { return nil }
        return budget.nextFrame(now: now)
    }

    /// Writes what the screen has drawn: `bytes` of output, which may be none.
    mutating func present(_ bytes: Int, of screen: borrowing ChatScreen, on terminal: TerminalDevice, now: Instant) {
        guard bytes > 0, terminal.present(screen.output) else { return }
        if budget.wrote(bytes, progress: screen.progress, now: now), terminal.ask() { budget.asked(now: now) }
        budget.note(heldBack: terminal.heldBack, now: now)
    }

    mutating func take(_ event: TerminalEvent, now: Instant) {
        switch event {
        case .answered: budget.answered(now: now)
        case .resumed: budget.forget(now: now)
        default: break
        }
    }
}
