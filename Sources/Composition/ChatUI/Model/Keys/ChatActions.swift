import CellGraphics
import Primitives
import Terminal

// What the actions of a call do.
extension ChatModel {
    mutating func perform(_ action: ChatAction, now: Instant) -> [ChatCommand] {
        switch action {
        case .microphone:
            _ = talk.end()
            return hasMicrophone ? [.setMicrophone(on: !isMicrophoneOn)] : []
        case .pushToTalk: return holdToTalk(now)
        case .camera: return hasCamera ? [.setCamera(on: !isCameraOn)] : []
        case .chat:
            guard call.draft == nil else { break }
            if call.isChatOpen {
                call.draft = CallModel.Draft()
            } else {
                // On the smallest screens there is no log to see it in.
                notice = Notice(text: words.nobodyReads, until: now + Notice.duration)
            }
        case .ownPicture: corner = PictureCorner.allCases.next(after: corner)
        case .showAll: call.enlarged = nil
        case .help:
            if overlay != .help { helpPage = 0 }
            toggle(.help)
        case .words:
            toggle(.words)
            warnedAt = nil
            call.selected = call.foremost?.id
        case .statistics: toggle(.statistics)
        case .invite: toggle(.invite)
        case .snapshot: return snapshot()
        case .render, .colors, .brighter, .darker, .moreContrast, .lessContrast, .fit: changePicture(action, now: now)
        case .leave:
            let silence: [ChatCommand] = talk.end() ? [.setMicrophone(on: false)] : []
            backToLobby("")
            return silence + [.leave]
        }
        return []
    }

    private mutating func toggle(_ wanted: Overlay) { overlay = overlay == wanted ? nil : wanted }

    /// How pictures are drawn, with a word about what it is now.
    private mutating func changePicture(_ action: ChatAction, now: Instant) {
        let text: String
        switch action {
        case .render:
            style = renderModes.next(after: style)
            text = words.name(of: style)
        case .colors:
            colorMode = colorModes.next(after: colorMode)
            text = words.name(of: colorMode)
        case .fit:
            fit = fit.other
            text = words.name(of: fit)
        case .moreContrast, .lessContrast:
            tone.contrast += action == .moreContrast ? 1 : -1
            text = words.contrast(tone.contrast)
        default:
            tone.brightness += action == .brighter ? 1 : -1
            text = words.brightness(tone.brightness)
        }
        notice = Notice(text: text, until: now + Notice.duration)
    }

    /// Of the one who is looked at, else the first who is seen, else of oneself.
    private mutating func snapshot() -> [ChatCommand] {
        let person = call.foremost ?? call.people.first(where: \.isSeen) ?? call.people.first
        guard let person else {
            if hasCamera, isCameraOn { return [.snapshot(of: nil)] }
            call.add(words.noPicture(of: nil), time: clock)
            return []
        }
        if person.isSeen { return [.snapshot(of: person.id)] }
        call.add(words.noPicture(of: call.name(of: person)), time: clock)
        return []
    }

    /// Where the keys do not fit at once; false: the key means something else.
    mutating func turnHelp(_ key: Key) -> Bool {
        let step: Int
        switch key {
        case .up: step = -1
        case .down: step = 1
        case .character(let character) where keys[character] == .help: step = 1
        default: return false
        }
        let page = helpPage + step
        let pages = HelpView.pageCount(self, in: CallLayout.parts(of: size).picture)
        // The help key goes on from page to page, and past the last one closes.
        if page >= pages, case .character = key { return false }
        helpPage = max(0, min(pages - 1, page))
        return true
    }
}
