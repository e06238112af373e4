import CellGraphics

extension FitMode {
    /// What the key for it changes to; a picture that is stretched out of shape is only had by asking for it.
    public var other: FitMode { self == .contain ? .cover : .contain }
}

extension Array where Element: Equatable {
    /// Where a key that goes round through these leads: to the next one, after the last and from anything else to the first.
    public func next(after value: Element) -> Element {
        guard let index = firstIndex(of: value) else { return first ?? value }
        return self[(index + 1) % count]
    }
}
