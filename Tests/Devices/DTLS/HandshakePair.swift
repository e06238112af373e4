import DTLS
import Primitives
import VirtualTimeOfDay

/// Two transports and a wire between them that loses what it is told to lose, in simulated time.
final class HandshakePair {
    enum Side { case client, server }
    typealias Packet = (to: Side, bytes: [UInt8])

    static let start = Instant(microseconds: 1_000_000_000)
    var client: DTLSTransport
    var server: DTLSTransport
    var now = HandshakePair.start
    var clientKeys: SRTPKeys?
    var serverKeys: SRTPKeys?
    var clientFailure: DTLSError?
    var serverFailure: DTLSError?
    var closed: [Side] = []
    var data: [UInt8] = []
    /// Every datagram that was sent, in order, with the time.
    var sent: [(side: Side, at: Instant, bytes: [UInt8])] = []
    private var wire: [Packet] = []
    private var fresh: [Packet] = []

    init(
        clientCertificate: DTLSCertificate, serverCertificate: DTLSCertificate, clientExpects: [CertificateFingerprint]? = nil,
        serverExpects: [CertificateFingerprint]? = nil, clientProfiles: [SRTPProfile] = SRTPProfile.allCases,
        base: Interval = .milliseconds(50)
    ) throws {
        virtual_time_of_day_set(Self.start.microseconds)
        client = try DTLSTransport(
            role: .client, certificate: clientCertificate, remoteFingerprints: clientExpects ?? [serverCertificate.fingerprint],
            retransmissionBase: base, profiles: clientProfiles, now: Self.start)
        server = try DTLSTransport(
            role: .server, certificate: serverCertificate, remoteFingerprints: serverExpects ?? [clientCertificate.fingerprint],
            retransmissionBase: base, now: Self.start)
        client.start(now: Self.start)
    }

    deinit { virtual_time_of_day_set(-1) }

    /// Runs until nothing happens any more or the time has come. `loses` is asked with each datagram's number, from 0;
    /// `reshapes` may do as it likes with what was sent at one moment.
    func run(
        for duration: Interval, loses: (Int) -> Bool = { _ in false }, tampers: (inout [UInt8], Int) -> Void = { _, _ in },
        reshapes: (inout [Packet]) -> Void = { _ in }
    ) {
        let end = now + duration
        while true {
            drain(loses: loses, tampers: tampers)
            reshapes(&fresh)
            wire += fresh
            fresh.removeAll()
            if let (to, bytes) = wire.first {
                wire.removeFirst()
                if to == .client { client.handle(bytes.span, now: now) } else { server.handle(bytes.span, now: now) }
                continue
            }
            let due = [client.nextTimeout(now: now), server.nextTimeout(now: now)].compactMap { $0 }.min()
            guard let due, due <= end else { return }
            now = max(due, now + .microseconds(1))
            virtual_time_of_day_set(now.microseconds)
            client.handleTimeout(now: now)
            server.handleTimeout(now: now)
        }
    }

    private func drain(loses: (Int) -> Bool, tampers: (inout [UInt8], Int) -> Void) {
        while let output = client.poll() { take(output, .client, loses, tampers) }
        while let output = server.poll() { take(output, .server, loses, tampers) }
    }

    private func take(_ output: DTLSOutput, _ side: Side, _ loses: (Int) -> Bool, _ tampers: (inout [UInt8], Int) -> Void) {
        switch output {
        case .transmit(var bytes):
            let number = sent.count
            sent.append((side, now, bytes))
            tampers(&bytes, number)
            if !loses(number) { fresh.append((side == .client ? .server : .client, bytes)) }
        case .connected(let keys): if side == .client { clientKeys = keys } else { serverKeys = keys }
        case .applicationData(let bytes): data += bytes
        case .closed: closed.append(side)
        case .failed(let error): if side == .client { clientFailure = error } else { serverFailure = error }
        }
    }
}
