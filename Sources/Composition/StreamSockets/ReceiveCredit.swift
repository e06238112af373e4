/// How much of one stream was handed to its owner and not taken yet: reading stops at an upper mark and goes on at a lower one.
struct ReceiveCredit {
    static let pauseBytes = 256 << 10
    static let resumeBytes = 128 << 10
    /// What can still come after reading was stopped: a read that is under way, what the system holds when the peer closes.
    static let limitBytes = 2 << 20

    private(set) var byteCount = 0
    private(set) var isPaused = false

    var isExceeded: Bool { byteCount > Self.limitBytes }

    /// True: stop reading.
    mutating func received(_ count: Int) -> Bool {
        byteCount += count
        guard !isPaused, byteCount > Self.pauseBytes else { return false }
        isPaused = true
        return true
    }

    /// True: go on reading.
    mutating func consumed(_ count: Int) -> Bool {
        byteCount = max(0, byteCount - max(0, count))
        guard isPaused, byteCount <= Self.resumeBytes else { return false }
        isPaused = false
        return true
    }
}
