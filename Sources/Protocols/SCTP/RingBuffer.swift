/// A queue over one array, whose elements can be reached and changed by their place in the line.
struct RingBuffer<Element: Sendable>: Sendable {
    private var slots: [Element] = []
    private var head = 0
    private(set) var count = 0
    /// What lies in a slot that is not in use, so that nothing is kept alive by it.
    private let filler: Element

    init(filler: Element) { self.filler = filler }

    var isEmpty: Bool { count == 0 }
    var first: Element? { isEmpty ? nil : slots[head] }

    /// `index` counts from the front, and is below `count`.
    subscript(index: Int) -> Element {
        _read { yield slots[(head &+ index) & (slots.count &- 1)] }
        _modify { yield &slots[(head &+ index) & (slots.count &- 1)] }
    }

    mutating func append(_ element: Element) {
        if count == slots.count { grow() }
        slots[(head &+ count) & (slots.count &- 1)] = element
        count &+= 1
    }

    mutating func popFirst() -> Element? {
        guard count > 0 else { return nil }
        var element = filler
        swap(&element, &slots[head])
        head = (head &+ 1) & (slots.count &- 1)
        count &-= 1
        return element
    }

    mutating func removeAll(where isUnwanted: (Element) -> Bool) {
        for _ in 0..<count {
            if let element = popFirst(), !isUnwanted(element) { append(element) }
        }
    }

    mutating func removeAll() {
        slots = []
        head = 0
        count = 0
    }

    /// The size stays a power of two.
    private mutating func grow() {
        var larger: [Element] = []
        larger.reserveCapacity(max(8, slots.count * 2))
        for index in 0..<count { larger.append(self[index]) }
        while larger.count < max(8, slots.count * 2) { larger.append(filler) }
        slots = larger
        head = 0
    }
}
