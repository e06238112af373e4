import Primitives

/// A terminal that answers: at most a window of bytes is on the way to it, as large as what it takes in 80 ms and the way
/// there and back.
///
/// The window doubles as long as answers come promptly and more is wanted. Once they come late, the rate decides on it: bytes by the time
/// that the terminal was busy with them, which is from when it had answered the question before, or from when they reached it. The shortest
/// way there and back, with next to nothing on the line, is what "late" is measured against.
struct AnsweringLine: Sendable {
    /// How long what is on the way may take, beyond the way itself.
    static let target = Interval.milliseconds(80)
    static let late = Interval.milliseconds(50)
    static let leastWindow = 1536
    static let mostWindow = 4 << 20
    static let firstWindow = 16 << 10
    /// A rate (bytes a second) above which the line limits nothing.
    private static let plenty = 5e6
    /// Without an answer for so long, a window more is sent; after a few times it is given up.
    static let patience = Interval.seconds(5)
    private static let mostQuestions = 8
    /// So few bytes take no time worth counting.
    static let negligible = 512
    /// How often the way itself is measured anew, with next to nothing on an empty line, while the line is what limits.
    private static let measuring = Interval.seconds(10)

    private struct Question: Sendable {
        var time: Instant
        /// Bytes sent up to it.
        var sent: Int
    }

    private(set) var window = firstWindow
    /// Bytes a second.
    private(set) var rate: Double?
    /// The window follows the rate.
    private(set) var isLimiting = false
    private var base: Interval?
    private var sent = 0
    private var arrived = 0
    private var askedUpTo = 0
    private var lastAsked: Instant?
    private var lastAnswer = Instant.zero
    private var questions: [Question] = []
    /// More was wanted than the window let through.
    private var isShort = false
    /// Since the rate was last learned: bytes that arrived, and seconds that they kept the terminal busy.
    private var busy = (bytes: 0, seconds: 0.0)
    private var nextMeasuring: Instant?
    /// Nothing else may be on the line with the next frame, which is a small one.
    private var isMeasuring: Bool
    private var forgiven: Instant?
    private var silences = 0

    init(roundTrip: Interval?) {
        base = roundTrip
        isMeasuring = roundTrip == nil
        questions.reserveCapacity(Self.mostQuestions)
    }

    var isGivenUp: Bool { silences >= 3 }
    private var onTheWay: Int { sent - arrived }
    /// A frame has at most a quarter of a tight window, so that the next one need not wait for its answer.
    private var portion: Int { isLimiting ? max(Self.leastWindow / 2, window / 4) : window }

    var room: Int { isMeasuring ? onTheWay == 0 ? Self.negligible : 0 : min(portion, max(0, window - onTheWay)) }

    mutating func nextFrame(now: Instant) -> Instant? {
        if base != nil { isMeasuring = isLimiting && nextMeasuring.map { now >= $0 } ?? false }
        if isMeasuring ? onTheWay == 0 : window - onTheWay >= portion / 2 { return now }
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
        if isMeasuring || nextMeasuring == nil { nextMeasuring = now + Self.measuring }
        sent += bytes
        guard questions.count < Self.mostQuestions else { return false }
        return isMeasuring || sent - askedUpTo >= window / 8 || lastAsked.map { now - $0 >= .milliseconds(250) } ?? true
    }

    mutating func asked(now: Instant) {
        guard questions.count < Self.mostQuestions else { return }
        questions.append(Question(time: now, sent: sent))
        askedUpTo = sent
        lastAsked = now
    }

    mutating func answered(now: Instant) {
        guard !questions.isEmpty else { return }
        let question = questions.removeFirst()
        let trip = now - question.time
        let former = lastAnswer
        let bytes = max(0, question.sent - arrived)
        arrived = max(arrived, question.sent)
        (lastAnswer, silences) = (now, 0)
        // It was stopped: nothing can be learned from that.
        guard trip < Self.patience + Self.patience, forgiven.map({ $0 < question.time }) ?? true else { return }
        learnBase(trip, bytes: bytes, isAlone: former <= question.time)
        guard let base else { return }
        learnRate(bytes, during: now - max(former, question.time + base))
        adjust(trip - base)
    }

    private mutating func learnBase(_ trip: Interval, bytes: Int, isAlone: Bool) {
        if let base, trip >= base {
            // The way itself may have become longer.
            if isAlone, bytes <= Self.negligible { self.base = base + (trip - base) / 2 }
        } else if base != nil || bytes <= Self.negligible * 2 {
            base = trip
        }
    }

    private mutating func learnRate(_ bytes: Int, during time: Interval) {
        busy.bytes += bytes
        busy.seconds += max(0, time.seconds)
        // Single answers are torn by the terminal's own rhythm.
        guard busy.bytes >= 1024, busy.seconds >= 0.04 || busy.bytes >= 1 << 16 else { return }
        let sample = Double(busy.bytes) / max(0.0005, busy.seconds)
        busy = (0, 0)
        if let former = rate { rate = former + (max(former / 2, min(former * 2, sample)) - former) / 2 } else { rate = sample }
    }

    private mutating func adjust(_ delay: Interval) {
        if delay >= Self.late, rate != nil { isLimiting = true }
        if isLimiting, let rate, let base {
            window = max(Self.leastWindow, Int(min(Double(Self.mostWindow), rate * (base + Self.target).seconds)))
            if rate > Self.plenty { isLimiting = false }
        } else if isShort, delay < Self.late {
            window = min(Self.mostWindow, window * 2)
        }
        isShort = false
    }

    mutating func forget() {
        questions.removeAll(keepingCapacity: true)
        (arrived, askedUpTo, lastAsked, forgiven, silences) = (sent, sent, nil, nil, 0)
        (busy, window) = ((0, 0), min(window, Self.firstWindow))
    }
}
