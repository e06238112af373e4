import Primitives

/// A terminal that answers: at most a window of bytes is on the way to it, as large as what it takes in a tenth of a second.
///
/// The window doubles as long as answers come promptly and more is wanted; when they come late, it is set by the rate at which the terminal
/// was seen to take bytes. The shortest way there and back, with next to nothing on the line, is what "promptly" is measured against.
struct AnsweringLine: Sendable {
    /// How long what is on the way may take, beyond the way itself.
    static let target = Interval.milliseconds(100)
    static let leastWindow = 1536
    static let mostWindow = 4 << 20
    static let firstWindow = 16 << 10
    /// Without an answer for so long, a window more is sent; after a few times it is given up.
    static let patience = Interval.seconds(5)
    private static let mostQuestions = 8
    private static let negligible = 512

    private struct Question: Sendable {
        var time: Instant
        /// Bytes sent up to it, and how many of them were known to have arrived.
        var sent: Int
        var arrived: Int
        /// Nothing was on the way when the bytes before it began.
        var wasIdle: Bool
    }

    private(set) var window = firstWindow
    /// Bytes a second.
    private(set) var rate: Double?
    private(set) var base: Interval?
    private var sent = 0
    private var arrived = 0
    private var askedUpTo = 0
    private var lastAsked: Instant?
    private var lastAnswer = Instant.zero
    private var questions: [Question] = []
    private var wasIdle = true
    /// More was wanted than the window let through.
    private var isShort = false
    private var forgiven: Instant?
    private var silences = 0
    /// The window has been cut: the line is what limits.
    private(set) var isLimiting = false

    init(roundTrip: Interval?) {
        base = roundTrip
        questions.reserveCapacity(Self.mostQuestions)
    }

    var isGivenUp: Bool { silences >= 3 }

    var room: Int { max(0, window - (sent - arrived)) }

    mutating func nextFrame(now: Instant) -> Instant? {
        if room * 2 >= window { return now }
        isShort = true
        guard let oldest = questions.first else {
            // Nothing was asked behind what is on the way: it is as good as there.
            arrived = sent
            return now
        }
        let due = max(oldest.time, forgiven ?? oldest.time) + Self.patience
        guard now >= due else { return due }
        forgiven = now
        silences += 1
        arrived = sent
        window = min(window, Self.firstWindow)
        return now
    }

    mutating func wrote(_ bytes: Int, isCut: Bool, now: Instant) -> Bool {
        if isCut { isShort = true }
        if askedUpTo == sent { wasIdle = arrived == sent }
        sent += bytes
        guard questions.count < Self.mostQuestions else { return false }
        return sent - askedUpTo >= window / 4 || lastAsked.map { now - $0 >= .milliseconds(250) } ?? true
    }

    mutating func asked(now: Instant) {
        guard questions.count < Self.mostQuestions else { return }
        questions.append(Question(time: now, sent: sent, arrived: arrived, wasIdle: wasIdle))
        askedUpTo = sent
        lastAsked = now
    }

    mutating func answered(now: Instant) {
        guard !questions.isEmpty else { return }
        let question = questions.removeFirst()
        let trip = now - question.time
        defer {
            arrived = max(arrived, question.sent)
            lastAnswer = now
            silences = 0
        }
        // It was stopped: nothing can be learned from that.
        guard trip < Self.patience + Self.patience, forgiven.map({ $0 < question.time }) ?? true else { return }
        let bytes = max(0, question.sent - (question.wasIdle ? question.arrived : arrived))
        learnBase(trip, bytes: bytes, wasIdle: question.wasIdle)
        let delay = max(.zero, trip - (base ?? trip))
        learnRate(bytes, during: question.wasIdle ? delay : now - lastAnswer, delay: delay)
        adjust(delay)
    }

    private mutating func learnBase(_ trip: Interval, bytes: Int, wasIdle: Bool) {
        guard let base, trip >= base else {
            self.base = trip
            return
        }
        // The way itself may have become longer.
        if wasIdle, bytes <= Self.negligible { self.base = base + (trip - base) / 8 }
    }

    private mutating func learnRate(_ bytes: Int, during time: Interval, delay: Interval) {
        guard bytes >= 1024 else { return }
        let sample = Double(bytes) / max(0.0005, time.seconds)
        guard let rate else {
            rate = sample
            return
        }
        if delay >= .milliseconds(30) {
            self.rate = rate + (sample - rate) * 0.3
        } else if sample > rate {
            self.rate = sample
        }
    }

    private mutating func adjust(_ delay: Interval) {
        if delay > Self.target + .milliseconds(50), let rate {
            window = max(Self.leastWindow, min(window, Int(rate * ((base ?? .zero) + Self.target).seconds)))
            isLimiting = true
        } else if isShort, delay < Self.target {
            let isPrompt = delay < .milliseconds(25)
            window = min(Self.mostWindow, window + (isPrompt ? window : max(256, window / 8)))
            if isPrompt, window > 1 << 18 { isLimiting = false }
        }
        isShort = false
    }

    mutating func forget() {
        questions.removeAll(keepingCapacity: true)
        (arrived, askedUpTo, wasIdle, lastAsked, forgiven, silences) = (sent, sent, true, nil, nil, 0)
        window = min(window, Self.firstWindow)
    }
}
