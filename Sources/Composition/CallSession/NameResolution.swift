import DatagramSocket
import ICE
import Primitives

/// Multicast DNS for the `.local` names in candidates: which peer asked for which, and the sockets that ask. On the network thread.
final class NameResolution {
    struct Answer {
        var member: CallCoordinator.MemberID
        var name: String
        /// Nil: nobody has said.
        var address: IPAddress?
    }

    private var resolver = MDNSResolver()
    /// As far as the system gives them.
    private let sockets = [try? MulticastSocket(.ipv4), try? MulticastSocket(.ipv6)].compactMap { $0 }
    private var askers: [String: Set<CallCoordinator.MemberID>] = [:]

    var fileDescriptors: [Int32] { sockets.map(\.fileDescriptor) }
    var nextTimeout: Instant? { resolver.nextTimeout }

    /// The agent of each peer asks for a handful at the most.
    func resolve(_ name: String, for member: CallCoordinator.MemberID, now: Instant) {
        askers[name.lowercased(), default: []].insert(member)
        resolver.resolve(name, now: now)
    }

    /// Interfaces have come or gone.
    func networkChanged() { for socket in sockets { socket.joinInterfaces() } }

    /// Reads what has come and sends what is due.
    func answers(now: Instant) -> [Answer] {
        for socket in sockets { socket.receive { resolver.handleResponse($0, from: $1, now: now) } }
        if let due = resolver.nextTimeout, due <= now { resolver.handleTimeout(now: now) }
        var answers: [Answer] = []
        while let output = resolver.poll() {
            switch output {
            case .transmit(let payload, let group):
                sockets.first { $0.family == (group.ip.isIPv4 ? .ipv4 : .ipv6) }?.sendToGroup(payload)
            case .resolved(let name, let address):
                for member in askers.removeValue(forKey: name) ?? [] {
                    answers.append(Answer(member: member, name: name, address: address))
                }
            }
        }
        return answers
    }
}
