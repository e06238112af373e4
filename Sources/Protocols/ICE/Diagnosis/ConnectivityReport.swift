/// Why there is no path to the other side, in whole sentences for a person: what was tried, and what is missing.
public struct ConnectivityReport: Hashable, Sendable {
    public let tried: String
    public let missing: String

    public var text: String { "\(tried) \(missing)" }

    static let turnOption = "--ice-server turn:USER:PASSWORD@HOST"
    static let turnsOption = "--ice-server turns:USER:PASSWORD@HOST"

    public init(_ diagnosis: ICEDiagnosis) {
        tried = Self.tried(diagnosis)
        missing = Self.missing(diagnosis)
    }

    // MARK: What was tried

    private static func tried(_ diagnosis: ICEDiagnosis) -> String {
        guard diagnosis.hasRemoteDescription else { return "No path was tried yet." }
        let local = addresses(diagnosis.local)
        let remote = addresses(diagnosis.remote)
        guard diagnosis.pairs > 0 else { return "Nothing could be tried: this side has \(local), the other \(remote)." }
        return "This side tried \(count(diagnosis.pairs, "path", "paths")), from \(local) here to \(remote) there."
    }

    private static func addresses(_ candidates: ICEDiagnosis.Candidates) -> String {
        guard candidates.count > 0 else { return "no address" }
        let kinds = [
            (candidates.host, "local"), (candidates.reflexive, "public"), (candidates.relayed, "relayed"), (candidates.tcp, "for TCP"),
        ].filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
        return "\(count(candidates.count, "address", "addresses")) (\(kinds.joined(separator: ", ")))"
    }

    private static func count(_ number: Int, _ one: String, _ many: String) -> String { "\(number) \(number == 1 ? one : many)" }

    // MARK: What is missing

    /// The first that fits: causes here before causes there, certain ones before likely ones.
    private static func missing(_ diagnosis: ICEDiagnosis) -> String {
        guard diagnosis.hasRemoteDescription else { return "The other side has not answered the call." }
        return relayPolicy(diagnosis) ?? noAddresses(diagnosis) ?? families(diagnosis) ?? oneWay(diagnosis) ?? blocked(diagnosis)
            ?? relays(diagnosis) ?? nats(diagnosis)
    }

    private static func relayPolicy(_ diagnosis: ICEDiagnosis) -> String? {
        guard diagnosis.policy == .relay, diagnosis.local.relayed == 0 else { return nil }
        if diagnosis.relays.isEmpty { return "Only relays may be used, and no TURN server is given: \(turnOption)." }
        return failures(diagnosis) + " Only relays may be used, so this TURN server has to work, or another one: \(turnOption)."
    }

    private static func noAddresses(_ diagnosis: ICEDiagnosis) -> String? {
        if diagnosis.local.count == 0 { return "This machine has no network address: is it connected?" }
        if diagnosis.remote.count > 0 { return nil }
        if diagnosis.unresolvedNames > 0 {
            return "The other side hides its addresses behind names that only its own network knows, and told no other: "
                + "a TURN server on either side is needed: \(turnOption)."
        }
        return "The other side sent no candidates, which is where it can be reached: its network may be down, or its browser forbids "
            + "direct connections."
    }

    private static func families(_ diagnosis: ICEDiagnosis) -> String? {
        let (local, remote) = (diagnosis.local, diagnosis.remote)
        let needs = "A TURN server that has both is needed: \(turnOption)."
        if local.ipv6 == 0, remote.ipv4 == 0 { return "This side has only IPv4 and the other only IPv6. \(needs)" }
        if local.ipv4 == 0, remote.ipv6 == 0 { return "This side has only IPv6 and the other only IPv4. \(needs)" }
        return nil
    }

    private static func oneWay(_ diagnosis: ICEDiagnosis) -> String? {
        guard diagnosis.checksReceived > 0, diagnosis.pairsSucceeded == 0 else { return nil }
        return "The other side is heard here, but does not hear this side: a firewall lets nothing back. "
            + "A TURN server is needed: \(turnOption)."
    }

    private static func blocked(_ diagnosis: ICEDiagnosis) -> String? {
        guard diagnosis.stunServersAsked > 0 || diagnosis.relays.contains(where: { $0.transport == .udp }),
            diagnosis.stunServersAnswered == 0, diagnosis.local.relayed == 0, diagnosis.checksReceived == 0
        else { return nil }
        let asked = diagnosis.stunServersAsked
        let silent =
            switch asked {
            case 0: "no TURN server answered"
            case 1: "the STUN server did not answer"
            default: "none of \(asked) STUN servers answered"
            }
        if diagnosis.responsesReceived == 0 {
            let sentence = "UDP seems to be blocked here: \(silent), and nothing else came in."
            let hasStreams = diagnosis.relays.contains { $0.transport != .udp }
            if hasStreams { return sentence + " " + failures(diagnosis) }
            return sentence + " A TURN server that is reached by TLS gets through: \(turnsOption)."
        }
        guard asked > 0, diagnosis.relays.isEmpty else { return nil }
        return silent.prefix(1).uppercased() + silent.dropFirst()
            + ", so that the other side does not know this side's public address; another one may: --ice-server stun:HOST."
    }

    private static func relays(_ diagnosis: ICEDiagnosis) -> String? {
        guard !diagnosis.relays.isEmpty else { return nil }
        if diagnosis.local.relayed == 0 {
            return failures(diagnosis) + " No direct path works, so a TURN server that does is needed: \(turnOption)."
        }
        return "The TURN server gave a relay, but the other side does not answer by it either: its network may let nothing out, "
            + "or its program has ended."
    }

    private static func failures(_ diagnosis: ICEDiagnosis) -> String {
        diagnosis.relays.map { relay in
            switch relay.outcome {
            case .waiting: "The TURN server \(relay.server) has not answered."
            case .allocated: "The TURN server \(relay.server) gave a relay."
            case .failed(let reason): "The TURN server \(relay.server) gives no relay: \(reason)."
            }
        }.joined(separator: " ")
    }

    private static func nats(_ diagnosis: ICEDiagnosis) -> String {
        let needed = "a TURN server is needed: \(turnOption)."
        if diagnosis.stunServersAsked == 0, diagnosis.local.reflexive == 0, diagnosis.mapping != .noNAT {
            return
                "No STUN server was asked, so that the other side knows only addresses of this side's own network: --ice-server stun:HOST."
        }
        if diagnosis.remote.reflexive == 0, diagnosis.remote.relayed == 0 {
            return "The other side told only addresses of its own network, which cannot be reached from here: "
                + "it has to ask a STUN server, or \(needed)"
        }
        switch (diagnosis.mapping, diagnosis.remoteMapping) {
        case (.noNAT, _): return "The other side is behind a strict NAT or firewall; \(needed)"
        case (.addressDependent, .unknown), (.addressDependent, .noNAT), (.addressDependent, .endpointIndependent):
            return "This side's NAT uses another port for every destination, and the other side's lets only known ones in; \(needed)"
        case (.endpointIndependent, .addressDependent), (.unknown, .addressDependent):
            return "The other side's NAT uses another port for every destination, and this side's lets only known ones in; \(needed)"
        default: return "Both sides are behind strict NATs; \(needed)"
        }
    }
}
