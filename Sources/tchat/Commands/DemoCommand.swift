import ArgumentParser
import CallSession
import Logging
import Primitives
import Signaling
import Threading

struct DemoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Try it alone: a signaling server and someone to call, both in this program. No network, camera or sound card is needed.")

    @OptionGroup var media: MediaOptions
    @OptionGroup var picture: PictureOptions
    @OptionGroup var screen: ScreenOptions
    @OptionGroup var options: RunOptions
    @OptionGroup var file: ConfigOptions

    private static let channel = "demo"

    func validate() throws { try screen.check(options) }

    func run() throws {
        let logger = try options.log.makeLogger()
        let place: ServerPlace
        do {
            place = try ServerPlace.embedded(preferredPort: 0, logger: logger)
        } catch {
            throw PlainFailure(error.description)
        }
        let other = try startOther(at: place.url, logger: logger)
        // No name servers are asked: the demo works without a network.
        var configuration = CallConfiguration(media: media, network: NetworkOptions.local, run: options)
        configuration.iceServers = []
        defer {
            other.stop()
            place.embedded?.stop()
        }
        if options.headless {
            try runHeadless(configuration, server: place.url, channel: Self.channel, options: options, logger: logger)
        } else if screen.plain {
            try runPlain(configuration, place: place, channel: nil, options: screen, run: options, logger: logger)
        } else {
            try runOnScreen(
                configuration, place: place, channel: nil, picture: picture, options: screen, run: options, logger: logger)
        }
    }

    /// Whoever waits in the channel: a whole second tchat without a terminal, with the test camera and a quiet chime.
    private func startOther(at server: ServerURL, logger: Logger) throws -> CallSession {
        let configuration = CallConfiguration(
            name: "test camera", camera: .test, microphone: .chime, speaker: .none, size: PictureSize(width: 640, height: 480),
            framesPerSecond: 30, bitrateKbps: media.bitrate, loopback: true, isEphemeral: true)
        guard let joined = EventDescriptor() else {
            throw PlainFailure("There are no file descriptors left; raise the limit (ulimit -n).")
        }
        let session: CallSession
        do {
            session = try CallSession(
                configuration: configuration, server: server, processStart: MonotonicClock.now(), logger: logger
            ) { if case .joined = $0 { joined.signal() } }
        } catch {
            throw PlainFailure(error.description)
        }
        session.start()
        session.join(Self.channel)
        // The lobby should not open on an empty list; an embedded server answers in a few milliseconds.
        joined.wait(until: MonotonicClock.now() + .seconds(2))
        return session
    }
}

extension NetworkOptions {
    /// Within this machine.
    static var local: NetworkOptions {
        var options = NetworkOptions()
        options.name = nil
        options.iceServer = [.none]
        options.icePolicy = .all
        options.loopback = true
        options.ephemeral = true
        return options
    }
}
