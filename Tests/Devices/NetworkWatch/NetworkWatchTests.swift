import CLinux
import Glibc
import NetworkWatch
import TestSupport
import Testing

@Suite struct NetworkWatchTests {
    @Test func aWatchNeverBlocksAndIsNotInherited() throws {
        let watch = try #require(NetworkWatch())
        #expect(fcntl(watch.fileDescriptor, F_GETFL) & O_NONBLOCK != 0)
        #expect(fcntl(watch.fileDescriptor, F_GETFD) & FD_CLOEXEC != 0)
        // Whatever happens on this machine meanwhile: it returns.
        _ = watch.drain()
    }

    @Test(.enabled(if: OwnNetwork.isAllowed))
    func changesOfInterfacesAndAddressesAreHeard() throws {
        let heard = OwnNetwork.run { () -> [Bool]? in
            guard let watch = NetworkWatch() else { return nil }
            var heard = [watch.drain()]
            guard OwnNetwork.setLoopback(up: true) else { return nil }
            heard.append(Self.isReadable(watch))
            heard.append(watch.drain())
            heard.append(watch.drain())
            guard OwnNetwork.setLoopbackAddress(0xc633_6407) else { return nil }
            heard.append(watch.drain())
            guard OwnNetwork.setLoopbackAddress(0) else { return nil }
            heard.append(watch.drain())
            guard OwnNetwork.setLoopback(up: false) else { return nil }
            heard.append(watch.drain())
            return heard
        }
        #expect(heard == [false, true, true, false, true, true, true])
    }

    @Test(.enabled(if: OwnNetwork.isAllowed))
    func newsThatWereLostCountAsAChangeAndTheWatchGoesOn() throws {
        let heard = OwnNetwork.run { () -> [Bool]? in
            guard let watch = NetworkWatch() else { return nil }
            // Far more than the socket's buffer holds.
            for round in 0..<400 where !OwnNetwork.setLoopback(up: round % 2 == 0) { return nil }
            var heard = [watch.drain(), watch.drain()]
            guard OwnNetwork.setLoopback(up: true) else { return nil }
            heard.append(watch.drain())
            return heard
        }
        #expect(heard == [true, false, true])
    }

    private static func isReadable(_ watch: NetworkWatch) -> Bool {
        var entry = pollfd(fd: watch.fileDescriptor, events: Int16(POLLIN), revents: 0)
        return tchat_poll(&entry, 1, 0) == 1
    }
}
