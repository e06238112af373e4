import ArgumentParser
import Channels
import Glibc
import Signaling

struct TokenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token", abstract: "Make a token that lets people into a server which asks for one.",
        discussion: """
            tchat token --new-secret FILE makes the secret, once. The server is run with --token-secret FILE; tokens are made with --secret FILE, \
            on any machine that has the file. A token cannot be taken back before it expires, but by a new secret.
            """)

    @Option(help: ArgumentHelp("File with the server's secret.", valueName: "file"))
    var secret: String?

    @Option(help: ArgumentHelp("Make this file, with a new secret.", valueName: "file"))
    var newSecret: String?

    @Option(help: ArgumentHelp("Channel that it is for; without, for all. May be repeated.", valueName: "name"))
    var channel: [String] = []

    @Option(
        help: ArgumentHelp("How long it is good: 90s, 30m, 2h or 7d. (default: 1d)", valueName: "time"), transform: DurationChoice.parse)
    var expires: DurationChoice?

    @Option(help: ArgumentHelp("Print invite links to this server instead.", valueName: "url"))
    var url: String?

    func validate() throws {
        guard (secret == nil) != (newSecret == nil) else { throw ValidationError("Give either --secret FILE or --new-secret FILE.") }
        guard newSecret == nil || (channel.isEmpty && expires == nil && url == nil) else {
            throw ValidationError("--new-secret makes a secret and no token: it goes with no other option.")
        }
        guard channel.count <= 64 else { throw ValidationError("--channel may be given 64 times at the most.") }
        for name in channel where Naming.channelName(name) == nil {
            throw ValidationError("A channel's name is 1 to 64 characters, without control characters.")
        }
        let longest = AccessToken(expiry: .max, channels: channel.compactMap(Naming.channelName))
        guard AccessToken.make(longest, secret: [0], crypto: .openSSL).utf8.count <= AccessToken.maximumLength else {
            throw ValidationError("These channels are too many, or their names too long, for one token: make several.")
        }
        if let url, ServerURL(url) == nil { throw ValidationError("--url takes a server's URL such as https://chat.example.org.") }
    }

    func run() throws {
        if let newSecret {
            try SecretFile.create(newSecret)
            say("The secret is in \(newSecret). Run the server with:  tchat serve --token-secret \(newSecret)")
            return
        }
        let file = try SecretFile(secret ?? "")
        if let warning = file.warning { complain(warning) }
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        for line in lines(secret: file.secret, unixTime: Int64(now.tv_sec)) { say(line) }
    }

    /// The token, or with `--url` an invite link for each channel.
    func lines(secret: [UInt8], unixTime: Int64) -> [String] {
        let names = channel.compactMap(Naming.channelName)
        // A day unless told.
        let token = AccessToken(expiry: unixTime + (expires?.seconds ?? 86_400), channels: names.isEmpty ? nil : names)
        let text = AccessToken.make(token, secret: secret, crypto: .openSSL)
        guard let server = url.flatMap({ ServerURL($0) }) else { return [text] }
        if names.isEmpty { return ["\(server)/#token=\(text)"] }
        return names.map { InviteLink(server: server, channel: $0, token: text).description }
    }

    private func say(_ text: String) { writeFully(Array((text + "\n").utf8), to: STDOUT_FILENO) }
}
