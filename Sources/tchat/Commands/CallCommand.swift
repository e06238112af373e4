import ArgumentParser
import CallSession
import Signaling
import Threading

struct CallCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "call", abstract: "Join a channel, or open the lobby (this is what tchat does by default).")

    @Argument(help: "The channel to join; without one, the lobby opens.")
    var channel: String?

    @Option(
        help: ArgumentHelp(
            "Signaling server. Unless told: http://127.0.0.1:6125 when something answers there, else one in this program.", valueName: "url"
        ))
    var server: String?

    @OptionGroup var media: MediaOptions
    @OptionGroup var picture: PictureOptions
    @OptionGroup var network: NetworkOptions
    @OptionGroup var options: RunOptions

    func validate() throws {
        if let channel {
            let trimmed = channel.trimmingASCIIWhitespace()
            guard (1...64).contains(trimmed.count), !trimmed.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
            else { throw ValidationError("A channel's name is 1 to 64 characters, without control characters.") }
        } else if options.headless {
            throw ValidationError("--headless needs a channel: tchat CHANNEL --headless.")
        }
        if let server, ServerURL(server) == nil {
            throw ValidationError("--server takes a URL such as http://192.168.1.5:6125.")
        }
    }

    func run() throws {
        let logger = try options.log.makeLogger()
        let place = try ServerPlace.find(asked: server, logger: logger)
        let configuration = CallConfiguration(media: media, network: network, run: options)
        if options.headless, let channel {
            if let notice = place.notice { complain(notice) }
            try runHeadless(configuration, server: place.url, channel: channel.trimmingASCIIWhitespace(), options: options, logger: logger)
        } else {
            try runOnScreen(
                configuration, place: place, channel: channel?.trimmingASCIIWhitespace(), picture: picture, run: options, logger: logger)
        }
        place.embedded?.stop()
    }
}

extension String {
    func trimmingASCIIWhitespace() -> String {
        let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" || $0 == "\n" || $0 == "\r\n" || $0 == "\r" }
        return String(drop(while: isSpace).reversed().drop(while: isSpace).reversed())
    }
}
