import CellGraphics

/// The bottom line of a call. What leaves the machine comes first and never gives way; what can be done by a key can be clicked.
enum StatusLine {
    private struct Item {
        var text: String
        var style = TextStyle.plain
        var action: ChatAction?
    }

    /// The line as far as it is filled.
    private struct Line {
        var pane: PaneContent
        var targets: [ClickTarget] = []
        var at = 0

        /// As many as fit whole before `end`.
        mutating func add(_ items: [Item], from start: Int, to end: Int, gap: Int = 2) {
            let first = pane.runs.count
            at = max(at, pane.row(pane.region.rows - 1, from: start, to: end, gap: gap, items.map { ($0.text, $0.style) }))
            for (item, run) in zip(items, pane.runs[first...]) {
                guard let action = item.action else { continue }
                let region = CellRegion(column: run.column, row: pane.region.row, columns: TerminalText.width(run.text), rows: 1)
                targets.append(ClickTarget(region: region, action: .action(action)))
            }
        }

        /// The longest of several that fits.
        mutating func addLongest(of texts: [String], style: TextStyle, action: ChatAction? = nil) {
            let end = pane.region.columns - 1
            guard let text = texts.first(where: { at + 1 + TerminalText.width($0) <= end }) else { return }
            add([Item(text: text, style: style, action: action)], from: at + 1, to: end)
        }
    }

    /// Keys are shown with their words from here on.
    private static let wideFrom = 140

    static func add(_ model: ChatModel, row: Int, to screen: inout ScreenContent) {
        let columns = model.size.columns
        let words = model.words
        var line = Line(pane: PaneContent(region: CellRegion(column: 0, row: row, columns: columns, rows: 1)))
        let trust = trust(model)
        // What may be an attack gives way to nothing.
        line.add([microphone(model), camera(model)] + trust.filter { $0.style == .alarm }, from: 0, to: columns, gap: 1)
        let isWarning = model.call.mutedTalkUntil != nil
        if isWarning {
            line.addLongest(of: words.statusMuted(name(.microphone, model)), style: .trouble, action: .microphone)
        } else if let notice = model.notice {
            line.addLongest(of: [notice.text], style: .accent)
        }
        if let person = model.call.foremost, !model.call.isGroup, hasNoPane(model) {
            let name = TerminalText.sanitize(model.call.name(of: person), maximumColumns: 20)
            line.addLongest(of: words.statusNote(person, name: name), style: .trouble)
        }
        // By the width alone, so that numbers that grow move nothing.
        let isWide = columns >= wideFrom
        let (hint, gap) = isWide ? (buttons(model), 2) : (keys(model), 1)
        let hintAt = columns - 1 - width(hint, gap: gap)
        if !isWarning, model.notice == nil { line.add(facts(model, trust), from: line.at + 1, to: hintAt - 2) }
        if line.at + 2 <= hintAt { line.add(hint, from: hintAt, to: columns - 1, gap: gap) }
        screen.panes.append(line.pane)
        screen.targets += line.targets
    }

    /// Neither beside the picture nor under it is anything of the others.
    private static func hasNoPane(_ model: ChatModel) -> Bool {
        let parts = CallLayout.parts(of: model.size)
        return parts.side == nil && parts.strip == nil
    }

    private static func width(_ items: [Item], gap: Int) -> Int {
        items.reduce(0) { $0 + TerminalText.width($1.text) } + gap * max(0, items.count - 1)
    }

    private static func name(_ action: ChatAction, _ model: ChatModel) -> String? {
        model.keys.key(for: action).map(KeyMap.name(of:))
    }

    // MARK: - What can be done

    /// The keys alone.
    private static func keys(_ model: ChatModel) -> [Item] {
        let actions: [ChatAction] = [.microphone, .camera, .chat, .words, .invite, .statistics, .leave, .help]
        var items = actions.compactMap { action in name(action, model).map { Item(text: $0, style: .dim, action: action) } }
        if model.call.isGroup { items.insert(Item(text: "0-9", style: .dim), at: max(0, items.count - 2)) }
        return items
    }

    /// With a word for each.
    private static func buttons(_ model: ChatModel) -> [Item] {
        let actions: [ChatAction] = [.chat, .words, .leave, .help]
        return actions.compactMap { action in
            name(action, model).map { Item(text: "\($0) \(model.words.statusButton(action))", style: .dim, action: action) }
        }
    }

