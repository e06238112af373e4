import Glibc
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

    private struct Own {
        var isMuted = false
        var isCameraEnabled = true
    }

    private struct Members {
        /// In the order in which they came first.
        var all: [MemberMedia] = []
        /// In the order in which they connected: the first one's pictures go to the file.
        var connected: [CallMemberID] = []
        var names = RecordingNames()
        /// Of members that are not kept any more.
        var forgotten = VideoMeter.Totals()

        subscript(id: CallMemberID) -> MemberMedia? { all.first { $0.id == id } }
    }

    private let inbox: CommandInbox
    let report: CallReport
    let configuration: CallConfiguration
    let videoSender: VideoSender
    let audioSender: AudioSender
    let audioReceiver: AudioReceiver
    /// What is open now, by what a person chooses.
    let chosen: Mutex<DevicesInUse>
    private let members = Mutex(Members())
    /// The newest thread that finishes a recording; it waits for the one before.
    private let closing = Mutex<WorkerThread?>(nil)
    private let own = Mutex(Own())
    private let tone: ToneMeter?
    private let videoOut: Y4MWriter?
    private let audioOut: WAVWriter?
    private let news = PictureNews()
    private let lost: DeviceLoss

    let ownPicture: PictureFeed

    init(configuration: CallConfiguration, inbox: CommandInbox, report: CallReport) throws(CallFailure) {
        self.inbox = inbox
        self.report = report
        self.configuration = configuration
        let tone = configuration.measures ? ToneMeter() : nil
        self.tone = tone
        do {
            let camera = try MediaSources.openCamera(configuration)
            let microphone = try MediaSources.openMicrophone(configuration)
            let speaker = try MediaSources.openSpeaker(configuration.speaker)
            chosen = Mutex(
                DevicesInUse(camera: camera?.choice ?? .none, microphone: microphone?.choice ?? .none, speaker: speaker?.choice ?? .none))
            var wav: WAVWriter?
            if let path = configuration.audioOut { wav = try WAVWriter(path: path) }
            let audioOut = wav
            self.audioOut = audioOut
            var y4m: Y4MWriter?
            if let path = configuration.videoOut { y4m = try Y4MWriter(path: path, framesPerSecond: Double(configuration.framesPerSecond)) }
            videoOut = y4m
            if let folder = configuration.recordFolder { try Self.makeFolder(folder) }
            let feed = PictureFeed(news: news)
            ownPicture = feed
            let settings = VideoSender.Settings(
                width: configuration.size.width, height: configuration.size.height,
                framesPerSecond: Double(configuration.framesPerSecond), bitrateKbps: configuration.bitrateKbps)
            // Without a screen nobody looks at the own picture.
            let show: @Sendable (I420Frame) -> Void = { feed.put($0) }
            let onPicture = configuration.measures ? nil : show
            let lost = DeviceLoss()
            self.lost = lost
            videoSender = VideoSender(
                source: camera?.source, settings: settings, isSending: false, onPicture: onPicture,
                onEncoded: { inbox.put(.video($0)) }, onFailure: { lost.tell(.camera, $0) })
            audioSender = AudioSender(
                source: microphone?.source, isSending: false, onEncoded: { inbox.put(.audio($0)) },
                onFailure: { lost.tell(.microphone, $0) })
            audioReceiver = AudioReceiver(
                sink: speaker?.sink ?? ClockedSink(),
                onSamples: { samples in
                    tone?.add(samples)
                    _ = audioOut?.write(samples)
                },
                onSpeakerFailure: { lost.tell(.speaker, $0) })
        } catch {
            throw CallFailure(error.description)
        }
        lost.listen { [weak self] kind, error in self?.deviceLost(kind, error) }
    }

    private static func makeFolder(_ path: String) throws(MediaDeviceError) {
        guard mkdir(path, 0o755) != 0, errno != EEXIST else { return }
        throw MediaDeviceError(.failed, "The folder \(path) cannot be made: \(String(cString: strerror(errno))).")
    }

    func start() {
        let all = [videoSender.start(), audioSender.start(), audioReceiver.start()]
        if all.contains(false) { report.event(.error("The system has no thread left to give; raise the limit (ulimit -u).")) }
    }

    /// Ends every thread and finishes the files.
    func stop() {
        videoSender.stop()
        audioSender.stop()
        for member in members.withLock({ $0.all }) { removeReceiver(MemberID(id: member.id)) }
        closing.withLock { $0 }?.join()
        audioReceiver.stop()
        videoOut?.close()
        audioOut?.close()
    }

    // MARK: - Sent

    func setMuted(_ muted: Bool) {
        audioSender.setMuted(muted)
        own.withLock { $0.isMuted = muted }
    }

    /// What leaves this machine; nothing does from a device that is not there.
    var isMicrophoneOn: Bool { audioSender.source != nil && own.withLock { !$0.isMuted } }
    var isCameraOn: Bool { videoSender.source != nil && own.withLock { $0.isCameraEnabled } }

    /// The other sides' programs show what can be heard and seen of us.
    func tellOwnMedia() { inbox.put(.ownMedia(microphone: isMicrophoneOn, camera: isCameraOn)) }

    /// In bits a second, as the slowest path carries it.
    func setTargetBitrate(_ bitsPerSecond: Int) { videoSender.setTargetBitrate(bitsPerSecond) }

    /// What the others' screens can show; nil in place of one that is not known.
    func setReceiverScreens(_ screens: [PictureSize?]) { videoSender.setReceiverScreens(screens) }

    /// Of the sound that is sent; it is protected accordingly.
    func setAudioLoss(percent: Double) { audioSender.setNetwork(lossPercent: percent) }

    func setCameraEnabled(_ enabled: Bool) {
        videoSender.setEnabled(enabled)
        own.withLock { $0.isCameraEnabled = enabled }
        if !enabled { ownPicture.clear() }
    }

    func setSending(_ sending: Bool) {
        videoSender.setSending(sending)
        audioSender.setSending(sending)
    }

    func requestKeyFrame(isForNewcomer: Bool = false) { videoSender.requestKeyFrame(isForNewcomer: isForNewcomer) }

    // MARK: - Received

    func addReceiver(_ id: MemberID) {
        removeReceiver(id)
        let (report, inbox) = (report, inbox)
        let name = report.name(of: id.id)
        let (media, path) = members.withLock { members in
            let media = members[id.id] ?? MemberMedia(id: id.id, measures: configuration.measures, news: news)
            if members[id.id] == nil { members.all.append(media) }
            members.connected.append(id.id)
            let path = configuration.recordFolder.flatMap { folder in members.names.next(name: name, id: id.id).map { "\(folder)/\($0)" } }
            return (media, path)
        }
        let recorder = path.map { path in
            MemberRecorder(path: path, framesPerSecond: Double(configuration.framesPerSecond)) { report.event(.error($0)) }
        }
        let tone = media.tone
        let onSamples: @Sendable ([Int16]) -> Void = { samples in
            tone?.add(samples)
            recorder?.write(samples)
        }
        let audio = audioReceiver.addStream(onSamples: tone == nil && recorder == nil ? nil : onSamples)
        let video = VideoReceiver(
            clock: audio?.clock,
            onFrame: { [weak self] picture in
                report.decoded(id.id, width: picture.width, height: picture.height, now: picture.time)
                media.meter?.add(picture, now: picture.time, wallClock: WallClock.milliseconds())
                recorder?.write(picture)
                self?.writeOut(picture, of: id.id)
                media.picture.put(picture)
            },
            needsKeyFrame: { inbox.put(.needKeyFrame(id)) })
        media.connect(video: video, audio: audio, recorder: recorder)
        video.start()
    }

    private func writeOut(_ picture: I420Frame, of id: CallMemberID) {
        guard let videoOut, members.withLock({ $0.connected.first }) == id else { return }
        _ = videoOut.write(picture)
    }

    func removeReceiver(_ id: MemberID) {
        guard let media = members.withLock({ $0[id.id] }), media.isConnected else { return }
        members.withLock { $0.connected.removeAll { $0 == id.id } }
        let ended = media.disconnect()
        if let audio = ended.audio { audioReceiver.removeStream(audio) }
        if let recorder = ended.recorder { finish(recorder) }
        members.withLock { members in
            let gone = members.all.filter { !$0.isConnected }
            // Without measuring there is nothing to keep.
            guard !configuration.measures || gone.count > MemberReports.mostGone, let oldest = configuration.measures ? gone.first : media
            else { return }
            members.all.removeAll { $0 === oldest }
            if let meter = oldest.meter { members.forgotten.add(meter) }
        }
    }

    /// A slow disk must not hold up the network thread, on which all the others depend.
    private func finish(_ recorder: MemberRecorder) {
        let thread = WorkerThread()
        let former = closing.withLock { closing in
            defer { closing = thread }
            return closing
        }
        let body: @Sendable () -> Void = {
            former?.join()
            recorder.close()
        }
        if !thread.start(name: "recording-end", body) { body() }
    }

    /// On the network thread.
    func receive(_ frame: EncodedVideoFrame, from id: MemberID) { member(id.id)?.receive(frame) }
    func receive(_ packet: ReceivedAudioPacket, from id: MemberID) { member(id.id)?.receive(packet) }

    func member(_ id: CallMemberID) -> MemberMedia? { members.withLock { $0[id] } }

    // MARK: - Looked at

    func picture(of id: CallMemberID) -> PictureFeed? { member(id).flatMap { $0.isConnected ? $0.picture : nil } }
    func soundLevel(of id: CallMemberID) -> Double { member(id)?.level ?? 0 }
    func setOnPicture(_ body: (@Sendable () -> Void)?) { news.setOnChange(body) }

    var microphoneLevel: Double { Double(audioSender.level) }
    var cameraName: String? { videoSender.source?.name }
    var cameraFormat: VideoFormat? { videoSender.source?.format }
    var microphoneName: String? { audioSender.source?.name }
    var speakerName: String { audioReceiver.sink.name }

    /// Over all members.
    func fill(_ statistics: inout CallStatistics) {
        statistics.audio.fill(audioReceiver.statistics, tone)
        statistics.video.encoded = videoSender.statistics.encoded
        guard configuration.measures else { return }
        let (all, forgotten) = members.withLock { ($0.all, $0.forgotten) }
        var totals = forgotten
        for meter in all.compactMap(\.meter) { totals.add(meter) }
        statistics.video.fill(totals.report)
    }
}
