import Primitives

@testable import CellGraphics

/// A line to a terminal in simulated time: takes bytes as long as its buffer has room, gives them off at a rate, and answers questions when
/// what was before them has arrived.
struct SimulatedTerminalLine {
    var bytesPerSecond: Double
    /// What kernel and network hold.
    var capacity: Int
    var answers: Bool
    /// There and back, of a question alone.
    var roundTrip = Interval.zero
    /// Takes nothing and gives nothing.
    var isStopped = false
    /// Once full, it takes more only when it has this much room, as a pseudo-terminal's writer is woken.
    var grain = 1
    /// Of the capacity, what opens only after a while, as one buffer of several is filled from the other.
    var lateRoom = 0
    private var isFull = false

    private(set) var arrived = 0.0
    private(set) var taken = 0
    /// Of the last frame, what was not taken.
    private(set) var heldBack = 0
    private var questions: [Double] = []
    private var answerTimes: [Instant] = []
    private var at = Instant.zero

    init(bytesPerSecond: Double, capacity: Int, answers: Bool, roundTrip: Interval = .zero) {
        self.bytesPerSecond = bytesPerSecond
        self.capacity = capacity
        self.answers = answers
        self.roundTrip = roundTrip
    }

    /// Bytes on the way, the held back ones with them.
    var backlog: Double { Double(taken + heldBack) - arrived }

    mutating func run(to now: Instant) {
        let time = max(0, (now - at).seconds)
        at = now
        guard !isStopped else { return }
        arrived = min(Double(taken), arrived + time * bytesPerSecond)
        take(late: 0)
        while let first = questions.first, arrived >= first {
            questions.removeFirst()
            if answers { answerTimes.append(now + roundTrip) }
        }
    }

    mutating func write(_ bytes: Int) {
        heldBack += bytes
        take(late: lateRoom)
    }

    private mutating func take(late: Int) {
        guard !isStopped else { return }
        let room = max(0, capacity - late - Int((Double(taken) - arrived).rounded(.up)))
        guard !isFull || room >= grain else { return }
        let count = min(heldBack, room)
        isFull = count < heldBack
        taken += count
        heldBack -= count
    }

    mutating func ask() { questions.append(Double(taken + heldBack)) }

    /// How many answers have come by now.
    mutating func takeAnswers(_ now: Instant) -> Int {
        let count = answerTimes.prefix { $0 <= now }.count
        answerTimes.removeFirst(count)
        return count
    }
}

/// A picture that always moves, on such a line: how old is what arrives, and how much of what is wanted gets through?
struct SimulatedScreen {
    var budget: ByteBudget
    var line: SimulatedTerminalLine
    /// What a whole screen costs at the finest; each step of the ladder saves some.
    var wholeFrame: Int
    var now = Instant.zero
    /// Of each frame that arrived: when it was drawn, and how long it took to arrive.
    private(set) var delays: [(drawn: Instant, took: Interval)] = []
    /// Times between whole sweeps.
    private(set) var sweeps: [(end: Instant, took: Interval)] = []
    private(set) var framesWritten = 0
    private(set) var longestBacklog = 0.0
    private var inFlight: [(drawn: Instant, upTo: Double)] = []
    private var total = 0
    private var sweepStart: Instant?
    /// Of the sweep, what has not been written.
    private var rest = 0
    private var lastFrame: Instant?
    private var isCut = false
    /// The picture changes this often; 0: never.
    var picturesPerSecond = 30

    init(budget: ByteBudget, line: SimulatedTerminalLine, wholeFrame: Int) {
        self.budget = budget
        self.line = line
        self.wholeFrame = wholeFrame
    }

    static let costs: [Double] = [1, 0.85, 0.7, 0.6, 0.5, 0.4, 0.33, 0.27, 0.27, 0.22]

    mutating func run(for time: Interval) {
        let end = now + time
        while now < end {
            now += .milliseconds(1)
            line.run(to: now)
            while let first = inFlight.first, line.arrived >= first.upTo {
                delays.append((first.drawn, now - first.drawn))
                inFlight.removeFirst()
            }
            for _ in 0..<line.takeAnswers(now) { budget.answered(now: now) }
            budget.note(heldBack: line.heldBack, now: now)
            draw()
            longestBacklog = max(longestBacklog, line.backlog)
        }
    }

    private mutating func draw() {
        let interval = max(
            budget.frameInterval, picturesPerSecond > 0 ? .microseconds(Int64(1_000_000 / picturesPerSecond)) : .seconds(3600))
        if !isCut, let lastFrame, now - lastFrame < interval { return }
        guard line.heldBack == 0, let next = budget.nextFrame(now: now), now >= next else { return }
        let cost = Int(Double(wholeFrame) * Self.costs[budget.level])
        // A cut frame is gone on with until the whole screen has been gone over.
        if !isCut { rest = cost }
        let limit = max(256, budget.limit(now: now))
        let bytes = min(rest, limit)
        rest -= bytes
        let progress = rest == 0 ? 1 : Double(bytes) / Double(max(1, cost))
        isCut = rest > 0
        lastFrame = now
        framesWritten += 1
        let start = sweepStart ?? now
        sweepStart = start
        if !isCut {
            sweeps.append((now, now - start))
            sweepStart = nil
        }
        line.write(bytes)
        total += bytes
        inFlight.append((now, Double(total)))
        if budget.wrote(bytes, progress: progress, now: now) {
            line.ask()
            budget.asked(now: now)
        }
        budget.note(heldBack: line.heldBack, now: now)
    }

    /// The age of what is seen, in the worst place: a sweep and the way. At a share (0.5, 0.95) of the time after `start`.
    func latency(_ share: Double, after start: Instant) -> Interval {
        func percentile(_ values: [Interval]) -> Interval {
            let sorted = values.sorted()
            return sorted.isEmpty ? .seconds(1000) : sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]
        }
        return percentile(delays.filter { $0.drawn >= start }.map(\.took)) + percentile(sweeps.filter { $0.end >= start }.map(\.took))
    }
}
