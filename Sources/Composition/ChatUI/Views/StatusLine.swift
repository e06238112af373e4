import CellGraphics

/// The bottom line of a call. What leaves the machine comes first and never gives way.
enum StatusLine {
    static func pane(_ model: ChatModel, row: Int) -> PaneContent {
        let columns = model.size.columns
        var pane = PaneContent(region: CellRegion(column: 0, row: row, columns: columns, rows: 1))
        let isWarning = model.call.mutedTalkUntil != nil
        var texts: [(String, TextStyle)] = [
            microphone(model), camera(model),
        ]
        // What may be an attack gives way to nothing.
        let trust = trust(model.call)
        texts += trust.filter { $0.1 == .alarm }
        if isWarning { texts.append(("You are muted; m unmutes.", .trouble)) }
        var at = pane.row(0, from: 0, to: columns, gap: 1, texts)
        let keys = "m v t w i q ?"
        let s = model.call.statistics
        var facts: [(String, TextStyle)] = []
        if !isWarning {
            if !s.path.isEmpty {
                let trip = s.roundTripMilliseconds.map { " \(whole($0)) ms" } ?? ""
                facts.append((TerminalText.sanitize(s.path, maximumColumns: 20) + trip, .plain))
            }
            if model.call.hasRemotePicture { facts.append(("\(whole(s.framesPerSecond)) fps", .plain)) }
            if s.kilobitsPerSecond >= 1 { facts.append(("\(whole(s.kilobitsPerSecond)) kb/s", .plain)) }
            if s.lossPercent >= 1 { facts.append(("loss \(whole(s.lossPercent)) %", .trouble)) }
            if s.terminalKilobytesPerSecond >= 1 { facts.append(("tty \(whole(s.terminalKilobytesPerSecond)) kB/s", .dim)) }
            facts += trust.filter { $0.1 != .alarm }
        }
        at = pane.row(0, from: at + 1, to: columns - keys.utf8.count - 3, facts)
        if at + 2 + keys.utf8.count <= columns - 1 {
            pane.runs.append(TextRun(text: keys, column: columns - 1 - keys.utf8.count, row: 0, style: .dim))
        }
        return pane
    }

    private static func trust(_ call: CallModel) -> [(String, TextStyle)] {
        if case .changed = call.acquaintance { return [(" KEY CHANGED: w ", .alarm)] }
        switch call.verification {
        case .failed: return [(" NOT SECURE: w ", .alarm)]
        case .words(let words):
            if case .known(_, isVerified: true) = call.acquaintance { return [("verified", .plain)] }
            return [("words \(words.joined(separator: "-"))", .plain)]
        case .impossible where call.phase == .connected: return [("not verifiable", .dim)]
        case .impossible, .pending: return []
        }
    }

    private static func microphone(_ model: ChatModel) -> (String, TextStyle) {
        guard model.hasMicrophone else { return (" NO MIC     ", .alarm) }
        return model.isMicrophoneOn ? (" MIC ON \(Meter.text(model.microphoneLevel, width: 3)) ", .plain) : (" MIC OFF    ", .alarm)
    }

    private static func camera(_ model: ChatModel) -> (String, TextStyle) {
        guard model.hasCamera else { return (" NO CAM  ", .alarm) }
        return model.isCameraOn ? (" CAM ON ", .plain) : (" CAM OFF ", .alarm)
    }

    private static func whole(_ number: Double) -> Int { number.isFinite ? Int(max(0, min(1e9, number)).rounded()) : 0 }
}
