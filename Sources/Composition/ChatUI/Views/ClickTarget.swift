import CellGraphics

/// What a click on a part of the screen means.
enum ClickAction: Hashable, Sendable {
    case action(ChatAction)
    /// Their picture becomes large, or all come back.
    case person(String)
    /// A pane lies over what is there.
    case nothing
    /// Chooses it in the lobby; joins the one that is chosen already.
    case channel(String)
    /// The next device for this purpose, once its row has the focus.
    case device(DeviceKind)
}

/// A part of the screen that can be clicked.
struct ClickTarget: Equatable, Sendable {
    var region: CellRegion
    var action: ClickAction

    func contains(column: Int, row: Int) -> Bool {
        (region.column..<region.endColumn).contains(column) && (region.row..<region.endRow).contains(row)
    }
}
