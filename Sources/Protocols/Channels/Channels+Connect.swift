import JSON
import Primitives

extension Channels {
    /// A socket has connected. `auth` is its CONNECT payload: `name`, `features`, `resume` and `token` are read.
    /// - Parameters:
    ///   - address: whose tries at passwords are counted together.
    ///   - unixTime: seconds since 1970-01-01 UTC, for tokens.
    public mutating func connected(
        _ id: String, auth: RawJSON?, address: IPAddress?, now: Instant, unixTime: Int64
    ) -> ConnectVerdict {
        guard clientsBySocket[id] == nil else { return .accepted([]) }
        do throws(Refusal) {
            guard !isStopping else { throw Refusal(.stopping) }
            let wishes = ConnectWishes(auth)
            let token = try admit(wishes.token, unixTime)
            return .accepted(enter(id, wishes, token, address, now))
        } catch {
            refusals[error.code, default: 0] += 1
            return .refused(error.code)
        }
    }

    private func admit(_ text: String?, _ unixTime: Int64) throws(Refusal) -> AccessToken? {
        guard let secret = access.tokenSecret else { return nil }
        guard let text else { throw Refusal(.tokenNeeded) }
        do {
            return try AccessToken.verify(text, secret: secret, unixTime: unixTime, crypto: crypto)
        } catch {
            throw Refusal(error == .expired ? .tokenExpired : .tokenInvalid)
        }
    }

    private mutating func enter(
        _ socket: String, _ wishes: ConnectWishes, _ token: AccessToken?, _ address: IPAddress?, _ now: Instant
    ) -> [ChannelAction] {
        let returning = wishes.isGroup ? wishes.resume.flatMap(memberID) : nil
        let id = returning ?? socket
        var actions: [ChannelAction] = []
        var name = wishes.name ?? absent[id]?.name
        if let returning, let ghost = clientsByMember[returning] {
            name = name ?? clients[ghost]?.name
            actions.append(contentsOf: replace(ghost, now))
        }
        let index = clients.insert(
            Client(
                socket: socket, id: id, isGroup: wishes.isGroup, canReturn: returning != nil, address: address, token: token, name: name))
        clientsBySocket[socket] = index
        if let returning { clientsByMember[returning] = index }
        actions.append(.emit(to: [socket], event: "connect success", arguments: [.string(id)]))
        return actions
    }

    /// The id of whoever knows this secret. It tells nothing about the secret, and the server need not remember it.
    private func memberID(_ secret: String) -> String? {
        let digest = crypto.sha256(Array("tchat member \(secret)".utf8))
        let text = Base64.encodeURL(digest)
        return text.count < 20 ? nil : String(decoding: text.prefix(20), as: UTF8.self)
    }

    /// A member has come back before its old socket was known to be gone. Its places wait for it, and nobody is told.
    private mutating func replace(_ ghost: Int, _ now: Instant) -> [ChannelAction] {
        guard let client = clients[ghost] else { return [] }
        for slot in client.channels {
            guard let place = channels[slot]?.places.firstIndex(where: { $0.client == ghost }) else { continue }
            channels[slot]?.places[place].client = nil
            channels[slot]?.places[place].until = now + limits.hold
        }
        keepPlaces(of: client, client.channels, now)
        forget(ghost, client)
        return [.close(client.socket, reason: "the same member has connected anew")]
    }

}

/// What a CONNECT payload asks for. Anything of the wrong kind counts as absent.
private struct ConnectWishes {
    var name: String?
    var isGroup = false
    var resume: String?
    var token: String?

    init(_ auth: RawJSON?) {
        auth?.forEachMember { key, value in
            switch key {
            case "name": name = value.string.flatMap(Naming.personName)
            case "features": isGroup = value.elements?.contains { $0.string == "group" } ?? false
            case "resume": resume = value.string.flatMap { (16...128).contains($0.utf8.count) ? $0 : nil }
            case "token": token = value.string
            default: break
            }
        }
    }
}
