import MediaPipeline
import MediaTypes
import Primitives
import Synchronization

/// What comes from one member: a decoder, a place in the mix, the newest picture, and what is measured and recorded of them.
///
/// Outlives their connection while it is measured, so that the numbers of a member that comes back go on.
final class MemberMedia: Sendable {
    private struct State {
        var video: VideoReceiver?
        var audio: AudioStream?
        var recorder: MemberRecorder?
        /// Of the last connection, when there is none.
        var lastVideo = VideoReceiver.Statistics()
        /// Of the connections before.
        var pastAudio = AudioPlayoutStatistics()
    }

    let id: CallMemberID
    let picture: PictureFeed
    let meter: VideoMeter?
    let tone: ToneMeter?
    private let state = Mutex(State())

    init(id: CallMemberID, measures: Bool, news: PictureNews) {
        self.id = id
        picture = PictureFeed(news: news)
        meter = measures ? VideoMeter() : nil
        tone = measures ? ToneMeter() : nil
    }

    var isConnected: Bool { state.withLock { $0.video != nil } }
    var level: Double { Double(state.withLock { $0.audio }?.level ?? 0) }

    func connect(video: VideoReceiver, audio: AudioStream?, recorder: MemberRecorder?) {
        state.withLock { state in
            state.video = video
            state.audio = audio
            state.recorder = recorder
        }
    }

    /// Ends the decoder. The stream is the mix's to remove, the recorder is to be closed where nobody waits for a disk.
    func disconnect() -> (audio: AudioStream?, recorder: MemberRecorder?) {
        let (video, audio, recorder) = state.withLock { state in
            defer { (state.video, state.audio, state.recorder) = (nil, nil, nil) }
            return (state.video, state.audio, state.recorder)
        }
        guard let video else { return (nil, nil) }
        video.stop()
        state.withLock { state in
            state.lastVideo = video.statistics
            if let audio { state.pastAudio.add(audio.statistics) }
        }
        meter?.pause()
        picture.clear()
        return (audio, recorder)
    }

    /// On the network thread.
    func receive(_ frame: EncodedVideoFrame) { state.withLock { $0.video }?.push(frame) }
    func receive(_ packet: ReceivedAudioPacket) { state.withLock { $0.audio }?.push(packet) }

    var videoStatistics: VideoReceiver.Statistics { state.withLock { $0.video?.statistics ?? $0.lastVideo } }

    var audioStatistics: AudioPlayoutStatistics {
        state.withLock { state in
            var all = state.pastAudio
            if let audio = state.audio { all.add(audio.statistics) }
            return all
        }
    }

    func fill(_ statistics: inout CallMemberStatistics) {
        let sound = audioStatistics
        statistics.audio.fill(sound, tone)
        if let report = meter?.report { statistics.video.fill(report) }
    }
}

extension CallStatistics.Audio {
    mutating func fill(_ sound: AudioPlayoutStatistics, _ meter: ToneMeter?) {
        played = .microseconds(Int64(sound.playedSamples) * 1_000_000 / 48_000)
        concealed = .microseconds(Int64(sound.concealedSamples) * 1_000_000 / 48_000)
        guard let reading = meter?.measure() else { return }
        tone = reading.hertz
        rms = reading.rms
    }
}

extension CallStatistics.Video {
    mutating func fill(_ report: VideoMeter.Report) {
        decoded = report.decoded
        width = report.width
        height = report.height
        framesPerSecond = report.framesPerSecond
        distinct = report.distinct
        meanLuma = report.meanLuma
        freezes = report.freezes
        freezeTime = report.freezeTime
        latencyP50 = report.latency?.p50
        latencyP95 = report.latency?.p95
        watched = report.watched
    }
}
