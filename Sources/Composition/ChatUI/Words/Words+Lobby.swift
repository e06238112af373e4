import MediaTypes

/// What the lobby says.
extension Words {
    // MARK: - The server

    func signaling(_ state: SignalingState) -> String {
        switch state {
        case .connecting(let place) where place.address.isEmpty: self("signaling: connecting…", "시그널링: 연결 중…")
        case .connecting(let place): self("signaling: connecting to \(name(of: place))…", "시그널링: \(name(of: place)) 연결 중…")
        case .connected(let place): self("signaling: \(name(of: place))", "시그널링: \(name(of: place))")
        case .lost(let why):
            // Where the sentence says already what it is about, once is enough.
            self("signaling: \(lost(why))", lost(why).hasPrefix("시그널링") ? lost(why) : "시그널링: \(lost(why))")
        }
    }

    func name(of place: SignalingPlace) -> String {
        place.isInThisProgram ? self("in this program, \(place.address)", "이 프로그램 안, \(place.address)") : place.address
    }

    // MARK: - Channels

    var channels: String { self("Channels", "채널") }
    func part(first: Int, last: Int, of count: Int) -> String { self("\(first)-\(last) of \(count)", "\(first)-\(last) / \(count)") }
    var cannotList: String {
        self("This server cannot list channels. Type the name of one.", "이 서버는 채널 목록을 제공하지 않습니다. 채널 이름을 입력하세요.")
    }
    var noChannels: String { self("None yet. Type a name to create one.", "아직 채널이 없습니다. 이름을 입력하면 새로 만듭니다.") }
    var noneOfThatName: String { self("None of that name. Enter creates it.", "일치하는 채널이 없습니다. Enter를 누르면 새로 만듭니다.") }

    func occupancy(_ channel: LobbyChannel) -> String {
        if channel.isRecent { return self("recent", "최근") }
        let count: String
        if channel.isFull {
            count = self("full", "가득 참")
        } else if channel.members == 0 {
            count = self("empty", "비어 있음")
        } else if channel.members == 1 {
            count = self("1 waiting", "1명 대기 중")
        } else if let capacity = channel.capacity {
            count = self("\(channel.members) of \(capacity)", "\(channel.members)/\(capacity)명")
        } else {
            count = self("\(channel.members) there", "\(channel.members)명")
        }
        return channel.isLocked ? self("\(count), locked", "\(count), 잠김") : count
    }

    // MARK: - What can be done

    var joinOrCreate: String { self("Join or create: ", "참가 또는 만들기: ") }
    /// Of a prompt.
    var enterJoins: String { self("Enter join", "Enter 참가") }
    func enterJoins(_ name: String) -> String { self("Enter joins \(name)", "Enter: \(name) 참가") }
    func enterCreates(_ name: String) -> String { self("Enter creates \(name)", "Enter: \(name) 새로 만들기") }
    func enterJoinsOrCreates(_ name: String) -> String { self("Enter joins or creates \(name)", "Enter: \(name) 참가 또는 만들기") }
    func closed(_ name: String) -> String { self("\(name) has closed", "\(name) 닫힘") }
    func hasClosed(_ name: String) -> String {
        self(
            "\(name) has closed. Choose another channel with ↑↓, or type a name.",
            "\(name) 채널이 닫혔습니다. ↑↓로 다른 채널을 선택하거나 이름을 입력하세요.")
    }
    /// The state of a channel that Enter would create.
    var newChannel: String { self("new", "새 채널") }
    var arrowsChoose: String { self("↑↓ choose", "↑↓ 선택") }
    var tabDevices: String { self("Tab devices", "Tab 장치") }
    var tabNext: String { self("Tab next", "Tab 다음") }
    var escapeQuits: String { self("Esc quit", "Esc 종료") }
    var escapeClears: String { self("Esc clear", "Esc 지우기") }
    var escapeBack: String { self("Esc back to the list", "Esc 목록으로") }
    var typeToFilter: String { self("type to filter, or to name a new channel", "입력하면 검색하거나 새 채널 이름이 됩니다") }
    var arrowsChange: String { self("←→ change", "←→ 변경") }
    var spacePlaysTone: String { self("Space test tone", "Space 테스트음") }
    func spaceSwitches(isOn: Bool) -> String {
        isOn ? self("Space off at first", "Space 시작할 때 끄기") : self("Space on at first", "Space 시작할 때 켜기")
    }
    /// Before the name of a device that will send nothing until it is switched on in the call.
    var offAtFirst: String { self("off at first", "시작할 때 꺼짐") }
    func password(of channel: String) -> String { self("Password of \(channel): ", "\(channel) 비밀번호: ") }

