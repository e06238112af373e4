import CallSession
import ChatUI
import Primitives
import Terminal

extension ScreenLoop {
    /// Gives when there will be something to draw; nil: nothing has changed, or the terminal tells when it is ready.
    mutating func draw(_ now: Instant) -> Instant? {
        let others = model.call.people.map { (id: $0.id, generation: session.picture(of: $0.id)?.latest.generation ?? -1) }
        let own = session.ownPicture.latest
        let free = gate.nextFrame(terminal, now: now)
        guard let due = pace.due(others: others, own: own.generation, interval: gate.budget.frameInterval), let free else { return nil }
        let time = max(due, free)
        guard now >= time else { return time }
        let goesOn = screen.progress < 1
        pace.drew(others: others, own: own.generation, now: now)
        screen.tend(now: now, budget: gate.budget)
        let call = session
        let bytes = screen.draw(model, picture: { call.picture(of: $0)?.latest.frame }, own: own.frame)
        gate.present(bytes, of: screen, on: terminal, now: now)
        // Until it is whole, a frame that was cut keeps its pictures: newer ones have not been drawn yet.
        if goesOn { pace.changed() }
        // The rest of it goes out as soon as there is room for it.
        guard screen.progress < 1 else { return goesOn ? now : nil }
        pace.goesOn()
        return now
    }
}
