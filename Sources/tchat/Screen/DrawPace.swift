import Primitives

/// When to draw: as soon as something has changed, but not so often that eight pictures of thirty a second each would be drawn one by one.
struct DrawPace {
    /// Between two frames at the least, on a terminal that is fast enough.
    static let least = Interval.milliseconds(30)
    /// One's own picture alone is worth a frame this often.
    static let ownPicture = Interval.milliseconds(66)

    private var last: Instant?
    private var isDirty = true
    private var pictures: [String: Int] = [:]
    private var own = -1

    private var isCut = false

    mutating func changed() { isDirty = true }

    /// The last frame was cut: the next one is due at once.
    mutating func goesOn() { (isDirty, isCut) = (true, true) }

    /// Notes the pictures' generations; gives when the next frame is due, nil: nothing has changed.
    mutating func due(others: [(id: String, generation: Int)], own: Int, interval: Interval = least) -> Instant? {
        if !isDirty, others.contains(where: { pictures[$0.id] != $0.generation }) { isDirty = true }
        guard isDirty || own != self.own else { return nil }
        guard let last else { return .zero }
        return isCut ? last : last + (isDirty ? interval : max(interval, Self.ownPicture))
    }

    mutating func drew(others: [(id: String, generation: Int)], own: Int, now: Instant) {
        pictures.removeAll(keepingCapacity: true)
        for other in others { pictures[other.id] = other.generation }
        self.own = own
        (isDirty, isCut) = (false, false)
        last = now
    }
}
