import CallSession
import CellGraphics
import ChatUI
import Primitives
import Terminal

/// Tells each of the others how large their picture is seen here, so that nobody sends more than is shown: after changes only, and at
/// most once a second, for a new size means a new resolution on the other side.
struct PictureSizes {
    struct Message: Equatable {
        /// Nil: for all of whom nothing else is said.
        var id: String?
        var screen: CallScreen
    }

    static let pause = Interval.seconds(1)
    private var told: [String: CallScreen] = [:]
    private var toldAll: CallScreen?
    private var last: Instant?

    /// When something may be told that has to wait; nil: nothing has.
    private(set) var due: Instant?

    /// What is to be said now.
    mutating func update(_ model: ChatModel, now: Instant) -> [Message] {
        let size = model.size
        let all = PictureArea.of(size, style: model.style)
        let areas = CallLayout.pictureAreas(model)
        var wanted: [String: CallScreen] = [:]
        for person in model.call.people {
            // Who has no tile is not looked at.
            let area = areas[person.id] ?? CellRegion(column: 0, row: 0, columns: 0, rows: 0)
            wanted[person.id] = PictureArea.of(area, size: size, style: model.style)
        }
        // What was said of somebody ends with them.
        told = told.filter { wanted[$0.key] != nil }
        let changes = wanted.filter { told[$0.key] ?? toldAll != $0.value }
        due = nil
        guard toldAll != all || !changes.isEmpty else { return [] }
        if let last, now - last < Self.pause {
            due = last + Self.pause
            return []
        }
        last = now
        var messages: [Message] = []
        if toldAll != all {
            messages.append(Message(id: nil, screen: all))
            toldAll = all
        }
        for (id, screen) in changes.sorted(by: { $0.key < $1.key }) { messages.append(Message(id: id, screen: screen)) }
        told.merge(changes) { _, new in new }
        return messages
    }
}
