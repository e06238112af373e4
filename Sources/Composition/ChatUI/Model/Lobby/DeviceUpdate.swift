import MediaTypes
import Primitives
import Terminal

extension LobbyModel {
    /// A row that gets the focus has its list read anew: something may have been plugged in.
    mutating func focus(on wanted: Focus) -> [ChatCommand] {
        focus = wanted
        guard case .device(let kind) = wanted else { return [] }
        return [.listDevices(kind)]
    }

    /// The keys of the device rows; a letter goes back to the channel's name.
    mutating func press(_ key: Key, on kind: DeviceKind) -> [ChatCommand] {
        let all = DeviceKind.allCases
        let index = all.firstIndex(of: kind) ?? 0
        switch key {
        case .tab: return focus(on: index + 1 < all.count ? .device(all[index + 1]) : .channels)
        case .backTab: return focus(on: index > 0 ? .device(all[index - 1]) : .channels)
        case .down: return focus(on: .device(all[min(all.count - 1, index + 1)]))
        case .up: return focus(on: .device(all[max(0, index - 1)]))
        case .left: return choose(kind, step: -1)
        case .right, .enter: return choose(kind, step: 1)
        case .escape: return focus(on: .channels)
        case .character(" "): return kind == .speaker ? [.playTone] : []
        case .character(let scalar):
            focus = .channels
            type(scalar)
        default: break
        }
        return []
    }

    private mutating func choose(_ kind: DeviceKind, step: Int) -> [ChatCommand] {
        guard let choice = devices[kind]?.next(step) else { return [] }
        devices[kind]?.pending = choice.id
        devices[kind]?.problem = nil
        return [.choose(kind, id: choice.id)]
    }

    mutating func click(_ kind: DeviceKind) -> [ChatCommand] {
        guard prompt == nil else { return [] }
        return focus == .device(kind) ? choose(kind, step: 1) : focus(on: .device(kind))
    }
}

extension ChatModel {
    /// Space switches what the call begins with, and what is seen of oneself here: off is off already.
    mutating func pressInLobby(_ key: Key, now: Instant) -> [ChatCommand] {
        guard key == .character(" "), lobby.prompt == nil, case .device(let kind) = lobby.focus, kind != .speaker else {
            return lobby.press(key)
        }
        return perform(kind == .camera ? .camera : .microphone, now: now)
    }

    /// True: it was of devices.
    mutating func updateDevices(_ event: ChatEvent) -> Bool {
        switch event {
        case .deviceChoices(let kind, let list): lobby.devices[kind, default: DeviceRow()].take(list)
        case .device(let kind, let id, let name, let detail):
            lobby.devices[kind, default: DeviceRow()].uses(id: id, name: name, detail: detail)
            describe(kind)
        case .deviceFailed(let kind, let id, let error):
            let wasAsked = lobby.devices[kind]?.pending == id
            lobby.devices[kind, default: DeviceRow()].failed(id, error)
            let isInCall = screen == .call
            let sentence = words.problem(error, with: kind, isInCall: isInCall)
            if isInCall {
                call.add(wasAsked ? sentence : words.goesOn(sentence, without: kind), time: clock, isTrouble: true)
            } else if lobby.focus == .channels {
                lobby.notice = sentence
            }
        case .pathTest(let result):
            lobby.pathTest = result
            lobby.path = words.path(result)
        case .recents(let names): lobby.take(recents: names)
        default: return false
        }
        return true
    }

    private mutating func describe(_ kind: DeviceKind) {
        let row = lobby.devices[kind] ?? DeviceRow()
        let text = words.device(kind, row)
        switch kind {
        case .camera:
            lobby.camera = text
            hasCamera = row.name != nil
        case .microphone:
            lobby.microphone = text
            hasMicrophone = row.name != nil
            lobby.meter = MicrophoneMeter()
        case .speaker: break
        }
    }
}
