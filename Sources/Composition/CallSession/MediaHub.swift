import MediaFiles
import MediaPipeline
import MediaTypes
import PeerConnection
import Primitives
import Synchronization
import Threading

/// All media threads of a session: one camera and one encoder for everybody, one microphone, one mix, a decoder for each member.
final class MediaHub: Sendable {
    typealias MemberID = CallCoordinator.MemberID

    private struct Receiver {
        let video: VideoReceiver
        let audio: AudioStream?
    }

    private struct Own {
        var isMuted = false
        var isCameraEnabled = true
    }

    private let inbox: CommandInbox
    private let report: CallReport
    let videoSender: VideoSender?
    private let audioSender: AudioSender?
    let audioReceiver: AudioReceiver
    private let speaker: any AudioSink
    private let receivers = Mutex<[MemberID: Receiver]>([:])
    private let own = Mutex(Own())
    let meter: VideoMeter?
    private let tone: ToneMeter?
    private let videoOut: Y4MWriter?
    private let audioOut: WAVWriter?

    let remotePicture = PictureFeed()
    let ownPicture: PictureFeed

    init(configuration: CallConfiguration, inbox: CommandInbox, report: CallReport) throws(CallFailure) {
        self.inbox = inbox
        self.report = report
        let meter = configuration.measures ? VideoMeter() : nil
        let tone = configuration.measures ? ToneMeter() : nil
        self.meter = meter
        self.tone = tone
        do {
            let camera = try MediaSources.camera(
                configuration.camera, size: configuration.size, framesPerSecond: configuration.framesPerSecond, loopsFiles: true)
            let microphone = try MediaSources.microphone(configuration.microphone, tone: configuration.tone)
            speaker = try MediaSources.speaker(configuration.speaker) ?? ClockedSink()
            var wav: WAVWriter?
            if let path = configuration.audioOut { wav = try WAVWriter(path: path) }
            let audioOut = wav
            self.audioOut = audioOut
            var y4m: Y4MWriter?
            if let path = configuration.videoOut { y4m = try Y4MWriter(path: path, framesPerSecond: Double(configuration.framesPerSecond)) }
            videoOut = y4m
            let feed = PictureFeed()
            ownPicture = feed
            let settings = VideoSender.Settings(
                width: configuration.size.width, height: configuration.size.height,
                framesPerSecond: Double(configuration.framesPerSecond), bitrateKbps: configuration.bitrateKbps)
            // Without a screen nobody looks at the own picture.
            let show: @Sendable (I420Frame) -> Void = { feed.put($0) }
            let onPicture = configuration.measures ? nil : show
            let onFailure: @Sendable (MediaDeviceError) -> Void = { report.event(.error($0.description)) }
            videoSender = camera.map { source in
                VideoSender(
                    source: source, settings: settings, isSending: false, onPicture: onPicture,
                    onEncoded: { inbox.put(.video($0)) }, onFailure: onFailure)
            }
            audioSender = microphone.map { source in
                AudioSender(source: source, isSending: false, onEncoded: { inbox.put(.audio($0)) }, onFailure: onFailure)
            }
            audioReceiver = AudioReceiver(
                sink: speaker,
                onSamples: { samples in
                    tone?.add(samples)
                    _ = audioOut?.write(samples)
                },
                onSpeakerFailure: { report.event(.speakerFailed($0.description)) })
        } catch {
            throw CallFailure(error.description)
        }
    }

    func start() {
        let all = [videoSender?.start() ?? true, audioSender?.start() ?? true, audioReceiver.start()]
        if all.contains(false) { report.event(.error("The system has no thread left to give; raise the limit (ulimit -u).")) }
    }

    /// Ends every thread and finishes the files.
    func stop() {
        videoSender?.stop()
        audioSender?.stop()
        for id in receivers.withLock({ Array($0.keys) }) { removeReceiver(id) }
        audioReceiver.stop()
        videoOut?.close()
        audioOut?.close()
    }

    // MARK: - Sent

    func setMuted(_ muted: Bool) {
        audioSender?.setMuted(muted)
        own.withLock { $0.isMuted = muted }
    }

    /// What leaves this machine; nothing does from a device that is not there.
    var isMicrophoneOn: Bool { audioSender != nil && own.withLock { !$0.isMuted } }
    var isCameraOn: Bool { videoSender != nil && own.withLock { $0.isCameraEnabled } }

