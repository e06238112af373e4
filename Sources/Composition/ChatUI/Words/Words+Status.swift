/// The bottom line of a call.
extension Words {
    // These are as wide as each other, so that nothing moves. The meter has three columns.
    func statusMicrophoneOn(_ meter: String) -> String { self(" MIC ON \(meter) ", " 마이크 켜짐 \(meter) ") }
    var statusMicrophoneOff: String { self(" MIC OFF    ", " 마이크 꺼짐     ") }
    var statusNoMicrophone: String { self(" NO MIC     ", " 마이크 없음     ") }
    func statusTalking(_ meter: String) -> String { self(" TALKING\(meter) ", " 말하는 중   \(meter) ") }

    var statusCameraOn: String { self(" CAM ON ", " 카메라 켜짐 ") }
    var statusCameraOff: String { self(" CAM OFF ", " 카메라 꺼짐 ") }
    var statusNoCamera: String { self(" NO CAM  ", " 카메라 없음 ") }

    /// From the longest to the shortest.
    /// - Parameter key: nil: none is bound.
    func statusMuted(_ key: String?) -> [String] {
        guard let key else {
            return [
                self("You are talking while muted.", "마이크가 꺼진 채로 말하는 중"), self("talking while muted", "꺼진 채로 말하는 중"),
                self("muted", "꺼짐"),
            ]
        }
        return [
            self("You are talking while muted; \(key) unmutes.", "마이크가 꺼진 채로 말하는 중, 켜기: \(key)"),
            self("talking while muted; \(key) unmutes", "꺼진 채로 말하는 중, 켜기: \(key)"),
            self("muted; \(key) unmutes", "말하는 중, 켜기: \(key)"), self("muted, on: \(key)", "켜기: \(key)"),
        ]
    }

    /// What another one lets us hear and see; from the longest to the shortest, none when there is nothing to say.
    func statusNote(_ person: ChatPerson, name: String) -> [String] {
        let long: String
        let short: String
        switch (person.isMicrophoneOn, person.isCameraOn) {
        case (true, true): return []
        case (false, true): (long, short) = (self("mic off", "마이크 꺼짐"), self("mic off", "마이크 끔"))
        case (true, false): (long, short) = (self("camera off", "카메라 꺼짐"), self("cam off", "카메라 끔"))
        case (false, false):
            (long, short) = (self("mic off, camera off", "마이크, 카메라 꺼짐"), self("mic, cam off", "마이크, 캠 끔"))
        }
        return [self("\(name): \(long)", "\(name): \(long)"), self("they: \(short)", "상대 \(short)")]
    }

    /// "direct", "relayed", "relayed over TLS".
    func statusPath(_ path: String) -> String {
        if path == "direct" { return self(path, "직접 연결") }
        if path.hasPrefix("relayed") { return self(path, "중계" + path.dropFirst("relayed".count).replacing(" over ", with: " ")) }
        return path
    }
    func statusConnected(_ count: Int) -> String { self("\(count) connected", "\(count)명 연결됨") }
    func statusConnected(_ count: Int, of all: Int) -> String { self("\(count) of \(all) connected", "\(all)명 중 \(count)명 연결됨") }
    func statusLoss(_ percent: Int) -> String { self("loss \(percent) %", "손실 \(percent) %") }
    func statusTerminal(_ rate: Int) -> String { self("tty \(rate) kB/s", "tty \(rate) kB/s") }
    /// Pictures are coarser, as the terminal takes no more than this.
    func statusTerminalLimit(_ rate: Int) -> String { self("tty \(rate) kB/s (limit)", "tty \(rate) kB/s (제한)") }

    func statusKeyChanged(_ whose: String, _ key: String) -> String { self(" \(whose)KEY CHANGED\(key) ", " \(whose)키 바뀜\(key) ") }
    func statusNotSecure(_ whose: String, _ key: String) -> String { self(" \(whose)NOT SECURE\(key) ", " \(whose)안전하지 않음\(key) ") }
    func statusVerified(_ count: Int, of all: Int) -> String { self("\(count) of \(all) verified", "\(all)명 중 \(count)명 확인됨") }
    var statusVerified: String { self("verified", "확인됨") }
    func statusWordsAre(_ words: String) -> String { self("words \(words)", "단어 \(words)") }
    var statusNotVerifiable: String { self("not verifiable", "확인 불가") }

    /// On the line, behind its key.
    func statusButton(_ action: ChatAction) -> String {
        switch action {
        case .chat: self("chat", "채팅")
        case .words: self("words", "단어")
        case .leave: self("leave", "나가기")
        default: self("help", "도움말")
        }
    }
}
