import Glibc
import JSON
import Primitives
import Testing

@testable import Channels

/// Random clients do random things, and each line that goes out is compared with what a simple model says.
@Suite struct RandomScenarioTests {
    /// `CHANNELS_RUNS=2000 CHANNELS_FIRST=1000 swift test --filter Channels.*RandomScenario` for more, and others.
    private static let runs = number("CHANNELS_RUNS") ?? 200
    private static let first = number("CHANNELS_FIRST") ?? 0

    private static func number(_ variable: String) -> Int? { getenv(variable).flatMap { Int(String(cString: $0)) } }

    @Test func doesWhatTheModelSays() {
        var codes: [ChannelCode: Int] = [:]
        var outcomes = (joined: 0, relayed: 0)
        for seed in Self.first..<Self.first + Self.runs {
            var scenario = Scenario(seed: UInt64(seed))
            for step in 0..<120 {
                if let difference = scenario.step() {
                    Issue.record("seed \(seed), step \(step): \(difference)")
                    return
                }
            }
            if let difference = scenario.end() {
                Issue.record("seed \(seed), at the end: \(difference)")
                return
            }
            codes.merge(scenario.channels.refusals) { $0 + $1 }
            outcomes.joined += scenario.channels.joins["ok"] ?? 0
            outcomes.relayed += scenario.channels.relayed
        }
    }
}

private struct Scenario {
    private var random: RandomSource
    private var room: Room
    var channels: Channels { room.channels }
    private var model: ChannelModel
    private var sockets: [String] = []
    private var lastSocket = 0
    private let names = ["a", "b", "방", "d"]
    private let passwords = ["p", "q", nil, nil]

    init(seed: UInt64) {
        random = .seeded(seed)
        var limits = ChannelLimits()
        limits.capacity = Int.random(in: 2...5, using: &random)
        limits.maximumChannels = 3
        limits.maximumChannelsPerMember = 2
        limits.wrongTriesPerAddress = 3
        limits.wrongTriesPerChannel = 5
        room = Room(limits: limits)
        room.now = .zero
        model = ChannelModel(limits: limits)
    }

    /// What differed, if something did.
    mutating func step() -> String? {
        let choice = Int.random(in: 0..<20, using: &random)
        let socket = sockets.randomElement(using: &random) ?? "nobody"
        let name = names.randomElement(using: &random) ?? "a"
        var difference: String?
        switch choice {
        case 0..<3: difference = connect()
        case 3..<8: difference = join(socket, name)
        case 8: difference = compare("leave", room.send(socket, "[\"leave\",\"\(name)\"]", ack: ack(socket)), model.leave(socket, name))
        case 9..<11: difference = disconnect(socket)
        case 11..<15: difference = relay(socket, name)
        case 15: difference = compare("list", room.send(socket, "[\"channels\"]"), model.list(socket))
        default: difference = pass(.milliseconds(Int.random(in: 0..<9000, using: &random)))
        }
        return difference ?? compareUpdates() ?? compareState()
    }

    /// All go; then nothing may be left.
    mutating func end() -> String? {
        for socket in sockets.shuffled(using: &random) { if let difference = disconnect(socket) { return difference } }
        if let difference = pass(.seconds(60)) ?? compareState() { return difference }
        let channels = room.channels
        let isEmpty =
            channels.clients.count == 0 && channels.clientsBySocket.isEmpty && channels.clientsByMember.isEmpty
            && channels.channels.count == 0 && channels.channelsByName.isEmpty && channels.absent.isEmpty && channels.absences.count == 0
            && channels.watchers.isEmpty && channels.passwords.count == 0 && channels.nextTimeout == nil
        return isEmpty ? nil : "something is left: \(channels)"
    }

    // MARK: Operations

    private mutating func connect() -> String? {
        guard sockets.count < 9 else { return nil }
        lastSocket += 1
        let socket = "s\(lastSocket)"
        let who = Int.random(in: 0..<7, using: &random)
        let address = Int.random(in: 0..<2, using: &random)
        var auth: [JSONMember] = []
        var person = ChannelModel.Person(id: socket, name: nil, isPlain: who < 2, comesBack: who > 2, address: address)
        if !person.isPlain { auth.append(JSONMember("features", ["group"])) }
        if person.comesBack {
            auth.append(JSONMember("resume", .string(Room.secret("\(who)"))))
            person.id = Room.id("\(who)")
        }
        if who % 2 == 1 {
            person.name = "name \(who)"
            auth.append(JSONMember("name", .string("name \(who)")))
        }
        sockets.removeAll { other in person.comesBack && model.person(other)?.id == person.id }
        sockets.append(socket)
        let text = JSONValue.object(auth).text
        return compare(
            "connect \(text)", room.connect(socket, auth: text, address: .v4(UInt32(address))), model.connect(socket, person))
    }

