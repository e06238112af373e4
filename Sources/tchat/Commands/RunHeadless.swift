import ArgumentParser
import CallSession
import Logging
import Signaling
import Threading

/// - Throws: the exit status 1, after a sentence on standard error, when no call took place.
func runHeadless(_ configuration: CallConfiguration, server: ServerURL, channel: String, options: RunOptions, logger: Logger) throws {
    guard let wake = EventDescriptor() else { throw PlainFailure("There are no file descriptors left; raise the limit (ulimit -n).") }
    let events = CallEventQueue(wake: wake)
    let processStart = ProcessStart.instant(main: MonotonicClock.now())
    let session: CallSession
    do {
        session = try CallSession(configuration: configuration, server: server, processStart: processStart, logger: logger) {
            events.put($0)
        }
    } catch {
        throw PlainFailure(error.description)
    }
    switch HeadlessRunner(options: options, processStart: processStart).run(session, events: events, channel: channel) {
    case .tookPlace: return
    case .failed(let sentence): throw PlainFailure(sentence)
    }
}

extension CallConfiguration {
    /// Headless unless told: test camera, test microphone, no speaker. In a terminal: what the machine has.
    init(media: MediaOptions, network: NetworkOptions, channel: ChannelOptions? = nil, run: RunOptions) {
        self.init(
            name: network.name,
            camera: media.camera ?? (run.headless ? .test : .auto),
            microphone: media.mic ?? (run.headless ? .test : .auto),
            speaker: media.speaker ?? (run.headless ? .none : .auto),
            tone: media.tone, size: media.size, framesPerSecond: media.fps, bitrateKbps: media.bitrate,
            iceServers: network.chosenServers, icePolicy: network.icePolicy, loopback: network.loopback, isEphemeral: network.ephemeral,
            token: channel?.token, password: channel?.password, capacity: channel?.capacity, videoOut: run.videoOut,
            audioOut: run.audioOut, recordFolder: run.recordFolder, measures: run.headless)
    }
}