    // MARK: - How things are

    private static func microphone(_ model: ChatModel) -> Item {
        let words = model.words
        guard model.hasMicrophone else { return Item(text: words.statusNoMicrophone, style: .alarm) }
        let meter = Meter.text(model.microphoneLevel, width: 3)
        if model.talk.isOpen { return Item(text: words.statusTalking(meter), style: .accent, action: .microphone) }
        return model.isMicrophoneOn
            ? Item(text: words.statusMicrophoneOn(meter), action: .microphone)
            : Item(text: words.statusMicrophoneOff, style: .alarm, action: .microphone)
    }

    private static func camera(_ model: ChatModel) -> Item {
        guard model.hasCamera else { return Item(text: model.words.statusNoCamera, style: .alarm) }
        return model.isCameraOn
            ? Item(text: model.words.statusCameraOn, action: .camera)
            : Item(text: model.words.statusCameraOff, style: .alarm, action: .camera)
    }

    private static func facts(_ model: ChatModel, _ trust: [Item]) -> [Item] {
        let (words, s) = (model.words, model.call.statistics)
        var facts = path(model)
        if model.call.people.contains(where: \.hasPicture) { facts.append(Item(text: "\(whole(s.framesPerSecond)) fps")) }
        if s.kilobitsPerSecond >= 1 { facts.append(Item(text: "\(whole(s.kilobitsPerSecond)) kb/s", action: .statistics)) }
        if s.lossPercent >= 1 { facts.append(Item(text: words.statusLoss(whole(s.lossPercent)), style: .trouble)) }
        if let limit = s.terminalLimit {
            let rate = limit.kilobytesPerSecond ?? s.terminalKilobytesPerSecond
            facts.append(Item(text: words.statusTerminalLimit(whole(rate))))
        } else if s.terminalKilobytesPerSecond >= 1 {
            facts.append(Item(text: words.statusTerminal(whole(s.terminalKilobytesPerSecond)), style: .dim))
        }
        return facts + trust.filter { $0.style != .alarm }
    }

    /// Of the one whose picture is large or alone, else how many there are a connection to.
    private static func path(_ model: ChatModel) -> [Item] {
        let call = model.call
        guard let person = call.foremost else {
            let connected = call.people.count { $0.connection == .connected || $0.connection == .interrupted }
            if connected == call.people.count { return connected == 0 ? [] : [Item(text: model.words.statusConnected(connected))] }
            return [Item(text: model.words.statusConnected(connected, of: call.people.count))]
        }
        if person.path.isEmpty { return [] }
        let trip = call.statistics.roundTripMilliseconds.map { " \(whole($0)) ms" } ?? ""
        return [Item(text: TerminalText.sanitize(model.words.statusPath(person.path), maximumColumns: 20) + trip, action: .statistics)]
    }

    private static func trust(_ model: ChatModel) -> [Item] {
        let (call, words) = (model.call, model.words)
        let suspects = call.people.filter(\.isSuspect)
        if let suspect = suspects.first {
            let whose = call.isGroup ? suspects.count == 1 ? "\(suspect.number) " : "\(suspects.count) " : ""
            let key = name(.words, model).map { ": \($0)" } ?? ""
            if case .changed = suspect.acquaintance {
                return [Item(text: words.statusKeyChanged(whose, key), style: .alarm, action: .words)]
            }
            return [Item(text: words.statusNotSecure(whose, key), style: .alarm, action: .words)]
        }
        guard let person = call.foremost else {
            let verified = call.people.count(where: \.isVerified)
            return verified == 0 ? [] : [Item(text: words.statusVerified(verified, of: call.people.count), action: .words)]
        }
        switch person.verification {
        case .words(let four):
            let text = person.isVerified ? words.statusVerified : words.statusWordsAre(four.joined(separator: "-"))
            return [Item(text: text, action: .words)]
        case .impossible where person.connection == .connected: return [Item(text: words.statusNotVerifiable, style: .dim, action: .words)]
        case .impossible, .pending, .failed: return []
        }
    }

    private static func whole(_ number: Double) -> Int { number.isFinite ? Int(max(0, min(1e9, number)).rounded()) : 0 }
}
