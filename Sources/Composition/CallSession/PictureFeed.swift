import MediaTypes
import Synchronization

/// The newest picture of one side, for whoever draws it: looked at, not taken, so that a resize can draw it again.
public final class PictureFeed: Sendable {
    private struct State {
        var frame: I420Frame?
        var generation = 0
    }

    private let state = Mutex(State())
    private let news: PictureNews

    init(news: PictureNews) { self.news = news }

    /// The picture, nil when there is none, and a number that grows with each change.
    public var latest: (frame: I420Frame?, generation: Int) { state.withLock { ($0.frame, $0.generation) } }

    func put(_ frame: I420Frame) { change { $0.frame = frame } }

    /// Nobody is there any more: an old picture must not stand.
    func clear() { change { $0.frame = nil } }

    private func change(_ body: (inout State) -> Void) {
        state.withLock { state in
            body(&state)
            state.generation &+= 1
        }
        news.tell()
    }
}

/// Tells whoever draws that one of several pictures has changed.
final class PictureNews: Sendable {
    private let onChange = Mutex<(@Sendable () -> Void)?>(nil)

    func setOnChange(_ body: (@Sendable () -> Void)?) { onChange.withLock { $0 = body } }

    func tell() {
        let body = onChange.withLock { $0 }
        body?()
    }
}
