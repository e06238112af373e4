import CellGraphics

extension CallView {
    /// In the middle of where the picture will be: what is awaited.
    static func sentence(_ model: ChatModel, region: CellRegion) -> PaneContent {
        var pane = PaneContent(region: region)
        let (call, words) = (model.call, model.words)
        var lines: [(String, TextStyle)] = []
        switch call.phase {
        case .joining:
            lines = [(words.callJoining(call.title), .plain)]
            // Why it takes so long: no server, or a refusal for now.
            var trouble = call.lines.last { $0.isTrouble }?.text
            if case .lost(let why) = model.lobby.signaling { trouble = words.lost(why) }
            if let trouble {
                lines.append((TerminalText.sanitize(trouble, maximumColumns: 300), .trouble))
                if let key = model.keys.key(for: .leave) { lines.append((words.callBack(key: KeyMap.name(of: key)), .dim)) }
            }
        case .waiting(nil): lines = [(words.waiting(in: call.title), .plain), (words.callBegins, .dim)]
        case .waiting(let name?): lines = [(words.callLeftAlone(name, in: call.title), .plain)]
        case .expecting: lines = [(words.callConnecting(words.callOther), .plain), (words.callOffer, .dim)]
        case .together:
            guard let person = call.people.first else { break }
            let name = TerminalText.sanitize(call.name(of: person), maximumColumns: 64)
            switch person.connection {
            case .awaited: lines = [(words.callConnecting(name), .plain), (words.callOffer, .dim)]
            case .connecting: lines = [(words.callConnecting(name), .plain), (words.callSearch, .dim)]
            case .connected:
                lines = [(words.callConnected(name), .plain), (person.isCameraOn ? words.noPictureYet : words.cameraOff, .dim)]
            case .interrupted: lines = [(words.callNothing(name), .trouble), (words.callReturn, .dim)]
            case .lost: lines = [(words.callLost(name), .trouble), (words.callRetry, .dim)]
            }
        }
        let seconds = call.people.first?.seconds ?? call.phaseSeconds
        if seconds > 0 { lines.append((words.callSeconds(seconds), .dim)) }
        let wrapped = lines.flatMap { line in TerminalText.wrap(line.0, columns: region.columns - 2).map { ($0, line.1) } }
        let top = max(0, (region.rows - wrapped.count) / 2)
        for (row, line) in wrapped.prefix(region.rows).enumerated() { pane.centered(line.0, row: top + row, style: line.1) }
        return pane
    }
}