    /// - Parameter channel: another one than the password was given for.
    func offeredPasswordIsWrong(_ channel: String) -> String {
        self(
            "The password that tchat was started with is not that of \(channel).",
            "tchat을 시작할 때 지정한 비밀번호가 \(channel) 채널과 맞지 않습니다.")
    }

    // MARK: - Devices

    var beforeYouJoin: String { self("Before you join", "참가 전 확인") }

    func label(_ kind: DeviceKind) -> String {
        switch kind {
        case .camera: self("camera", "카메라")
        case .microphone: self("mic", "마이크")
        case .speaker: self("speaker", "스피커")
        }
    }
    var pathLabel: String { self("path", "경로") }

    var noCamera: String { self("no camera", "카메라 없음") }
    var cameraOff: String { self("camera off", "카메라 꺼짐") }
    var noPictureYet: String { self("no picture yet", "영상 준비 중") }
    var microphoneSilent: String {
        self("The microphone is silent? Check the device.", "마이크 소리가 들리지 않나요? 장치를 확인하세요.")
    }
    var microphoneMuted: String { self("muted", "음소거") }
    func opening(_ name: String) -> String { self("\(name): opening…", "\(name): 여는 중…") }

    /// What is used, in a line.
    func device(_ kind: DeviceKind, _ row: DeviceRow) -> String {
        guard let name = row.name else { return choice(kind, id: "none", name: "") }
        let shown = choice(kind, id: row.id, name: row.choices.first { $0.id == row.id }?.name ?? name)
        return row.detail.isEmpty ? shown : "\(shown)  \(row.detail)"
    }

    /// A choice by its name, or by what it stands for.
    func choice(_ kind: DeviceKind, id: String, name: String) -> String {
        switch (kind, id) {
        case (.camera, "none"): self("none: nobody sees you", "없음: 내 영상이 보이지 않음")
        case (.microphone, "none"): self("none: nobody hears you", "없음: 내 소리가 들리지 않음")
        case (.speaker, "none"): self("none: you hear nobody", "없음: 상대 소리가 들리지 않음")
        case (.camera, "test"): self("test picture", "테스트 화면")
        case (.microphone, "test"): self("test tone", "테스트음")
        case (_, "default"): self("system default", "시스템 기본값")
        default: name.isEmpty ? id : name
        }
    }

    /// Whole sentences. The English one is the device's own.
    /// - Parameter isInCall: devices are chosen elsewhere.
    func problem(_ error: MediaDeviceError, with kind: DeviceKind, isInCall: Bool = false) -> String {
        // Each of the three ends in a vowel, as the particle wants it.
        let what = label(kind)
        let group = kind == .camera ? "video" : "audio"
        let another = isInCall ? "로비에서 다른 장치를 선택하세요." : "다른 장치를 선택하세요."
        let korean =
            switch error.kind {
            case .permission: "\(what)를 쓸 권한이 없습니다. \(group) 그룹에 추가한 뒤(sudo usermod -aG \(group) $USER) 다시 로그인하세요."
            case .busy: "다른 프로그램이 \(what)를 쓰고 있습니다. 그 프로그램을 먼저 종료하세요."
            case .unsupported, .malformed: "이 \(what)의 형식은 지원하지 않습니다. \(another)"
            case .gone: "\(what) 연결이 끊어졌습니다. 다시 연결하거나 \(another)"
            case .notFound: "\(what)를 찾을 수 없습니다. 장치를 연결하거나 \(another)"
            case .failed: "\(what)를 쓸 수 없습니다: \(error.description)"
            }
        let helpsToChoose =
            switch error.kind {
            case .unsupported, .malformed, .gone, .notFound: true
            case .permission, .busy, .failed: false
            }
        return self(error.description + (isInCall && helpsToChoose ? " Devices are chosen in the lobby." : ""), korean)
    }

