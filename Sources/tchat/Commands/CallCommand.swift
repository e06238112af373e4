import ArgumentParser
import CallSession
import Signaling
import Threading

struct CallCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "call", abstract: "Join a channel, or open the lobby (this is what tchat does by default).")

    @Argument(help: "The channel to join, or an invitation such as https://host/channel; without one, the lobby opens.")
    var channel: String?

    @OptionGroup var signaling: SignalingOptions
    @OptionGroup var media: MediaOptions
    @OptionGroup var picture: PictureOptions
    @OptionGroup var screen: ScreenOptions
    @OptionGroup var access: ChannelOptions
    @OptionGroup var network: NetworkOptions
    @OptionGroup var options: RunOptions
    @OptionGroup var file: ConfigOptions

    func validate() throws {
        let target: CallTarget
        do { target = try CallTarget(channel, server: signaling.server, token: access.token) } catch {
            throw ValidationError(error.description)
        }
        if target.channel == nil, options.headless { throw ValidationError("--headless needs a channel: tchat CHANNEL --headless.") }
        try screen.check(options)
        try network.checkPolicy(hasServer: target.server != nil)
    }

    func run() throws {
        let logger = try options.log.makeLogger()
        let target = try CallTarget(channel, server: signaling.server, token: access.token)
        let place = try ServerPlace.find(asked: target.server, logger: logger)
        var configuration = CallConfiguration(media: media, network: network, channel: access, run: options)
        configuration.token = target.token
        // Whatever ends the call, those who are still in it learn that nobody can join them for now.
        defer { place.embedded?.stop(message: ServerPlace.farewell) }
        if options.headless, let channel = target.channel {
            if let notice = place.notice { complain(notice) }
            try runHeadless(configuration, server: place.url, channel: channel, options: options, logger: logger)
        } else if screen.plain {
            try runPlain(configuration, place: place, channel: target.channel, options: screen, run: options, logger: logger)
        } else {
            try runOnScreen(
                configuration, place: place, channel: target.channel, picture: picture, options: screen, run: options, logger: logger)
        }
    }
}

/// Which channel is to be joined and where, from what was typed: a name, or an invitation, which names a server and perhaps has a token.
struct CallTarget: Equatable {
    var server: ServerURL?
    var channel: String?
    var token: String?

    /// - Throws: a sentence that says what is wrong.
    init(_ typed: String?, server: String?, token: String?) throws(PlainFailure) {
        self.token = token
        if let server {
            guard let url = ServerURL(server) else {
                throw PlainFailure("\(server) is no server's URL; one looks like http://192.168.1.5:6125.")
            }
            self.server = url
        }
        guard let typed else { return }
        if InviteLink.isOne(typed) {
            let link: InviteLink
            do { link = try InviteLink(typed) } catch { throw PlainFailure(error.description) }
            if let named = self.server, named != link.server {
                throw PlainFailure("The invitation is for \(link.server), and --server names \(named): give one of them.")
            }
            (self.server, channel) = (link.server, link.channel)
            self.token = token ?? link.token
            return
        }
        let name = typed.trimmingASCIIWhitespace()
        guard (1...64).contains(name.count), !name.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
            throw PlainFailure("A channel's name is 1 to 64 characters, without control characters.")
        }
        channel = name
    }
}

extension String {
    func trimmingASCIIWhitespace() -> String {
        let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" || $0 == "\n" || $0 == "\r\n" || $0 == "\r" }
        return String(drop(while: isSpace).reversed().drop(while: isSpace).reversed())
    }
}