    /// In bits a second, as the slowest path carries it.
    func setTargetBitrate(_ bitsPerSecond: Int) { videoSender?.setTargetBitrate(bitsPerSecond) }

    /// What the others' screens can show; nil in place of one that is not known.
    func setReceiverScreens(_ screens: [PictureSize?]) {
        videoSender?.setReceiverScreens(screens)
    }

    /// Of the sound that is sent; it is protected accordingly.
    func setAudioLoss(percent: Double) { audioSender?.setNetwork(lossPercent: percent) }

    func setCameraEnabled(_ enabled: Bool) {
        videoSender?.setEnabled(enabled)
        own.withLock { $0.isCameraEnabled = enabled }
        if !enabled { ownPicture.clear() }
    }

    func setSending(_ sending: Bool) {
        videoSender?.setSending(sending)
        audioSender?.setSending(sending)
    }

    func requestKeyFrame() { videoSender?.requestKeyFrame() }

    // MARK: - Received

    func addReceiver(_ id: MemberID) {
        removeReceiver(id)
        let (report, meter, videoOut, feed, inbox) = (report, meter, videoOut, remotePicture, inbox)
        let audio = audioReceiver.addStream()
        let video = VideoReceiver(
            clock: audio?.clock,
            onFrame: { picture in
                report.decoded(id.id, width: picture.width, height: picture.height, now: picture.time)
                meter?.add(picture, now: picture.time, wallClock: WallClock.milliseconds())
                _ = videoOut?.write(picture)
                feed.put(picture)
            },
            needsKeyFrame: { inbox.put(.needKeyFrame(id)) })
        video.start()
        receivers.withLock { $0[id] = Receiver(video: video, audio: audio) }
    }

    func removeReceiver(_ id: MemberID) {
        guard let receiver = receivers.withLock({ $0.removeValue(forKey: id) }) else { return }
        receiver.video.stop()
        if let audio = receiver.audio { audioReceiver.removeStream(audio) }
        meter?.pause()
        remotePicture.clear()
    }

    /// On the network thread.
    func receive(_ frame: EncodedVideoFrame, from id: MemberID) {
        receivers.withLock { $0[id] }?.video.push(frame)
    }

    func receive(_ packet: ReceivedAudioPacket, from id: MemberID) {
        receivers.withLock { $0[id] }?.audio?.push(packet)
    }

    /// Of whoever came last.
    var newestVideo: VideoReceiver.Statistics? { receivers.withLock { $0.values.first }?.video.statistics }

    // MARK: - Looked at

    func picture(of id: CallMemberID) -> PictureFeed? {
        receivers.withLock { $0[MemberID(id: id)] } == nil ? nil : remotePicture
    }

    func soundLevel(of id: CallMemberID) -> Double { Double(receivers.withLock { $0[MemberID(id: id)] }?.audio?.level ?? 0) }

    func setOnPicture(_ body: (@Sendable () -> Void)?) { for feed in [remotePicture, ownPicture] { feed.setOnChange(body) } }

    var microphoneLevel: Double { Double(audioSender?.level ?? 0) }
    var cameraName: String? { videoSender?.source.name }
    var cameraFormat: VideoFormat? { videoSender?.source.format }
    var microphoneName: String? { audioSender?.source.name }
    var speakerName: String { speaker.name }

    func fill(_ statistics: inout CallStatistics) {
        let played = audioReceiver.statistics
        statistics.audio.played = .microseconds(Int64(played.playedSamples) * 1_000_000 / 48_000)
        statistics.audio.concealed = .microseconds(Int64(played.concealedSamples) * 1_000_000 / 48_000)
        if let reading = tone?.measure() {
            statistics.audio.tone = reading.hertz
            statistics.audio.rms = reading.rms
        }
        guard let report = meter?.report else { return }
        statistics.video.decoded = report.decoded
        statistics.video.width = report.width
        statistics.video.height = report.height
        statistics.video.framesPerSecond = report.framesPerSecond
        statistics.video.distinct = report.distinct
        statistics.video.meanLuma = report.meanLuma
        statistics.video.freezes = report.freezes
        statistics.video.freezeTime = report.freezeTime
        statistics.video.latencyP50 = report.latency?.p50
        statistics.video.latencyP95 = report.latency?.p95
        statistics.video.watched = report.watched
    }
}
