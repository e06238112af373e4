import ICE
import Primitives
import TURNSimulation
import TestSupport
import Testing

/// What a person reads when no path is found: from simulated networks, and sentence by sentence.
@Suite struct DiagnosisTests {
    private static let hosts = [[SimulatedAgents.address("10.0.0.1")], [SimulatedAgents.address("10.1.0.1")]]
    private static let publicAddresses = [IPAddress("192.0.2.9")!, IPAddress("198.51.100.9")!]
    private static let stunServers = [SimulatedAgents.stunServer, SimulatedAgents.address("203.0.113.1", 3479)]

    /// A call that fails, over NATs of these types.
    private static func failed(
        nats: [SimulatedNAT.Behaviour?], hosts: [[SocketAddress]] = hosts, stun: Bool = true, turn: [SimulatedTURNServer] = [],
        transports: [TURNTransport] = [.udp], policy: ICETransportPolicy = .all, change: (inout SimulatedAgents) -> Void = { _ in }
    ) -> SimulatedAgents {
        var call = SimulatedAgents(
            seed: 3, conditions: PathConditions(delay: .milliseconds(15)), hosts: hosts, stunServers: stun ? stunServers : [],
            policy: policy, turn: turn, transports: transports)
        call.hasStunServer = stun
        for (i, nat) in nats.enumerated() {
            if let nat { call.network.add(SimulatedNAT(publicAddress: publicAddresses[i], inside: [hosts[i][0].ip], behaviour: nat)) }
        }
        change(&call)
        call.open()
        call.run(for: .seconds(45))
        #expect(call.states == [.failed, .failed])
        return call
    }

    private static func report(_ call: SimulatedAgents, _ side: Int = 0) -> ConnectivityReport {
        ConnectivityReport(call.agents[side].diagnosis)
    }

