import Channels
import JSON

/// What channels ought to do, told in lists and loops: whatever is asked is found by looking through all there is.
/// Each operation gives the lines that go out, as `Room.words` does; of refusals their code alone. Times are in milliseconds.
struct ChannelModel {
    struct Person {
        var id: String
        var name: String?
        var isPlain: Bool
        var comesBack: Bool
        var address: Int
    }

    struct Seat {
        var person: Person
        /// Nil: it has connected anew, and not joined.
        var socket: String?
        var until = 0
    }

    struct Open {
        var capacity: Int
        var password: String?
        var seats: [Seat] = []
        var kept: [(id: String, until: Int)] = []
        var wrong = Wrong()

        var effectiveCapacity: Int { seats.contains { $0.person.isPlain } ? 2 : capacity }
        var isFree: Bool { seats.isEmpty && kept.isEmpty }
    }

    struct Wrong {
        var since = 0
        var count = 0

        func isUsedUp(_ limit: Int, _ now: Int) -> Bool { count >= limit && now < since + 60_000 }

        mutating func add(_ now: Int) {
            if count == 0 || now >= since + 60_000 {
                since = now
                count = 0
            }
            count += 1
        }
    }

    let limits: ChannelLimits
    let hold = 15_000
    var now = 0
    var online: [(socket: String, person: Person)] = []
    var open: [String: Open] = [:]
    var wrong: [Int: Wrong] = [:]
    var watchers: Set<String> = []

    func person(_ socket: String) -> Person? { online.first { $0.socket == socket }?.person }

    // MARK: Coming and going

    mutating func connect(_ socket: String, _ person: Person) -> [String] {
        var lines: [String] = []
        if person.comesBack, let ghost = online.first(where: { $0.person.id == person.id })?.socket {
            lines.append("\(ghost) closed")
            online.removeAll { $0.socket == ghost }
            watchers.remove(ghost)
            for name in open.keys {
                for index in open[name]?.seats.indices ?? 0..<0 where open[name]?.seats[index].socket == ghost {
                    open[name]?.seats[index].socket = nil
                    open[name]?.seats[index].until = now + hold
                }
            }
        }
        online.append((socket, person))
        return lines + ["\(socket) [\"connect success\",\"\(person.id)\"]"]
    }

    mutating func disconnect(_ socket: String, _ departure: Departure) -> [String] {
        guard let person = person(socket) else { return [] }
        online.removeAll { $0.socket == socket }
        watchers.remove(socket)
        let reason = departure == .left ? "left" : departure == .closed ? "disconnected" : "timeout"
        var lines: [String] = []
        for name in open.keys {
            if departure == .left { open[name]?.kept.removeAll { $0.id == person.id } }
            for seat in open[name]?.seats ?? [] where seat.person.id == person.id {
                lines += remove(person.id, from: name, reason)
                guard person.comesBack, departure != .left else { continue }
                open[name]?.kept.append((person.id, seat.socket == nil ? seat.until : now + hold))
            }
        }
        tidy()
        return lines
    }

    mutating func leave(_ socket: String, _ name: String) -> [String] {
        guard let person = person(socket) else { return [] }
        let isThere = open[name]?.seats.contains { $0.person.id == person.id } == true
        let isKept = open[name]?.kept.contains { $0.id == person.id } == true
        guard isThere || isKept else { return answer(socket, "not-member") }
        open[name]?.kept.removeAll { $0.id == person.id }
        let lines = isThere ? remove(person.id, from: name, "left") : []
        tidy()
        return answer(socket, "ok") + lines
    }

    mutating func pass(until time: Int) -> [String] {
        now = time
        var lines: [String] = []
        for name in open.keys {
            for seat in open[name]?.seats ?? [] where seat.socket == nil && seat.until <= now {
                lines += remove(seat.person.id, from: name, "disconnected")
            }
            open[name]?.kept.removeAll { $0.until <= now }
        }
        tidy()
        return lines
    }

    private mutating func tidy() { open = open.filter { !$0.value.isFree } }

    private mutating func remove(_ id: String, from name: String, _ reason: String) -> [String] {
        guard let person = open[name]?.seats.first(where: { $0.person.id == id })?.person else { return [] }
        open[name]?.seats.removeAll { $0.person.id == id }
        return (open[name]?.seats ?? []).flatMap { seat -> [String] in
            guard let socket = seat.socket else { return [] }
            guard seat.person.isPlain else {
                return ["\(socket) [\"member left\",{\"channel\":\"\(name)\",\(facts(person)),\"reason\":\"\(reason)\"}]"]
            }
            return [
                "\(socket) [\"message\",\"\(id)님이 퇴장하셨습니다.\"]", "\(socket) [\"closeConnection\",\"\(name)\"]",
                "\(socket) [\"wait\",\"\(name)\"]",
            ]
        }
    }

    // MARK: Joining

