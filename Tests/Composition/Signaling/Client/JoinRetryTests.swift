import Primitives
import Testing

@testable import Signaling

@Suite struct JoinRetryTests {
    private func delay(_ code: String?, inside: Bool, retryAfter: Interval? = nil) -> Interval? {
        var retry = JoinRetry()
        return retry.delay(after: JoinFailure(code: code, message: "no", retryAfter: retryAfter), hasBeenInside: inside)
    }

    @Test func aFirstJoinIsTriedAgainWhenWaitingHelps() {
        #expect(delay("full", inside: false) == nil)
        #expect(delay("full", inside: false, retryAfter: .seconds(9)) == .seconds(9))
        #expect(delay("rate-limited", inside: false, retryAfter: .seconds(3)) == .seconds(3))
        #expect(delay("rate-limited", inside: false) == JoinRetry.usualDelay)
        #expect(delay("stopping", inside: false) == JoinRetry.usualDelay)
        for code in ["wrong-password", "too-many-tries", "token-scope", "new-code", nil] {
            #expect(delay(code, inside: false, retryAfter: .seconds(9)) == nil)
        }
    }

    @Test func whoHasBeenInsideComesBackUnlessItIsForGood() {
        for code in ["full", "too-many-channels", "too-many-tries", "new-code", nil] {
            #expect(delay(code, inside: true) == JoinRetry.usualDelay)
            #expect(delay(code, inside: true, retryAfter: .seconds(5)) == .seconds(5))
        }
        for code in ["bad-name", "malformed", "password-needed", "wrong-password", "token-needed", "token-invalid", "token-expired"] {
            #expect(delay(code, inside: true) == nil)
        }
    }

    @Test func itEnds() {
        var retry = JoinRetry()
        let full = JoinFailure(code: "full", message: "full", retryAfter: .seconds(100_000))
        for count in 1...JoinRetry.maximumTries {
            #expect(retry.delay(after: full, hasBeenInside: true) == JoinRetry.longestDelay)
            #expect(retry.tries == count)
        }
        #expect(retry.delay(after: full, hasBeenInside: true) == nil)
        retry.reset()
        #expect(retry.delay(after: JoinFailure(code: "full", message: "", retryAfter: .zero), hasBeenInside: true) == .milliseconds(100))
    }
}

@Suite struct JoinFailureTests {
    @Test(arguments: [
        ("full", "c is full", "c is full. Take another channel, or wait until somebody leaves."),
        ("wrong-password", "The password is wrong.", "The password is wrong. Ask somebody in the channel for the right one."),
        ("new-code", "No!", "No!"), (nil, "c is full", "c is full."),
    ])
    func saysWhatToDo(_ code: String?, _ message: String, _ sentence: String) {
        #expect(JoinFailure(code: code, message: message).sentence == sentence)
    }

    @Test func saysHowLongToWait() {
        #expect(
            JoinFailure(code: "rate-limited", message: "Wait.", retryAfter: .milliseconds(1200)).sentence
                == "Wait. It can be tried again in 2 s.")
        #expect(
            JoinFailure(code: "too-many-tries", message: "Wait.", retryAfter: Interval(seconds: 1e300)).sentence.hasPrefix("Wait. It can"))
    }
}
