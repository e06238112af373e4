import JSON
import Primitives

/// A connected socket.
struct Client: Sendable {
    let socket: String
    /// The member's id, which others know: the socket's, or one that outlives it.
    let id: String
    let isGroup: Bool
    /// It has a secret with which it can come back as the same member.
    let canReturn: Bool
    let address: IPAddress?
    let token: AccessToken?
    var name: String?
    var watchesList = false
    /// Slots, in the order of joining.
    var channels: [Int] = []
    var lastRefused: Instant?
}

/// A member's place in a channel.
struct Place: Sendable {
    let id: String
    let isPlain: Bool
    var name: String?
    /// The slot of its client; nil when it has connected anew and not joined again: nobody has been told anything.
    var client: Int?
    /// When such a place is given up.
    var until = Instant.distantFuture
}

/// The place of a lost member: the others think that it has left, but nobody else gets it.
struct HeldPlace: Sendable {
    let id: String
    let until: Instant
}

struct ChannelState: Sendable {
    let name: String
    /// As a JSON string with its quotes.
    let encodedName: [UInt8]
    let capacity: Int
    let passwordDigest: [UInt8]?
    /// In the order of joining.
    var places: [Place] = []
    var held: [HeldPlace] = []
    var tries = Tries()

    /// A plain client cannot be in a call of more than two.
    var effectiveCapacity: Int { places.contains(where: \.isPlain) ? 2 : capacity }
    var taken: Int { places.count + held.count }
}

/// A member that has places, but no socket that is in them.
struct Absent: Sendable {
    var name: String?
    /// Slots.
    var channels: [Int] = []
}

/// Values under small numbers that stay theirs while they are in, so that finding one is no search.
struct Slab<Element: Sendable>: Sendable {
    private var elements: [Element?] = []
    private var free: [Int] = []

    var count: Int { elements.count - free.count }

    subscript(_ slot: Int) -> Element? {
        _read { yield elements[slot] }
        _modify { yield &elements[slot] }
    }

    mutating func insert(_ element: Element) -> Int {
        if let slot = free.popLast() {
            elements[slot] = element
            return slot
        }
        elements.append(element)
        return elements.count - 1
    }

    mutating func remove(_ slot: Int) {
        guard elements[slot] != nil else { return }
        elements[slot] = nil
        free.append(slot)
        guard free.count == elements.count else { return }
        elements = []
        free = []
    }

    /// Every element with its slot.
    func forEach(_ body: (Int, Element) -> Void) {
        for slot in elements.indices { if let element = elements[slot] { body(slot, element) } }
    }
}

/// Keys with the times at which they are due, put in with ever later times.
struct DueQueue<Key: Sendable>: Sendable {
    private var entries: [(at: Instant, key: Key)] = []
    private var start = 0

    var count: Int { entries.count - start }
    var next: Instant? { start < entries.count ? entries[start].at : nil }

    mutating func append(_ key: Key, at: Instant) { entries.append((at, key)) }

    mutating func popFirst() -> Key? {
        guard start < entries.count else { return nil }
        defer {
            start += 1
            if start == entries.count {
                entries = []
                start = 0
            } else if start >= 64, start * 2 >= entries.count {
                entries.removeFirst(start)
                start = 0
            }
        }
        return entries[start].key
    }

    mutating func popDue(_ now: Instant) -> Key? {
        guard let next, next <= now else { return nil }
        return popFirst()
    }
}
