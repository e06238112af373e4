import MediaTypes

// All of these return at once; the answer comes as an event.
extension CallSession {
    /// The own picture, and what the others see, come from this camera from now on, beginning with a key frame. A camera that is off stays
    /// off. When it cannot be used, the former one goes on, and `deviceFailed` says why.
    public func setCamera(_ choice: CameraChoice) { deviceThread.run("camera") { [media] in media.setCamera(choice) } }

    /// Likewise. A muted microphone stays muted.
    public func setMicrophone(_ choice: MicrophoneChoice) {
        deviceThread.run("microphone") { [media] in media.setMicrophone(choice) }
    }

    public func setSpeaker(_ choice: SpeakerChoice) { deviceThread.run("speaker") { [media] in media.setSpeaker(choice) } }

    /// What there is to choose from, looked up anew.
    public func listDevices(_ kind: CallDeviceKind) {
        deviceThread.run("list \(kind)") { [report] in report.event(.deviceList(kind, MediaHub.list(kind))) }
    }

    /// By what a list or an option names; false: it names nothing.
    @discardableResult
    public func setDevice(_ kind: CallDeviceKind, _ choice: String) -> Bool {
        switch kind {
        case .camera: CameraChoice(choice).map { setCamera($0) } != nil
        case .microphone: MicrophoneChoice(choice).map { setMicrophone($0) } != nil
        case .speaker: SpeakerChoice(choice).map { setSpeaker($0) } != nil
        }
    }

    public func device(_ kind: CallDeviceKind) -> CallDevice { media.inUse(kind) }

    /// A short soft sound on the speaker; nobody else hears it.
    public func playTestTone() { media.playTestTone() }

    /// Asks the STUN and TURN servers whether they can be reached from here.
    public func testPath() {
        PathTest.run(configuration.iceServers) { [report] finding in report.event(.pathTest(finding)) }
    }
}
