import Camera
import MediaPipeline
import MediaTypes
import Sound

/// Changing devices while they are in use: on the device thread, since opening one may take a second.
///
/// A choice that fails leaves what was used before. Whether the microphone is muted and the camera is on has nothing to do with which one
/// it is, and is kept by the senders: no change of device opens what was closed.
extension MediaHub {
    func setCamera(_ choice: CameraChoice) {
        let former = chosen.withLock { $0.camera }
        // What has failed since may be tried again.
        guard choice != former || videoSender.source == nil && choice != .none else { return tellDevice(.camera) }
        change(
            .camera, "\(choice)",
            open: { () throws(MediaDeviceError) in try MediaSources.openCamera(configuration, choice) },
            reopen: { () throws(MediaDeviceError) in try MediaSources.openCamera(configuration, former) },
            release: { videoSender.replaceSource(with: nil) },
            use: { opened in
                videoSender.replaceSource(with: opened?.source)
                chosen.withLock { $0.camera = opened?.choice ?? .none }
            })
        if videoSender.source == nil { ownPicture.clear() }
    }

    func setMicrophone(_ choice: MicrophoneChoice) {
        let former = chosen.withLock { $0.microphone }
        guard choice != former || audioSender.source == nil && choice != .none else { return tellDevice(.microphone) }
        change(
            .microphone, "\(choice)",
            open: { () throws(MediaDeviceError) in try MediaSources.openMicrophone(configuration, choice) },
            reopen: { () throws(MediaDeviceError) in try MediaSources.openMicrophone(configuration, former) },
            release: { audioSender.replaceSource(with: nil) },
            use: { opened in
                audioSender.replaceSource(with: opened?.source)
                chosen.withLock { $0.microphone = opened?.choice ?? .none }
            })
    }

    func setSpeaker(_ choice: SpeakerChoice) {
        let former = chosen.withLock { $0.speaker }
        guard choice != former || audioReceiver.sink is ClockedSink && choice != .none else { return tellDevice(.speaker) }
        change(
            .speaker, "\(choice)",
            open: { () throws(MediaDeviceError) in try MediaSources.openSpeaker(choice) },
            reopen: { () throws(MediaDeviceError) in try MediaSources.openSpeaker(former) },
            release: { audioReceiver.replaceSink(with: ClockedSink()) },
            use: { opened in
                audioReceiver.replaceSink(with: opened?.sink ?? ClockedSink())
                chosen.withLock { $0.speaker = opened?.choice ?? .none }
            })
    }

    /// Opens the new one beside the former; where both are the same card by two names, the former has to go first.
    private func change<Opened>(
        _ kind: CallDeviceKind, _ choice: String, open: () throws(MediaDeviceError) -> Opened?,
        reopen: () throws(MediaDeviceError) -> Opened?, release: () -> Void, use: (Opened?) -> Void
    ) {
        do throws(MediaDeviceError) {
            use(try open())
        } catch  where error.kind == .busy {
            release()
            do throws(MediaDeviceError) {
                use(try open())
            } catch {
                report.event(.deviceFailed(kind, choice: choice, error))
                use((try? reopen()) ?? nil)
            }
        } catch {
            report.event(.deviceFailed(kind, choice: choice, error))
        }
        tellDevice(kind)
    }

    func playTestTone() { audioReceiver.playTestTone() }

    /// It was unplugged, or failed otherwise: the call goes on without. On the thread that used it.
    func deviceLost(_ kind: CallDeviceKind, _ error: MediaDeviceError) {
        let choice = inUse(kind).choice
        // Another one may have taken its place meanwhile.
        switch kind {
        case .camera where videoSender.source == nil:
            chosen.withLock { $0.camera = .none }
            ownPicture.clear()
        case .microphone where audioSender.source == nil: chosen.withLock { $0.microphone = .none }
        case .speaker where audioReceiver.sink is ClockedSink: chosen.withLock { $0.speaker = .none }
        default: break
        }
        report.event(.deviceFailed(kind, choice: choice, error))
        tellDevice(kind)
    }

    func inUse(_ kind: CallDeviceKind) -> CallDevice {
        let chosen = chosen.withLock { $0 }
        switch kind {
        case .camera:
            return CallDevice(kind: kind, choice: "\(chosen.camera)", name: cameraName, format: cameraFormat)
        case .microphone: return CallDevice(kind: kind, choice: "\(chosen.microphone)", name: microphoneName)
        case .speaker:
            return CallDevice(kind: kind, choice: "\(chosen.speaker)", name: chosen.speaker == .none ? nil : speakerName)
        }
    }

    private func tellDevice(_ kind: CallDeviceKind) {
        tellOwnMedia()
        report.event(.device(inUse(kind)))
    }

    /// What there is to choose from now. Opens no device for use, but looks at each.
    static func list(_ kind: CallDeviceKind) -> [CallDeviceInfo] {
        let none = CallDeviceInfo(choice: "none", name: "")
        func sound(_ found: [SoundDeviceInfo]) -> [CallDeviceInfo] {
            found.prefix(32).map { CallDeviceInfo(choice: $0.name, name: $0.description) }
        }
        switch kind {
        case .camera:
            let found = V4L2Camera.list().prefix(32).map { camera in
                CallDeviceInfo(choice: camera.path, name: camera.name, problem: camera.problem ?? camera.formatProblem)
            }
            return found + [CallDeviceInfo(choice: "test", name: ""), none]
        case .microphone: return sound(ALSAMicrophone.list()) + [CallDeviceInfo(choice: "test", name: ""), none]
        case .speaker: return sound(ALSASpeaker.list()) + [none]
        }
    }
}

extension CameraInfo {
    /// A camera that names no format at all gives nothing that could be decoded.
    fileprivate var formatProblem: MediaDeviceError? {
        pixelFormats.isEmpty ? MediaDeviceError(.unsupported, "The camera \(path) names no picture format; choose another one.") : nil
    }
}
