import CallSession
import CellGraphics
import ChatUI
import Logging
import Primitives
import Terminal
import Threading

/// The lobby and the calls made from it, in the terminal; with a channel, that call at once.
func runOnScreen(
    _ configuration: CallConfiguration, place: ServerPlace, channel: String?, picture: PictureOptions, run: RunOptions, logger: Logger
) throws {
    guard let wake = EventDescriptor() else { throw PlainFailure("There are no file descriptors left; raise the limit (ulimit -n).") }
    let events = CallEventQueue(wake: wake)
    let session: CallSession
    let terminal: TerminalDevice
    do {
        session = try CallSession(
            configuration: configuration, server: place.url, processStart: MonotonicClock.now(), logger: logger
        ) { events.put($0) }
    } catch {
        throw PlainFailure(error.description)
    }
    do {
        terminal = try TerminalDevice(wakes: [wake])
    } catch {
        throw PlainFailure(error.description)
    }
    var loop = ScreenLoop(
        session: session, events: events, terminal: terminal, place: place, picture: picture, seconds: run.seconds,
        usesSTUN: !configuration.iceServers.isEmpty)
    loop.run(joining: channel)
    terminal.close()
    session.stop()
}

extension PictureOptions {
    /// What was asked for, else what the terminal says it can.
    func colorMode(_ terminal: TerminalCapabilities) -> ColorMode {
        switch color {
        case .auto: terminal.colorMode
        case .truecolor: .truecolor
        case .indexed256: .indexed256
        case .indexed16: .indexed16
        case .none: .none
        }
    }

    var style: RenderMode { render == .half ? .half : .ascii }

    var fitMode: FitMode {
        switch fit {
        case .contain: .contain
        case .cover: .cover
        case .stretch: .stretch
        }
    }
}