    mutating func join(_ socket: String, _ name: String, password: String?, capacity: Int?) -> [String] {
        guard let person = person(socket) else { return [] }
        if let index = open[name]?.seats.firstIndex(where: { $0.person.id == person.id }) {
            open[name]?.seats[index].socket = socket
            return welcome(socket, name)
        }
        let isKept = open[name]?.kept.contains { $0.id == person.id } == true
        if !isKept {
            if let code = obstacle(person, name, password) { return answer(socket, code, isJoin: true) }
            if open[name] == nil {
                let wish = person.isPlain ? 2 : min(max(capacity ?? limits.capacity, 2), limits.capacity)
                open[name] = Open(capacity: wish, password: password)
            }
        }
        open[name]?.kept.removeAll { $0.id == person.id }
        open[name]?.seats.append(Seat(person: person, socket: socket))
        var lines = welcome(socket, name)
        let seats = open[name]?.seats ?? []
        for seat in seats {
            guard let other = seat.socket else { continue }
            if seat.person.isPlain {
                if seats.count > 1 { lines.append("\(other) [\"ready\",\"\(name)\"]") }
                lines.append("\(other) [\"message\",\"\(person.id)님이 방에 입장하셨습니다.\"]")
                if seats.count > 1 { lines.append("\(other) [\"message\",\"연결을 시작합니다.\"]") }
            } else if other != socket {
                lines.append("\(other) [\"member joined\",{\"channel\":\"\(name)\",\(facts(person))}]")
            }
        }
        return lines
    }

    private mutating func obstacle(_ person: Person, _ name: String, _ password: String?) -> String? {
        let mine = open.values.filter { room in
            room.seats.contains { $0.person.id == person.id } || room.kept.contains { $0.id == person.id }
        }
        if mine.count >= limits.maximumChannelsPerMember { return "too-many-channels" }
        guard let room = open[name] else { return open.count >= limits.maximumChannels ? "too-many-channels" : nil }
        if let right = room.password {
            guard let password else { return "password-needed" }
            if room.wrong.isUsedUp(limits.wrongTriesPerChannel, now) { return "too-many-tries" }
            if wrong[person.address, default: Wrong()].isUsedUp(limits.wrongTriesPerAddress, now) { return "too-many-tries" }
            if password != right {
                open[name]?.wrong.add(now)
                wrong[person.address, default: Wrong()].add(now)
                return "wrong-password"
            }
        }
        let capacity = person.isPlain ? 2 : room.effectiveCapacity
        return room.seats.count + room.kept.count >= capacity ? "full" : nil
    }

    private func welcome(_ socket: String, _ name: String) -> [String] {
        guard let person = person(socket), !person.isPlain, let room = open[name] else { return [] }
        let others = room.seats.filter { $0.person.id != person.id }.map { "{\(facts($0.person))}" }.joined(separator: ",")
        return [
            "\(socket) ack 1 [{\"ok\":true,\"id\":\"\(person.id)\",\"channel\":\"\(name)\",\"members\":[\(others)],"
                + "\"capacity\":\(room.effectiveCapacity),\"iceServers\":[]}]"
        ]
    }

    private func facts(_ person: Person) -> String {
        "\"id\":\"\(person.id)\"" + (person.name.map { ",\"name\":\"\($0)\"" } ?? "") + (person.isPlain ? ",\"plain\":true" : "")
    }

    /// Group clients ask for answers, plain ones do not.
    private func answer(_ socket: String, _ code: String, isJoin: Bool = false) -> [String] {
        guard person(socket)?.isPlain == false else { return isJoin ? ["\(socket) failed"] : [] }
        return [code == "ok" ? "\(socket) ack 1 [{\"ok\":true}]" : "\(socket) ack \(code)"]
    }

    // MARK: Relaying and listing

    func relay(_ socket: String, _ name: String, to id: String?, payload: String) -> [String] {
        guard let person = person(socket) else { return [] }
        guard let seats = open[name]?.seats, seats.contains(where: { $0.socket == socket }) else { return answer(socket, "not-member") }
        let meant = seats.filter { id == nil || $0.person.id == id }
        if id != nil, meant.isEmpty { return answer(socket, "not-member") }
        var lines = answer(socket, "ok")
        for seat in meant {
            guard let other = seat.socket, other != socket else { continue }
            let origin = seat.person.isPlain ? "" : "\"channel\":\"\(name)\",\"from\":\"\(person.id)\","
            lines.append("\(other) [\"handshake\",{\(origin)\"offer\":\(payload)}]")
        }
        return lines
    }

    mutating func list(_ socket: String) -> [String] {
        guard person(socket) != nil else { return [] }
        watchers.insert(socket)
        return ["\(socket) [\"channels\",\(rows)]"]
    }

    var rows: String {
        let shown = open.filter { !$0.value.seats.isEmpty }.sorted { $0.key < $1.key }
        let texts = shown.map { name, room in
            let names = room.seats.compactMap { seat in seat.person.name.map { "\"\($0)\"" } }.joined(separator: ",")
            return "{\"name\":\"\(name)\",\"members\":\(room.seats.count),\"names\":[\(names)],\"capacity\":\(room.effectiveCapacity)"
                + (room.password == nil ? "}" : ",\"password\":true}")
        }
        return "[\(texts.joined(separator: ","))]"
    }
}
