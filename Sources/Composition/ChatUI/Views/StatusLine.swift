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
        let keys = model.call.isGroup ? "m v t w i 0-9 q ?" : "m v t w i q ?"
        let s = model.call.statistics
        var facts: [(String, TextStyle)] = []
        if !isWarning {
            facts += path(model.call)
            if model.call.people.contains(where: \.hasPicture) { facts.append(("\(whole(s.framesPerSecond)) fps", .plain)) }
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

    /// Of the one whose picture is large or alone, else how many there are a connection to.
    private static func path(_ call: CallModel) -> [(String, TextStyle)] {
        guard let person = call.foremost else {
            let connected = call.people.count { $0.connection == .connected || $0.connection == .interrupted }
            if connected == call.people.count { return connected == 0 ? [] : [("\(connected) connected", .plain)] }
            return [("\(connected) of \(call.people.count) connected", .plain)]
        }
        if person.path.isEmpty { return [] }
        let trip = call.statistics.roundTripMilliseconds.map { " \(whole($0)) ms" } ?? ""
        return [(TerminalText.sanitize(person.path, maximumColumns: 20) + trip, .plain)]
    }

    private static func trust(_ call: CallModel) -> [(String, TextStyle)] {
        let suspects = call.people.filter(\.isSuspect)
        if let suspect = suspects.first {
            let whose = call.isGroup ? suspects.count == 1 ? "\(suspect.number) " : "\(suspects.count) " : ""
            if case .changed = suspect.acquaintance { return [(" \(whose)KEY CHANGED: w ", .alarm)] }
            return [(" \(whose)NOT SECURE: w ", .alarm)]
        }
        guard let person = call.foremost else {
            let verified = call.people.count(where: \.isVerified)
            return verified == 0 ? [] : [("\(verified) of \(call.people.count) verified", .plain)]
        }
        switch person.verification {
        case .words(let words): return [(person.isVerified ? "verified" : "words \(words.joined(separator: "-"))", .plain)]
        case .impossible where person.connection == .connected: return [("not verifiable", .dim)]
        case .impossible, .pending, .failed: return []
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
