import Channels
import SocketIO

/// The files of a server's certificate, both PEM.
public struct TLSFiles: Sendable, Hashable {
    /// The server's own certificate first, then those between it and the root.
    public var certificate: String
    public var key: String

    public init(certificate: String, key: String) {
        self.certificate = certificate
        self.key = key
    }
}

/// How a signaling server is run; the defaults serve one machine.
public struct ServerConfiguration: Sendable {
    /// An address or a name of this machine; 0.0.0.0 or :: for all of them.
    public var host = "127.0.0.1"
    /// 0 for any that is free.
    public var port = ServerURL.defaultPort
    public var channels = ChannelLimits()
    /// Tokens, STUN and TURN.
    public var access = ChannelAccess()
    public var limits = ServerLimits()
    /// With TLS 1.2 or later; without when nil.
    public var tls: TLSFiles?
    /// Those whose `X-Forwarded-For` is believed.
    public var trustedProxies: [AddressRange] = []
    /// Who may read `/metrics`, beside this machine itself.
    public var metricsReaders: [AddressRange] = []
    /// Serves what protocol test suites expect, in place of channels.
    public private(set) var isConformance = false
    /// Whether `/` and `/CHANNEL` give the page for guests.
    public var servesPage = true
    public var engine = SocketIOServerConfiguration()
    /// For `/metrics`.
    public var version = ""

    public init() {}

    /// As the protocols' test suites expect a server, `engine` included.
    public mutating func conform() {
        isConformance = true
        engine = ConformanceApplication.engine
    }
}
