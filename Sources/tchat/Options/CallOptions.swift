import ArgumentParser
import CallSession
import Signaling

/// Where people are brought together.
struct SignalingOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Signaling server. Unless told: http://127.0.0.1:6125 when something answers there, else one in this program.", valueName: "url"
        ))
    var server: String?

    func validate() throws {
        if let server, ServerURL(server) == nil { throw ValidationError("--server takes a URL such as http://192.168.1.5:6125.") }
    }
}

/// How the other side is found and reached.
struct NetworkOptions: ParsableArguments {
    @Option(help: "Name that the others see.")
    var name: String?

    @Option(
        help: ArgumentHelp(
            "STUN server as stun:HOST[:PORT], TURN server as turn:USER:PASSWORD@HOST[:PORT][?transport=tcp], with TLS as turns:…, or none. May be repeated.",
            valueName: "server"))
    var iceServer: [ICEServerChoice] = []

    @Option(help: "Paths to use: all, or relay for TURN alone.")
    var icePolicy = ICEPolicyChoice.all

    @Flag(help: "Offer 127.0.0.1 too, for a call within this machine.")
    var loopback = false

    @Flag(help: "Use a key for this run alone, and remember nobody's.")
    var ephemeral = false

    func validate() throws {
        if let name, name.utf8.count > 64 || name.isEmpty { throw ValidationError("--name must be 1 to 64 bytes long.") }
        if iceServer.count > 8 { throw ValidationError("--ice-server may be given 8 times at the most.") }
    }

    /// - Parameter hasServer: a signaling server was named; it may name a relay.
    func checkPolicy(hasServer: Bool) throws {
        if icePolicy == .relay, !hasServer, !iceServer.contains(where: \.isTURN) {
            throw ValidationError("--ice-policy relay needs a relay: give --ice-server turn:USER:PASSWORD@HOST.")
        }
    }
}

/// What a channel, or a server, asks of who wants in.
struct ChannelOptions: ParsableArguments {
    @Option(
        help: "The channel's password; whoever is there first sets it. Others can see it in a list of processes: TCHAT_PASSWORD is safer.")
    var password: String?

    @Option(help: "The token that the signaling server asks for.")
    var token: String?

    @Option(
        help: ArgumentHelp(
            "How many the channel holds, 2 to 64; whoever is there first decides, and the server's own limit.", valueName: "count"))
    var capacity: Int?

    func validate() throws {
        if let password, !(1...128).contains(password.utf8.count) { throw ValidationError("--password must be 1 to 128 bytes long.") }
        if let token, !(1...2048).contains(token.utf8.count) { throw ValidationError("--token must be 1 to 2048 bytes long.") }
        if let capacity, !(2...64).contains(capacity) { throw ValidationError("--capacity must be between 2 and 64.") }
    }
}

/// How a call is run and what it leaves behind.
struct RunOptions: ParsableArguments {
    @Flag(help: "Run without a terminal; commands are read from standard input.")
    var headless = false

    @Option(help: ArgumentHelp("Leave this long after the first connection.", valueName: "seconds"))
    var seconds: Double?

    @Option(help: ArgumentHelp("Headless: give up without a connection within this time.", valueName: "seconds"))
    var timeout: Double = 30

    @Option(help: ArgumentHelp("Headless: the call begins with this many others, 1 to 63.", valueName: "count"))
    var members: Int?

    @Flag(help: "Headless: print one JSON object a line.")
    var json = false

    @Option(
        help: ArgumentHelp("Headless: pretend a terminal of this size, for which the other side picks its picture.", valueName: "80x24"))
    var screen: ScreenChoice?

    @Option(help: ArgumentHelp("Write the pictures received to this .y4m file.", valueName: "file"))
    var videoOut: String?

    @Option(help: ArgumentHelp("Write the sound received to this .wav file.", valueName: "file"))
    var audioOut: String?

    @Option(
        help: ArgumentHelp(
            "Write the pictures and the sound of each member to files in this folder; with a name that ends in .cast: the screen to that file "
                + "(asciinema v2).",
            valueName: "folder|file.cast"))
    var record: String?

    @OptionGroup var log: LogOptions

    func validate() throws {
        if let members, !(1...63).contains(members) { throw ValidationError("--members must be between 1 and 63.") }
        if let seconds, !(seconds > 0 && seconds < 1e7) { throw ValidationError("--seconds must be a positive number.") }
        guard timeout > 0, timeout < 1e7 else { throw ValidationError("--timeout must be a positive number.") }
        if headless, castFile != nil { throw ValidationError("--headless has no screen to record: --record takes a folder there.") }
        if let record, record.isEmpty { throw ValidationError("--record takes a folder, or a file whose name ends in .cast.") }
    }

    /// Where the screen is recorded to.
    var castFile: String? { record.flatMap { $0.lowercased().hasSuffix(".cast") ? $0 : nil } }
    /// Where each member is recorded to.
    var recordFolder: String? { castFile == nil ? record : nil }
}

struct LogOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Write a log to this file.", valueName: "file"))
    var logFile: String?

    @Option(help: "How much is logged: trace, debug, info, notice, warning, error or critical.")
    var logLevel = LogLevelChoice.info

    @Option(help: "How it is written: text, or json for one object a line.")
    var logFormat = LogFormatChoice.text
}

extension NetworkOptions {
    /// The seed's STUN server unless told otherwise; none when `none` is named.
    var chosenServers: [ICEServerChoice] {
        if iceServer.isEmpty { return [.seedDefault] }
        return iceServer.filter { $0 != .none }
    }
}
