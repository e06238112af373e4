import CallSession
import Logging
import Primitives
import Terminal
import Threading

/// The lobby and the calls made from it, in the terminal; with a channel, that call at once.
func runOnScreen(
    _ configuration: CallConfiguration, place: ServerPlace, channel: String?, picture: PictureOptions, options: ScreenOptions,
    run: RunOptions, logger: Logger
) throws {
    // The lobby decides what it is for.
    var configuration = configuration
    let password = configuration.password.take()
    let (session, events) = try CallSession.forPerson(configuration, at: place, logger: logger)
    let terminal: TerminalDevice
    do {
        terminal = try TerminalDevice(wakes: [events.wake])
    } catch {
        throw PlainFailure(error.description)
    }
    let recording: ScreenRecording?
    do {
        recording = try run.castFile.map { path throws(PlainFailure) in
            try ScreenRecording(path: path, size: terminal.size, term: terminal.capabilities.term, now: MonotonicClock.now())
        }
    } catch {
        terminal.close()
        throw error
    }
    if let recording { terminal.onOutput = { recording.add($0, now: MonotonicClock.now()) } }
    var loop = ScreenLoop(
        session: session, events: events, terminal: terminal, place: place, picture: picture, options: options,
        seconds: run.seconds, recents: ScreenLoop.recents(isEphemeral: configuration.isEphemeral), recording: recording)
    loop.token = configuration.token
    loop.model.give(password: password, for: channel)
    loop.run(joining: channel)
    // The person has their terminal back at once. The leave goes out before all that may take its time, such as a slow disk.
    terminal.close(isEnding: true)
    session.stop()
    if let recording {
        recording.finish(now: MonotonicClock.now())
        if let failure = recording.takeFailure() { complain(loop.model.words.trouble(failure)) }
    }
    if case .error(let failure)? = loop.snapshots.finish() { complain(failure) }
}
