import Channels
import Primitives
import Signaling

/// What a server is made of and what a person should know about it, from the options. Reads the secrets' files.
struct ServePlan {
    var configuration = ServerConfiguration()
    /// Sentences.
    var warnings: [String] = []
    private let tokenSecretPath: String?

    /// - Throws: a sentence when options do not go together, or a secret cannot be used.
    init(_ options: ServeOptions) throws(PlainFailure) {
        tokenSecretPath = options.tokenSecret
        configuration.host = options.host ?? configuration.host
        configuration.port = options.port ?? configuration.port
        configuration.channels.capacity = options.capacity ?? configuration.channels.capacity
        configuration.channels.maximumChannels = options.maxChannels ?? configuration.channels.maximumChannels
        configuration.trustedProxies = options.trustedProxy
        configuration.metricsReaders = options.metricsFrom
        if options.conformance { configuration.conform() }
        configuration.servesPage = !options.noPage
        configuration.version = tchatVersion
        limits(options)
        switch (options.tlsCert, options.tlsKey) {
        case (let certificate?, let key?): configuration.tls = TLSFiles(certificate: certificate, key: key)
        case (nil, nil): break
        default: throw PlainFailure("A certificate needs its key: give tls-cert and tls-key, both or neither.")
        }
        try access(options)
        if configuration.servesPage, configuration.tls == nil, configuration.trustedProxies.isEmpty, !Self.isLocal(configuration.host) {
            warnings.append(
                "Browsers give a page camera and microphone only over https (or on this machine): give --tls-cert and --tls-key, or put a proxy "
                    + "with TLS in front. Terminals can do without.")
        }
    }

    private mutating func limits(_ options: ServeOptions) {
        var limits = configuration.limits
        limits.connections = options.maxConnections ?? limits.connections
        limits.connectionsPerAddress = options.maxAddressConnections ?? limits.connectionsPerAddress
        limits.events.perSecond = options.eventRate ?? limits.events.perSecond
        limits.events.burst = options.eventBurst ?? limits.events.burst
        limits.addressEvents.perSecond = options.addressEventRate ?? limits.addressEvents.perSecond
        limits.addressEvents.burst = options.addressEventBurst ?? limits.addressEvents.burst
        limits.joins.perSecond = options.joinRate ?? limits.joins.perSecond
        limits.joins.burst = options.joinBurst ?? limits.joins.burst
        limits.countsLoopback = options.limitLoopback
        configuration.limits = limits
    }

    private mutating func access(_ options: ServeOptions) throws(PlainFailure) {
        if let path = options.tokenSecret { configuration.access.tokenSecret = try secret(path) }
        guard options.turnUrl.isEmpty == (options.turnSecret == nil) else {
            throw PlainFailure("TURN needs both its address and its secret: give turn-url and turn-secret, both or neither.")
        }
        if let path = options.turnSecret { configuration.access.turnSecret = try secret(path) }
        configuration.access.turnURLs = options.turnUrl
        configuration.access.stunURLs = options.stunUrl
        if let lifetime = options.turnLifetime { configuration.access.turnLifetime = .seconds(Int(lifetime.seconds)) }
    }

    private mutating func secret(_ path: String) throws(PlainFailure) -> [UInt8] {
        let file = try SecretFile(path)
        if let warning = file.warning { warnings.append(warning) }
        return file.secret
    }

    static func isLocal(_ host: String) -> Bool { host == "localhost" || IPAddress(host)?.isLoopback == true }

    /// What is said at the start.
    /// - Parameters:
    ///   - port: the one that is listened at.
    ///   - hosts: names and addresses by which others can reach it; IPv6 without brackets.
    func announcement(port: Int, hosts: [String]) -> [String] {
        var lines = ["Signaling server at \(configuration.host), port \(port). Ctrl-C stops it."]
        let urls = hosts.map { ServerURL(isSecure: configuration.tls != nil, host: $0, port: port) }
        for url in urls { lines.append("A friend types:  tchat --server \(url)") }
        if configuration.servesPage, !configuration.isConformance {
            for url in urls { lines.append("A browser opens:  \(url)/CHANNEL") }
        }
        if let tokenSecretPath {
            let url = urls.first.map { " --url \($0)" } ?? ""
            lines.append("Everybody needs a token:  tchat token --secret \(tokenSecretPath) --channel CHANNEL\(url)")
        }
        return lines
    }
}
