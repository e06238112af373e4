import ICE
import Primitives
import TURNSimulation
import TestSupport

/// The agents' streams, and the TURN servers' ends of them.
extension SimulatedAgents {
    static let firstServer = 100

    mutating func useStreams(_ output: ICEOutput, by i: Int) {
        switch output {
        case .openStream(let id, let remote, _): streams.open(id, owner: i, from: hosts[i][0].ip, to: remote, at: now)
        case .sendStream(let id, let payload): streams.send(payload, on: id, at: now)
        case .closeStream(let id): streams.close(id, at: now)
        case .transmit, .resolve, .event: break
        }
    }

    mutating func receive(_ delivery: SimulatedStreams.Delivery) {
        guard delivery.owner < Self.firstServer else { return serverReceives(delivery) }
        let i = delivery.owner
        switch delivery.event {
        case .opened(let local): agents[i].streamOpened(delivery.id, local: local, now: now)
        case .accepted(let listener, let remote):
            agents[i].streamAccepted(delivery.id, local: listener, remote: remote, now: now)
        case .received(let bytes):
            guard var input = agents[i].streamReceived(delivery.id, bytes.span, now: now) else { return }
            while let frame = input.next() { take(Array(input.bytes[frame]), from: input.source, base: input.base, by: i) }
            agents[i].streamHandled(input, now: now)
        case .closed(let reason): agents[i].streamClosed(delivery.id, reason: reason, now: now)
        }
        drain(i)
    }

    mutating func addListener(_ i: Int, _ address: SocketAddress) {
        streams.listen(at: address, owner: i)
        agents[i].addTCPListener(base: address, now: now)
        drain(i)
    }

    private mutating func serverReceives(_ delivery: SimulatedStreams.Delivery) {
        let server = delivery.owner - Self.firstServer
        switch delivery.event {
        case .accepted(_, let client): turnStreams.accept(delivery.id, client: client)
        case .received(let bytes):
            guard let (client, messages) = turnStreams.receive(delivery.id, bytes) else { return }
            for message in messages { serve(message, from: client, to: turn[server].address, server: server) }
        case .closed:
            if let client = turnStreams.close(delivery.id) { turn[server].endAllocation(of: client) }
        case .opened: break
        }
    }

    mutating func serve(_ payload: [UInt8], from: SocketAddress, to: SocketAddress, server: Int) {
        for answer in turn[server].handle(payload, from: from, to: to, now: now) {
            if let id = turnStreams.stream(of: answer.to) {
                streams.send(SimulatedTURNStreams.framed(answer.payload), on: id, at: now)
            } else {
                network.send(answer.payload, from: answer.from, to: answer.to, at: now)
            }
        }
    }
}