    /// During a call, of a device that is gone.
    func goesOn(_ sentence: String, without kind: DeviceKind) -> String {
        let without =
            switch kind {
            case .camera: self("The call goes on without picture.", "영상 없이 통화를 계속합니다.")
            case .microphone: self("The call goes on, and you are not heard.", "내 소리 없이 통화를 계속합니다.")
            case .speaker: self("The call goes on, unheard.", "소리 없이 통화를 계속합니다.")
            }
        return "\(sentence) \(without)"
    }

    // MARK: - The path test

    func path(_ result: PathTestResult) -> String {
        switch result {
        case .running: self("testing…", "확인 중…")
        case .localOnly: self("within this network only", "이 네트워크 안에서만 가능")
        case .direct(let time): self("direct likely (STUN answers, \(time) ms)", "직접 연결 가능성 높음 (STUN 응답 \(time) ms)")
        case .portsChange(hasRelay: true):
            self("direct unlikely: the router changes ports; the relay answers", "직접 연결 어려움: 공유기가 포트를 바꿈, 중계 서버 응답함")
        case .portsChange(hasRelay: false):
            self(
                "direct unlikely: the router changes ports; a relay (TURN) may be needed",
                "직접 연결 어려움: 공유기가 포트를 바꿈, 중계(TURN)가 필요할 수 있음")
        case .relay(let time): self("relay answers (\(time) ms)", "중계 서버 응답함 (\(time) ms)")
        case .noAnswer(let server):
            self(
                "no answer from \(server): UDP may be blocked; a relay (TURN) will be needed",
                "\(server) 응답 없음: UDP가 막혀 있을 수 있음, 중계(TURN)가 필요함")
        case .relayRefused(let server, let why): self("\(server) is of no use: \(why)", "\(server) 사용 불가: \(trouble(why))")
        case .unknownName(let host): self("\(host) cannot be found: is there a network?", "\(host) 찾을 수 없음: 네트워크를 확인하세요")
        case .noNetwork: self("no network: nothing can be sent", "네트워크 없음: 전송할 수 없음")
        case .untried: self("relays are tried in the call itself", "중계 서버는 통화할 때 확인")
        }
    }

    // MARK: - Refusals

    /// Why a channel was not joined, and what to do. The English one is the server's own, with our advice.
    func refusal(_ refusal: ChatRefusal) -> String {
        let korean: String? =
            switch refusal.code {
            case "full": "채널이 가득 찼습니다. 다른 채널을 선택하거나 자리가 날 때까지 기다리세요."
            case "bad-name": "사용할 수 없는 채널 이름입니다. 제어 문자 없이 1~64자로 입력하세요."
            case "password-needed": "이 채널은 비밀번호가 필요합니다."
            case "wrong-password": "비밀번호가 맞지 않습니다. 채널에 있는 사람에게 확인하세요."
            case "token-needed": "이 서버는 토큰이 필요합니다. 서버 관리자에게 받아 --token으로 지정하세요."
            case "token-invalid": "토큰이 올바르지 않습니다. 전체를 복사했는지 확인하거나 새 토큰을 받으세요."
            case "token-expired": "토큰이 만료되었습니다. 서버 관리자에게 새 토큰을 받으세요."
            case "token-scope": "이 토큰으로는 이 채널에 들어갈 수 없습니다. 서버 관리자에게 알맞은 토큰을 받으세요."
            case "too-many-channels": "참가한 채널이 너무 많습니다. 다른 채널에서 나가거나 나중에 다시 시도하세요."
            case "too-many-tries", "rate-limited": "시도가 너무 많습니다. 잠시 후 다시 시도하세요."
            default: nil
            }
        return self(refusal.sentence, korean ?? trouble(refusal.sentence))
    }

    // MARK: - Small screens

    func tooSmall(needed: String, found: String) -> String {
        self("tchat needs \(needed) cells; this terminal has \(found).", "tchat에는 \(needed)칸이 필요합니다. 현재 터미널은 \(found)칸입니다.")
    }
}
