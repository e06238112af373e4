import CallSession
import CellGraphics
import ChatUI
import Glibc
import Logging
import Primitives
import Threading

/// What the loop of the screen and that of lines have in common: they stand between a session and the model of it that a person sees.
protocol CallLoop {
    var session: CallSession { get }
    var place: ServerPlace { get }
    var model: ChatModel { get }
    var rates: ScreenRates { get set }
    /// When the first connection stood.
    var connectedAt: Instant? { get set }

    /// Tells the model, and does what it asks for.
    mutating func tell(_ event: ChatEvent, _ now: Instant)
}

extension CallLoop {
    mutating func join(_ channel: String, password: HiddenText?, _ now: Instant) {
        tell(.joining(channel: channel), now)
        session.join(channel, password: password?.text)
    }

    /// What the session says, as far as it is to be seen.
    mutating func pass(_ event: CallEvent, _ now: Instant) {
        if case .connected(_, _, let at) = event, connectedAt == nil { connectedAt = at }
        if let event = ChatEvent(event, place: place.shown) { tell(event, now) }
    }

    /// The time of day and how loud the microphone is.
    mutating func tellTime(_ now: Instant) {
        var time = time(nil)
        var parts = tm()
        localtime_r(&time, &parts)
        tell(.tick(hour: Int(parts.tm_hour), minute: Int(parts.tm_min)), now)
        tell(.microphoneLevel(session.microphoneLevel), now)
    }

    /// How the call is doing, while there is one.
    /// - Parameters:
    ///   - bytesWritten: to the terminal, in all.
    ///   - budget: nil: no pictures are shown.
    mutating func tellStatistics(bytesWritten: Int, budget: ByteBudget?, _ now: Instant) {
        guard model.screen == .call else { return }
        let people = model.call.people
        let statistics = rates.read(
            decoded: session.statistics.video.decoded, transports: people.compactMap { session.statistics(of: $0.id) },
            foremost: model.call.foremost.flatMap { session.statistics(of: $0.id) }, pictures: people.count(where: \.hasPicture),
            bytesWritten: bytesWritten, budget: budget, now: now)
        tell(.statistics(statistics), now)
    }
}

extension CallSession {
    /// A session with the queue that its events go to.
    static func forPerson(
        _ configuration: CallConfiguration, at place: ServerPlace, logger: Logger
    ) throws(PlainFailure) -> (session: CallSession, events: CallEventQueue) {
        guard let wake = EventDescriptor() else { throw PlainFailure("There are no file descriptors left; raise the limit (ulimit -n).") }
        let events = CallEventQueue(wake: wake)
        do throws(CallFailure) {
            let session = try CallSession(
                configuration: configuration, server: place.url, processStart: MonotonicClock.now(), logger: logger
            ) { events.put($0) }
            return (session, events)
        } catch {
            throw PlainFailure(error.description)
        }
    }
}
