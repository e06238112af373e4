import Primitives
import Terminal

extension CallModel {
    /// Where somebody reads back: so many rows above the end of the line that was the newest then.
    struct LogPlace: Equatable, Sendable {
        /// How many lines there had been.
        var added: Int
        var rows: Int
    }

    struct Notice: Equatable, Sendable {
        var line: Line
        var until: Instant
    }

    /// Lines that have come since somebody began to read back.
    var newer: Int { log.map { max(0, min(lines.count, added - $0.added)) } ?? 0 }
}

extension ChatModel {
    static let noticeTime = Interval.seconds(6)

    /// True: the key was for the lines of the call.
    mutating func scrollLog(_ key: Key) -> Bool {
        let page = max(1, CallLayout.log(self, isReadBack: true).region.rows - 2)
        switch key {
        case .pageUp: scrollLog(rows: page)
        case .pageDown: scrollLog(rows: -page)
        case .escape where call.draft == nil && call.log != nil: call.log = nil
        default: return false
        }
        return true
    }

    /// Up by so many rows, down where that is negative; to the newest line, where it stays.
    mutating func scrollLog(rows: Int) {
        let region = CallLayout.log(self, isReadBack: true).region
        let newer = LogView.rowCount(call.lines.suffix(call.newer), columns: region.columns)
        let all = LogView.rowCount(call.lines[...], columns: region.columns)
        // The last row tells that there is more below.
        let place = min((call.log?.rows ?? 0) + newer + rows, all - max(1, region.rows - 1))
        if place <= 0 {
            call.log = nil
        } else if call.log != nil, place >= newer {
            call.log?.rows = place - newer
        } else {
            call.log = CallModel.LogPlace(added: call.added, rows: place)
        }
    }

    /// After each event: what others wrote is counted until it is looked at, and shown where there is no pane for it.
    mutating func watchLog(after event: ChatEvent, since former: Int, now: Instant) {
        if let until = call.notice?.until, now >= until { call.notice = nil }
        guard screen == .call else { return }
        let count = min(call.lines.count, call.added - (call.added < former ? 0 : former))
        let news = call.lines.suffix(count)
        if !news.isEmpty, case .verification(_, .words) = event, let key = keys.key(for: .words) {
            call.lines[call.lines.count - 1].short = words.chatWordsShort(key: KeyMap.name(of: key))
        }
        if let line = news.last(where: { $0.isTrouble || $0.isChat && $0.number != nil }), CallLayout.isBare(size) {
            call.notice = CallModel.Notice(line: line, until: now + Self.noticeTime)
        }
        call.unread += news.count { $0.isChat && $0.number != nil }
        switch event {
        // Somebody is there.
        case .key, .clicked, .wheel, .pasted:
            if call.draft != nil { call.notice = nil }
            if call.log == nil, call.draft != nil || !CallLayout.isBare(size) { call.unread = 0 }
        default: break
        }
    }
}
