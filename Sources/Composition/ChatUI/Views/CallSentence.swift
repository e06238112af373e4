import CellGraphics

extension CallView {
    /// In the middle of where the picture will be: what is awaited.
    static func sentence(_ call: CallModel, _ signaling: SignalingState, region: CellRegion) -> PaneContent {
        var pane = PaneContent(region: region)
        var lines: [(String, TextStyle)] = []
        switch call.phase {
        case .joining:
            lines = [("Joining \(call.title)…", .plain)]
            // Why it takes so long: no server, or a refusal for now.
            var trouble = call.lines.last { $0.isTrouble }?.text
            if case .lost(let why) = signaling { trouble = why }
            if let trouble {
                lines += [(TerminalText.sanitize(trouble, maximumColumns: 300), .trouble), ("q goes back to the lobby", .dim)]
            }
        case .waiting(nil): lines = [("Waiting in \(call.title).", .plain), ("The call begins when someone joins.", .dim)]
        case .waiting(let name?): lines = [("\(name) left. Waiting in \(call.title).", .plain)]
        case .expecting: lines = [("Connecting to the other side", .plain), ("waiting for the offer", .dim)]
        case .together:
            guard let person = call.people.first else { break }
            let name = TerminalText.sanitize(call.name(of: person), maximumColumns: 64)
            switch person.connection {
            case .awaited: lines = [("Connecting to \(name)", .plain), ("waiting for the offer", .dim)]
            case .connecting: lines = [("Connecting to \(name)", .plain), ("looking for a path", .dim)]
            case .connected: lines = [("Connected to \(name)", .plain), (person.isCameraOn ? "no picture yet" : "camera off", .dim)]
            case .interrupted: lines = [("Nothing from \(name)", .trouble), ("waiting for the connection to come back", .dim)]
            case .lost: lines = [("The connection to \(name) is lost", .trouble), ("it is tried again", .dim)]
            }
        }
        let seconds = call.people.first?.seconds ?? call.phaseSeconds
        if seconds > 0 { lines.append(("\(seconds) s", .dim)) }
        let wrapped = lines.flatMap { line in TerminalText.wrap(line.0, columns: region.columns - 2).map { ($0, line.1) } }
        let top = max(0, (region.rows - wrapped.count) / 2)
        for (row, line) in wrapped.prefix(region.rows).enumerated() { pane.centered(line.0, row: top + row, style: line.1) }
        return pane
    }
}
