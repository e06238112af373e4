import NIOCore
import Primitives

extension Primitives.SocketAddress {
    /// Nil for what is no address and port.
    init?(_ address: NIOCore.SocketAddress?) {
        switch address {
        case .v4(let v4)?:
            let address = v4.address
            self.init(.v4(UInt32(bigEndian: address.sin_addr.s_addr)), port: UInt16(bigEndian: address.sin_port))
        case .v6(let v6)?:
            let address = v6.address
            guard let ip = withUnsafeBytes(of: address.sin6_addr, { IPAddress(bytes: $0) }) else { return nil }
            self.init(ip, port: UInt16(bigEndian: address.sin6_port))
        default: return nil
        }
    }

    func forNIO() throws -> NIOCore.SocketAddress {
        try NIOCore.SocketAddress(packedIPAddress: ByteBuffer(bytes: ip.bytes), port: Int(port))
    }
}