    @Test func symmetricNATsAreFoundOut() {
        let call = Self.failed(nats: [.symmetric, .symmetric])
        #expect(call.agents.allSatisfy { $0.diagnosis.mapping == .addressDependent })
        let report = Self.report(call)
        #expect(
            report.tried.hasPrefix("This side tried 3 paths, from 3 addresses (1 local, 2 public) here to 3 addresses"), "\(report.tried)")
        #expect(report.missing.hasSuffix("a TURN server is needed: --ice-server turn:USER:PASSWORD@HOST."), "\(report.missing)")
    }

    @Test func whichSideHasTheStricterNATIsTold() {
        let call = Self.failed(nats: [.symmetric, .portRestricted])
        #expect(call.agents.map(\.diagnosis.mapping) == [.addressDependent, .endpointIndependent])
        #expect(Self.report(call).missing.hasPrefix("This side's NAT uses another port for every destination"))
        #expect(Self.report(call, 1).missing.hasPrefix("Both sides are behind strict NATs; a TURN server is needed"))
    }

    @Test func blockedUDPIsRecognised() {
        let call = Self.failed(nats: [nil, nil]) { $0.udpBlocked = Set(Self.hosts.flatMap { $0.map(\.ip) }) }
        let report = Self.report(call)
        #expect(report.missing.hasPrefix("UDP seems to be blocked here: none of 2 STUN servers answered"), "\(report.missing)")
        #expect(report.missing.hasSuffix("--ice-server turns:USER:PASSWORD@HOST."))
    }

    @Test func refusedRelaysAreNamedWithTheirReasons() {
        var server = SimulatedTURNServer(address: SimulatedAgents.address("203.0.113.7", 3478), hmacSHA1: testHMAC, md5: testMD5)
        server.refusals[.allocate] = 486
        let call = Self.failed(nats: [.symmetric, .symmetric], turn: [server], transports: [.udp, .tcp]) {
            $0.streams.refused = [server.address]
        }
        let missing = Self.report(call).missing
        #expect(missing.contains("The TURN server 203.0.113.7:3478 gives no relay: the user has too many allocations there."), "\(missing)")
        #expect(missing.contains("203.0.113.7:3478 over TCP gives no relay: no connection to it (connection refused)."), "\(missing)")
    }

    @Test func familiesWithoutCommonGroundAreTold() {
        let hosts = [[SimulatedAgents.address("192.0.2.1")], [SimulatedAgents.address("2001:db8::2")]]
        let call = Self.failed(nats: [], hosts: hosts)
        #expect(Self.report(call).missing.hasPrefix("This side has only IPv4 and the other only IPv6."))
        #expect(Self.report(call, 1).missing.hasPrefix("This side has only IPv6 and the other only IPv4."))
    }

    @Test func aWorkingCallKnowsItsNATs() {
        var call = SimulatedAgents(
            seed: 5, hosts: Self.hosts, stunServers: Self.stunServers)
        call.hasStunServer = true
        for (i, nat) in [SimulatedNAT.Behaviour.endpointIndependent, .symmetric].enumerated() {
            call.network.add(SimulatedNAT(publicAddress: Self.publicAddresses[i], inside: [Self.hosts[i][0].ip], behaviour: nat))
        }
        call.open()
        #expect(call.run(for: .seconds(3)) { $0.bothConnected })
        call.run(for: .seconds(1))
        let diagnosis = call.agents[0].diagnosis
        #expect(diagnosis.mapping == .endpointIndependent && diagnosis.remoteMapping == .addressDependent)
        #expect(diagnosis.stunServersAsked == 2 && diagnosis.stunServersAnswered == 2 && diagnosis.pairsSucceeded > 0)
        var open = SimulatedAgents(seed: 6, stunServers: Self.stunServers)
        open.hasStunServer = true
        open.open()
        open.run(for: .seconds(1))
        #expect(open.agents[0].diagnosis.mapping == .noNAT)
    }

    // MARK: Sentence by sentence

    private static func diagnosis(_ change: (inout ICEDiagnosis) -> Void) -> ICEDiagnosis {
        var result = ICEDiagnosis()
        result.hasRemoteDescription = true
        result.local.host = 1
        result.local.reflexive = 1
        result.local.ipv4 = 2
        result.remote = result.local
        result.stunServersAsked = 1
        result.stunServersAnswered = 1
        result.responsesReceived = 1
        result.pairs = 2
        change(&result)
        return result
    }

    private static func relay(_ outcome: ICEDiagnosis.Relay.Outcome, _ transport: TURNTransport = .udp) -> ICEDiagnosis.Relay {
        ICEDiagnosis.Relay(server: "192.0.2.5:3478", transport: transport, outcome: outcome)
    }

    private static let cases: [(ICEDiagnosis, String)] = [
        (diagnosis { $0.hasRemoteDescription = false }, "has not answered the call."),
        (
            diagnosis {
                $0.policy = .relay; $0.local.relayed = 0
            }, "no TURN server is given: --ice-server turn:"
        ),
        (
            diagnosis {
                $0.policy = .relay; $0.relays = [relay(.failed(.noAnswer))]
            }, "192.0.2.5:3478 gives no relay: it does not answer."
        ),
        (diagnosis { $0.local = .init() }, "This machine has no network address"),
        (diagnosis { $0.remote = .init() }, "The other side sent no candidates"),
        (
            diagnosis {
                $0.remote = .init(); $0.unresolvedNames = 1
            }, "hides its addresses behind names"
        ),
        (
            diagnosis {
                $0.local.ipv4 = 0; $0.local.ipv6 = 2
            }, "This side has only IPv6 and the other only IPv4."
        ),
        (diagnosis { $0.checksReceived = 4 }, "The other side is heard here, but does not hear this side"),
        (
            diagnosis {
                $0.stunServersAnswered = 0; $0.responsesReceived = 0
            }, "UDP seems to be blocked here: the STUN server did not answer"
        ),
        (
            diagnosis {
                $0.stunServersAnswered = 0; $0.responsesReceived = 0; $0.relays = [relay(.failed(.noAnswer), .tcp)]
            },
            "and nothing else came in. The TURN server 192.0.2.5:3478 gives no relay"
        ),
        (
            diagnosis {
                $0.stunServersAsked = 0; $0.stunServersAnswered = 0; $0.responsesReceived = 0; $0.relays = [relay(.waiting)]
            },
            "UDP seems to be blocked here: no TURN server answered"
        ),
        (
            diagnosis {
                $0.stunServersAnswered = 0; $0.stunServersAsked = 3
            }, "None of 3 STUN servers answered, so that"
        ),
        (diagnosis { $0.stunServersAnswered = 0 }, "The STUN server did not answer, so that the other side does not know"),
        (
            diagnosis { $0.relays = [relay(.failed(.wrongCredential))] },
            "does not accept the user name or the password. No direct path works"
        ),
        (
            diagnosis {
                $0.relays = [relay(.allocated)]; $0.local.relayed = 1
            }, "does not answer by it either"
        ),
        (
            diagnosis {
                $0.stunServersAsked = 0; $0.stunServersAnswered = 0; $0.local.reflexive = 0
            }, "No STUN server was asked"
        ),
        (diagnosis { $0.remote.reflexive = 0 }, "The other side told only addresses of its own network"),
        (diagnosis { $0.mapping = .noNAT }, "The other side is behind a strict NAT or firewall; a TURN server"),
        (diagnosis { $0.mapping = .addressDependent }, "This side's NAT uses another port for every destination"),
        (diagnosis { $0.remoteMapping = .addressDependent }, "The other side's NAT uses another port for every destination"),
        (
            diagnosis {
                $0.mapping = .addressDependent; $0.remoteMapping = .addressDependent
            },
            "Both sides are behind strict NATs; a TURN server is needed: --ice-server turn:USER:PASSWORD@HOST."
        ),
    ]

    @Test(arguments: cases.indices)
    func everySentenceHasItsCase(index: Int) {
        let (diagnosis, expected) = Self.cases[index]
        let report = ConnectivityReport(diagnosis)
        #expect(report.missing.contains(expected), "\(report.text)")
        for sentence in [report.tried, report.missing] {
            #expect(sentence.first?.isUppercase == true && (sentence.hasSuffix(".") || sentence.hasSuffix("?")), "\(sentence)")
        }
    }

    @Test func singularAndPlural() {
        let one = Self.diagnosis {
            $0.pairs = 1; $0.local.reflexive = 0; $0.local.tcp = 1
        }
        #expect(
            ConnectivityReport(one).tried
                == "This side tried 1 path, from 2 addresses (1 local, 1 for TCP) here to 2 addresses (1 local, 1 public) there.")
    }
}
