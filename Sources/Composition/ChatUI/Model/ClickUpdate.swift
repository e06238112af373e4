import Primitives

extension ChatModel {
    /// What lies last at a place is what is meant.
    mutating func click(column: Int, row: Int, now: Instant) -> [ChatCommand] {
        guard let target = ChatScreen.content(self, hasOwnPicture: false).targets.last(where: { $0.contains(column: column, row: row) })
        else { return [] }
        switch target.action {
        case .action(let action): return perform(action, now: now)
        case .person(let id): call.enlarge(id)
        case .nothing: break
        case .channel(let name): return lobby.click(name)
        case .device(let kind): return lobby.click(kind)
        }
        return []
    }

    mutating func turnWheel(up: Bool) {
        if screen == .call { return scrollLog(rows: up ? 3 : -3) }
        guard screen == .lobby, lobby.prompt == nil, lobby.focus == .channels else { return }
        lobby.move(up ? -3 : 3)
    }
}
