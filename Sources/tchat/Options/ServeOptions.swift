import ArgumentParser
import Primitives
import Signaling

extension AddressRange {
    /// For an option.
    static func parse(_ argument: String) throws -> AddressRange {
        guard let range = AddressRange(argument) else {
            throw ValidationError("A range of addresses is written as 10.0.0.0/8, fd00::/8, or one address alone.")
        }
        return range
    }
}

/// A length of time as people write it: `90s`, `30m`, `12h`, `7d`, or seconds without a letter; from a second to ten years.
struct DurationChoice: Equatable {
    let seconds: Int64

    /// For an option.
    static func parse(_ argument: String) throws -> DurationChoice {
        guard let choice = DurationChoice(argument) else {
            throw ValidationError("A time is written as 90s, 30m, 12h or 7d, from a second to ten years.")
        }
        return choice
    }

    init?(_ argument: String) {
        let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
        let unit = argument.last.flatMap { units[$0] }
        let digits = unit == nil ? argument[...] : argument.dropLast()
        guard (1...9).contains(digits.utf8.count), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let count = Int64(digits) else {
            return nil
        }
        seconds = count * (unit ?? 1)
        guard (1...315_360_000).contains(seconds) else { return nil }
    }
}

enum LogFormatChoice: String, ExpressibleByArgument, CaseIterable { case text, json }

/// How a server is run. All of it is optional, so that it is known what was said and what is still to come from a file.
struct ServeOptions: ParsableArguments, Sendable {
    @Option(help: "Address to listen at; 0.0.0.0 for everyone who can reach this machine. (default: 127.0.0.1)")
    var host: String?

    @Option(help: "Port to listen at; 0 for any free one. (default: 6125)")
    var port: Int?

    @Option(help: "Members of a channel at the most, 2 to 64. (default: 8)")
    var capacity: Int?

    @Option(help: "Channels at a time. (default: 10000)")
    var maxChannels: Int?

    @Option(help: ArgumentHelp("Serve https with the certificates of this PEM file, the server's own first.", valueName: "file"))
    var tlsCert: String?

    @Option(help: ArgumentHelp("The certificate's private key, PEM without a passphrase.", valueName: "file"))
    var tlsKey: String?

    @Option(
        help: ArgumentHelp("Let in only who has a token that was made with the secret in this file (see tchat token).", valueName: "file"))
    var tokenSecret: String?

    @Option(
        help: ArgumentHelp("TURN server for members, as turn:HOST[:PORT][?transport=tcp] or turns:…. May be repeated.", valueName: "url"))
    var turnUrl: [String] = []

    @Option(help: ArgumentHelp("File with the secret of that TURN server (coturn's static-auth-secret).", valueName: "file"))
    var turnSecret: String?

    @Option(
        help: ArgumentHelp("How long a member's TURN credential is good, such as 12h. (default: 12h)", valueName: "time"),
        transform: DurationChoice.parse)
    var turnLifetime: DurationChoice?

    @Option(help: ArgumentHelp("STUN server for members, as stun:HOST[:PORT]. May be repeated.", valueName: "url"))
    var stunUrl: [String] = []

    @Option(
        help: ArgumentHelp("Believe X-Forwarded-For from this address or range, such as 10.0.0.0/8. May be repeated.", valueName: "range"),
        transform: AddressRange.parse)
    var trustedProxy: [AddressRange] = []

    @Option(
        help: ArgumentHelp("Give /metrics to this address or range too, not to this machine alone. May be repeated.", valueName: "range"),
        transform: AddressRange.parse)
    var metricsFrom: [AddressRange] = []

    @Option(help: "Connections at a time. (default: 20000)")
    var maxConnections: Int?

    @Option(help: "Connections at a time from one address. (default: 256)")
    var maxAddressConnections: Int?

    @Option(help: ArgumentHelp("Events a second from one socket, in the long run. (default: 100)", valueName: "n"))
    var eventRate: Double?

    @Option(help: ArgumentHelp("Events at once from one socket. (default: 1000)", valueName: "n"))
    var eventBurst: Int?

    @Option(help: ArgumentHelp("Events a second from one address. (default: 1000)", valueName: "n"))
    var addressEventRate: Double?

    @Option(help: ArgumentHelp("Events at once from one address. (default: 10000)", valueName: "n"))
    var addressEventBurst: Int?

    @Option(help: ArgumentHelp("Joins a second from one address. (default: 10)", valueName: "n"))
    var joinRate: Double?

    @Option(help: ArgumentHelp("Joins at once from one address. (default: 200)", valueName: "n"))
    var joinBurst: Int?

    @Flag(help: "Limit clients on this machine as any other.")
    var limitLoopback = false

    @Flag(help: "Serve no page for browsers.")
    var noPage = false

    @Flag(help: ArgumentHelp("Serve what protocol test suites expect, and no channels.", visibility: .hidden))
    var conformance = false

