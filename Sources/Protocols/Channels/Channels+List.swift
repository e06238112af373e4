import JSON
import Primitives

extension Channels {
    /// The list for everyone who asked for it before, when it has changed since the last time.
    /// The caller decides how often: each call costs a walk over the channels.
    public mutating func listUpdates() -> [ChannelAction] {
        guard isListStale else { return [] }
        isListStale = false
        let sockets = watchers.compactMap { clients[$0]?.socket }.sorted()
        return sockets.isEmpty ? [] : [.emit(to: sockets, event: "channels", arguments: [.raw(list())])]
    }

    mutating func list(for index: Int, _ acknowledgement: Int?) -> [ChannelAction] {
        clients[index]?.watchesList = true
        watchers.insert(index)
        guard let socket = clients[index]?.socket else { return [] }
        let list = JSONValue.raw(list())
        guard let acknowledgement else { return [.emit(to: [socket], event: "channels", arguments: [list])] }
        return [.acknowledge(to: socket, id: acknowledgement, arguments: [list])]
    }

    mutating func rename(_ index: Int, _ arguments: [RawJSON], _ acknowledgement: Int?) throws(Refusal) -> [ChannelAction] {
        guard let text = arguments.first?.string else { throw Refusal(.malformed) }
        guard let name = Naming.personName(text) else { throw Refusal(.badName, "a name needs a character that can be shown") }
        clients[index]?.name = name
        for slot in clients[index]?.channels ?? [] {
            guard let place = channels[slot]?.places.firstIndex(where: { $0.client == index }) else { continue }
            channels[slot]?.places[place].name = name
            listChanged()
        }
        return acknowledge(index, acknowledgement)
    }

    mutating func listChanged() {
        cachedList = nil
        if !watchers.isEmpty { isListStale = true }
    }

    private mutating func list() -> RawJSON {
        if let cachedList { return cachedList }
        let list = RawJSON(.array(firstChannels().map(Self.row)))
        cachedList = list
        return list
    }

    /// Those with members whose names come first, sorted. There may be many more than are listed.
    private func firstChannels() -> [ChannelState] {
        var first: [ChannelState] = []
        var bound: String?
        func cut() {
            first.sort { $0.name < $1.name }
            first.removeLast(max(0, first.count - limits.maximumListed))
            if first.count == limits.maximumListed { bound = first.last?.name }
        }
        channels.forEach { _, channel in
            guard !channel.places.isEmpty else { return }
            if let bound, bound <= channel.name { return }
            first.append(channel)
            if first.count >= 2 * limits.maximumListed + 16 { cut() }
        }
        cut()
        return first
    }

    private static func row(_ channel: ChannelState) -> JSONValue {
        var facts = [
            JSONMember("name", .string(channel.name)), JSONMember("members", .integer(Int64(channel.places.count))),
            JSONMember("names", .array(channel.places.compactMap { $0.name.map(JSONValue.string) })),
            JSONMember("capacity", .integer(Int64(channel.effectiveCapacity))),
        ]
        if channel.passwordDigest != nil { facts.append(JSONMember("password", true)) }
        return .object(facts)
    }
}