    private mutating func disconnect(_ socket: String) -> String? {
        sockets.removeAll { $0 == socket }
        let departure: Departure = [.left, .closed, .closed, .timedOut].randomElement(using: &random) ?? .left
        return compare("\(socket) \(departure)", room.disconnect(socket, departure), model.disconnect(socket, departure))
    }

    private mutating func join(_ socket: String, _ name: String) -> String? {
        let password = passwords.randomElement(using: &random) ?? nil
        let capacity = Bool.random(using: &random) ? Int.random(in: 0..<7, using: &random) : nil
        var options: [JSONMember] = []
        if let password { options.append(JSONMember("password", .string(password))) }
        if let capacity { options.append(JSONMember("capacity", .integer(Int64(capacity)))) }
        let text = JSONValue.array(["create or join", .string(name), .object(options)]).text
        return compare(
            "\(socket) \(text)", room.send(socket, text, ack: ack(socket)),
            model.join(socket, name, password: password, capacity: capacity))
    }

    private mutating func relay(_ socket: String, _ name: String) -> String? {
        var ids = model.open.values.flatMap { $0.seats.map(\.person.id) }.sorted()
        ids.append("nobody")
        let id = Bool.random(using: &random) ? ids.randomElement(using: &random) : nil
        let payload = "{\"sdp\":\"\(Int.random(in: 0..<1000, using: &random))\"}"
        var parts = ["\"channel\":\"\(name)\"", "\"offer\":\(payload)", id.map { "\"to\":\"\($0)\"" } ?? "\"to\":null"]
        parts.shuffle(using: &random)
        let text = "[\"handshake\",{\(parts.joined(separator: ","))}]"
        return compare(
            "\(socket) \(text)", room.send(socket, text, ack: ack(socket)), model.relay(socket, name, to: id, payload: payload))
    }

    private mutating func pass(_ interval: Interval) -> String? {
        let lines = room.pass(interval)
        return compare("time", lines, model.pass(until: (room.now - .zero).wholeMilliseconds))
    }

    private func ack(_ socket: String) -> Int? { model.person(socket)?.isPlain == false ? 1 : nil }

    // MARK: Comparisons

    private func compare(_ what: String, _ got: [String], _ expected: [String]) -> String? {
        let got = got.map(Self.withoutText).sorted()
        return got == expected.sorted() ? nil : "\(what)\n  gives \(got)\n  not \(expected.sorted())"
    }

    /// Of a refusal, the code.
    private static func withoutText(_ line: String) -> String {
        let socket = line.prefix { $0 != " " }
        if line.contains("\"channel join failed\"") { return "\(socket) failed" }
        guard line.contains("{\"ok\":false,\"code\":\"") else { return line }
        return "\(socket) ack \(line.split(separator: "\"code\":\"").last?.prefix { $0 != "\"" } ?? "?")"
    }

    private mutating func compareUpdates() -> String? {
        let isStale = room.channels.isListStale
        let lines = room.updates()
        return isStale ? compare("update", lines, model.watchers.sorted().map { "\($0) [\"channels\",\(model.rows)]" }) : nil
    }

    private func compareState() -> String? {
        let channels = room.channels
        for name in names {
            let expected = model.open[name]?.seats.map(\.person.id) ?? []
            if channels.members(of: name) != expected { return "\(name) has \(channels.members(of: name)), not \(expected)" }
            guard let room = model.open[name] else { continue }
            if room.seats.count + room.kept.count > room.effectiveCapacity { return "\(name) is over its capacity" }
        }
        let lost = Set(model.open.values.flatMap { $0.kept.map(\.id) + $0.seats.filter { $0.socket == nil }.map(\.person.id) })
        let counts = [channels.memberCount, channels.channelCount, channels.absentCount]
        let expected = [model.online.count, model.open.count, lost.count]
        return counts == expected ? nil : "counts are \(counts), not \(expected)"
    }
}
