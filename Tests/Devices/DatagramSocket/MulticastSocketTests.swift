import CLinux
import DatagramSocket
import Glibc
import Primitives
import TestSupport
import Testing

@Suite struct MulticastSocketTests {
    /// Waits for a datagram that is `expected`, up to five seconds; others may talk on this link.
    private static func hears(_ expected: [UInt8], _ socket: MulticastSocket) -> SocketAddress? {
        for _ in 0..<50 {
            var source: SocketAddress?
            socket.receive { datagram, from in
                if datagram.withUnsafeBytes({ $0.elementsEqual(expected) }) { source = from }
            }
            if let source { return source }
            var entry = pollfd(fd: socket.fileDescriptor, events: Int16(POLLIN), revents: 0)
            _ = tchat_poll(&entry, 1, 100_000)
        }
        return nil
    }

    private static func marker() -> [UInt8] {
        var random = RandomSource.system
        return random.bytes(40)
    }

    @Test(arguments: [MulticastSocket.Family.ipv4, .ipv6])
    func twoSocketsOfOneMachineHearEachOther(family: MulticastSocket.Family) throws {
        // A machine without IPv6 has no such socket.
        guard let a = try? MulticastSocket(family), let b = try? MulticastSocket(family) else { return }
        #expect(a.group.port == 5353 && a.group.ip.isMulticast)
        for (from, to) in [(a, b), (b, a)] where from.hearsGroup && to.hearsGroup {
            let marker = Self.marker()
            // Some sandboxes let no multicast out.
            guard from.sendToGroup(marker) else { continue }
            let source = try #require(Self.hears(marker, to))
            #expect(source.port == 5353 && source.ip.isIPv4 == (family == .ipv4))
        }
    }

    @Test(.enabled(if: OwnNetwork.isAllowed))
    func loopbackAloneIsEnoughOrFailsSoftly() {
        let outcome = OwnNetwork.run { () -> [Bool]? in
            guard let before = try? MulticastSocket() else { return nil }
            // No interface is up: nothing is sent, and nothing breaks.
            var outcome = [before.sendToGroup([1])]
            guard OwnNetwork.setLoopback(up: true), let other = try? MulticastSocket() else { return nil }
            before.joinInterfaces()
            let marker = Self.marker()
            let isSent = other.sendToGroup(marker)
            outcome.append(!isSent || Self.hears(marker, before) != nil)
            guard OwnNetwork.setLoopback(up: false) else { return nil }
            before.joinInterfaces()
            outcome.append(before.sendToGroup([1]))
            return outcome
        }
        #expect(outcome == [false, true, false])
    }

    @Test(.enabled(if: OwnNetwork.isAllowed))
    func whereThePortIsTakenAnswersComeToAFreeOne() throws {
        let outcome = OwnNetwork.run { () -> (hearsGroup: Bool, isAnswered: Bool)? in
            // A socket without the options that share a port.
            guard OwnNetwork.setLoopback(up: true), let responder = try? DatagramSocket(binding: .any4, port: 5353),
                let socket = try? MulticastSocket()
            else { return nil }
            let marker = Self.marker()
            var asked: SocketAddress?
            guard socket.send(marker, to: SocketAddress(.loopback4, port: 5353)) == .sent else { return nil }
            responder.receive { _, source in asked = source }
            guard let asked else { return (socket.hearsGroup, false) }
            _ = responder.send(marker, to: asked)
            return (socket.hearsGroup, Self.hears(marker, socket) == SocketAddress(.loopback4, port: 5353))
        }
        #expect(outcome?.hearsGroup == false)
        #expect(outcome?.isAnswered == true)
    }
}
