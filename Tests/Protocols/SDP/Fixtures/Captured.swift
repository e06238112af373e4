/// Descriptions as Chromium 156 and aiortc 1.16 sent them to each other; lines ended by LF.
enum Captured {
    static let all = [chromiumOffer, chromiumAnswer, aiortcOffer, aiortcAnswer, chromiumAnswerToOurs]
}