    @Option(help: ArgumentHelp("Write a log to this file; - for standard error.", valueName: "file"))
    var logFile: String?

    @Option(help: "How much is logged: trace, debug, info, notice, warning, error or critical. (default: info)")
    var logLevel: LogLevelChoice?

    @Option(help: "How it is written: text, or json for one object a line. (default: text)")
    var logFormat: LogFormatChoice?

    func validate() throws {
        func check<Value: Comparable>(_ name: String, _ value: Value?, _ range: ClosedRange<Value>) throws {
            guard let value, !range.contains(value) else { return }
            throw ValidationError("--\(name) must be between \(range.lowerBound) and \(range.upperBound).")
        }
        try check("port", port, 0...65535)
        try check("capacity", capacity, 2...64)
        try check("max-channels", maxChannels, 1...1_000_000)
        try check("max-connections", maxConnections, 1...1_000_000)
        try check("max-address-connections", maxAddressConnections, 1...1_000_000)
        for (name, rate) in [("event-rate", eventRate), ("address-event-rate", addressEventRate), ("join-rate", joinRate)] {
            try check(name, rate, 0.01...1_000_000)
        }
        for (name, burst) in [("event-burst", eventBurst), ("address-event-burst", addressEventBurst), ("join-burst", joinBurst)] {
            try check(name, burst, 1...1_000_000)
        }
        if let host, host.isEmpty || host.utf8.count > 253 { throw ValidationError("--host takes an address or a name of this machine.") }
        for url in turnUrl where !Self.isURL(url, ["turn:", "turns:"]) {
            throw ValidationError("--turn-url takes turn:HOST[:PORT][?transport=tcp] or turns:HOST[:PORT], without user and password.")
        }
        for url in stunUrl where !Self.isURL(url, ["stun:", "stuns:"]) { throw ValidationError("--stun-url takes stun:HOST[:PORT].") }
        for (name, count) in [("turn-url", turnUrl.count), ("stun-url", stunUrl.count)] where count > 8 {
            throw ValidationError("--\(name) may be given 8 times at the most.")
        }
        for (name, count) in [("trusted-proxy", trustedProxy.count), ("metrics-from", metricsFrom.count)] where count > 64 {
            throw ValidationError("--\(name) may be given 64 times at the most.")
        }
    }

    /// RFC 7064 and RFC 7065, as far as a mistake is likely: a scheme and something of a host, in printable ASCII, and no credentials.
    private static func isURL(_ text: String, _ schemes: [String]) -> Bool {
        guard let scheme = schemes.first(where: { text.hasPrefix($0) }), text.utf8.count <= 300 else { return false }
        let rest = text.dropFirst(scheme.count)
        return rest.utf8.allSatisfy { (0x21...0x7e).contains($0) } && !rest.hasPrefix("/") && !rest.contains("@")
            && !rest.prefix { $0 != "?" }.isEmpty
    }

    /// What was said here, and for the rest what was said there.
    func over(_ other: ServeOptions) -> ServeOptions {
        var all = self
        all.host = host ?? other.host
        all.port = port ?? other.port
        all.capacity = capacity ?? other.capacity
        all.maxChannels = maxChannels ?? other.maxChannels
        all.tlsCert = tlsCert ?? other.tlsCert
        all.tlsKey = tlsKey ?? other.tlsKey
        all.tokenSecret = tokenSecret ?? other.tokenSecret
        all.turnUrl = turnUrl.isEmpty ? other.turnUrl : turnUrl
        all.turnSecret = turnSecret ?? other.turnSecret
        all.turnLifetime = turnLifetime ?? other.turnLifetime
        all.stunUrl = stunUrl.isEmpty ? other.stunUrl : stunUrl
        all.trustedProxy = trustedProxy.isEmpty ? other.trustedProxy : trustedProxy
        all.metricsFrom = metricsFrom.isEmpty ? other.metricsFrom : metricsFrom
        all.maxConnections = maxConnections ?? other.maxConnections
        all.maxAddressConnections = maxAddressConnections ?? other.maxAddressConnections
        all.eventRate = eventRate ?? other.eventRate
        all.eventBurst = eventBurst ?? other.eventBurst
        all.addressEventRate = addressEventRate ?? other.addressEventRate
        all.addressEventBurst = addressEventBurst ?? other.addressEventBurst
        all.joinRate = joinRate ?? other.joinRate
        all.joinBurst = joinBurst ?? other.joinBurst
        all.limitLoopback = limitLoopback || other.limitLoopback
        all.noPage = noPage || other.noPage
        all.conformance = conformance || other.conformance
        all.logFile = logFile ?? other.logFile
        all.logLevel = logLevel ?? other.logLevel
        all.logFormat = logFormat ?? other.logFormat
        return all
    }
}
