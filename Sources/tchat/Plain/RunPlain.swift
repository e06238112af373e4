import CallSession
import Logging

/// The lobby and the calls made from it as lines; with a channel, that call at once. Needs no terminal.
func runPlain(
    _ configuration: CallConfiguration, place: ServerPlace, channel: String?, options: ScreenOptions, run: RunOptions, logger: Logger
) throws {
    // The lobby decides what it is for.
    var configuration = configuration
    let password = configuration.password.take()
    let (session, events) = try CallSession.forPerson(configuration, at: place, logger: logger)
    if let screen = run.screen {
        session.setScreen(PictureArea.of(screen))
    } else if run.recordFolder == nil, run.videoOut == nil {
        // Pictures that nobody sees are not worth sending large.
        session.setScreen(CallScreen(columns: 80, rows: 24, width: 0, height: 0))
    }
    var loop = PlainLoop(session: session, events: events, place: place, options: options, seconds: run.seconds, token: configuration.token)
    loop.model.give(password: password, for: channel)
    loop.run(joining: channel)
    session.stop()
}
