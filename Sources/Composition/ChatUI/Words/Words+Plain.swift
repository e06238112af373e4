/// What `--plain` says besides the lines of the call itself.
extension Words {
    func plainCamera(_ what: String) -> String { self("Camera: \(what)", "카메라: \(what)") }
    func plainMicrophone(_ what: String) -> String { self("Microphone: \(what)", "마이크: \(what)") }

    func plainSignaling(_ state: SignalingState) -> String {
        switch state {
        case .connecting(let place):
            self("Connecting to the signaling server: \(name(of: place))", "시그널링 서버에 연결 중: \(name(of: place))")
        case .connected(let place): self("Signaling server: \(name(of: place))", "시그널링 서버: \(name(of: place))")
        case .lost(let why): lost(why)
        }
    }

    var plainBack: String { self("The call is over.", "통화 종료") }
    func plainPassword(_ channel: String) -> String {
        self(
            "\(channel) asks for a password: type it and press Enter; an empty line gives up.",
            "\(channel) 채널은 비밀번호가 필요함: 입력하고 Enter, 빈 줄은 취소")
    }
    var plainNoList: String { self("This server does not list channels. /join NAME joins one.", "이 서버는 채널 목록을 제공하지 않음. 참가하려면 /join 이름") }
    var plainEmpty: String { self("There are no channels. /join NAME opens one.", "채널 없음. 새로 만들려면 /join 이름") }
    func plainChannels(_ count: Int) -> String {
        self(
            "\(count) \(count == 1 ? "channel" : "channels"). /join NAME joins one, so does / with its number.",
            "채널 \(count)개. 참가하려면 /join 이름, 또는 /번호")
    }

    func plainChannel(_ channel: LobbyChannel) -> String {
        let count =
            channel.capacity.map { self("\(channel.members) of \($0)", "\(channel.members)/\($0)명") }
            ?? self(
                "\(channel.members) there", "\(channel.members)명")
        let facts = [count] + (channel.isFull ? [self("full", "가득 참")] : []) + (channel.isLocked ? [self("password", "비밀번호")] : [])
        return "\(channel.name): " + facts.joined(separator: ", ")
            + (channel.names.isEmpty ? "" : " (\(channel.names.joined(separator: ", ")))")
    }

    func plainGone(_ channel: String) -> String { self("\(channel): nobody any more", "\(channel): 아무도 없음") }

    func plainJoining(_ channel: String) -> String { self("Joining \(channel).", "\(channel) 참가 중") }
    func plainJoined(_ channel: String) -> String { self("Joined \(channel).", "\(channel) 참가함") }
    func plainWaiting(_ channel: String) -> String { self("Waiting for someone in \(channel).", "\(channel)에서 상대를 기다리는 중") }
    func plainConnecting(_ name: String) -> String { self("Connecting to \(name).", "\(name) 연결 중") }
    func plainConnected(_ name: String) -> String { self("Connected to \(name).", "\(name) 연결됨") }

    func plainTheirMicrophone(_ name: String, isOn: Bool) -> String {
        isOn ? self("\(name): microphone on", "\(name): 마이크 켜짐") : self("\(name): microphone off", "\(name): 마이크 꺼짐")
    }
    func plainTheirCamera(_ name: String, isOn: Bool) -> String {
        isOn ? self("\(name): camera on", "\(name): 카메라 켜짐") : self("\(name): camera off", "\(name): 카메라 꺼짐")
    }
    func plainOwnMicrophone(isOn: Bool) -> String {
        isOn ? self("Your microphone is on.", "내 마이크 켜짐") : self("Your microphone is off: nobody hears you.", "내 마이크 꺼짐: 아무도 못 들음")
    }
    func plainOwnCamera(isOn: Bool) -> String {
        isOn ? self("Your camera is on.", "내 카메라 켜짐") : self("Your camera is off: nobody sees you.", "내 카메라 꺼짐: 아무도 못 봄")
    }
    func plainMutedTalk(_ command: String) -> String {
        self("You are talking while muted; \(command) unmutes.", "마이크가 꺼진 채로 말하는 중, 켜기: \(command)")
    }

    var plainNobody: String { self("Nobody else is here.", "다른 사람 없음") }
    func plainPerson(_ person: ChatPerson, name: String) -> String {
        var facts: [String] = []
        switch person.connection {
        case .awaited: facts.append(self("not connected yet", "아직 연결 안 됨"))
        case .connecting: facts.append(self("connecting", "연결 중"))
        case .connected: facts.append(person.path.isEmpty ? self("connected", "연결됨") : callPath(person.path))
        case .interrupted: facts.append(self("interrupted", "끊김"))
        case .lost: facts.append(self("not connected", "연결 끊김"))
        }
        if !person.isMicrophoneOn { facts.append(self("microphone off", "마이크 꺼짐")) }
        if !person.isCameraOn { facts.append(self("camera off", "카메라 꺼짐")) }
        if person.isVerified { facts.append(self("verified", "확인됨")) }
        if person.isSuspect { facts.append(self("NOT SECURE", "안전하지 않음")) }
        return "\(name): " + facts.joined(separator: ", ")
    }

    func plainNoWords(_ name: String) -> String { self("\(name): there are no words yet", "\(name): 확인 단어가 아직 없음") }
    func plainWords(_ name: String, _ words: String, isVerified: Bool) -> String {
        isVerified
            ? self("\(name): \(words), verified", "\(name): \(words), 확인됨")
            : self(
                "\(name): \(words). The same words on the other end: nobody sits between you. /y says that they are.",
                "\(name): \(words). 상대와 단어가 같으면 중간에 아무도 없음. 같으면 /y")
    }
    func plainConfirmed(_ name: String) -> String { self("The words of \(name) are the same on both ends.", "\(name): 단어가 같음을 확인함") }
    var plainWhom: String { self("Say whose words: /y NUMBER; /people lists the numbers.", "누구의 단어인지 지정하세요: /y 번호, 번호는 /people") }
    var plainLoss: String { self("loss", "손실") }

    // MARK: - Answers to what was typed

    public var plainNotInCall: String {
        self("You are in no call. /join NAME joins a channel, /list lists them.", "통화 중이 아님. 참가하려면 /join 이름, 목록은 /list")
    }
    public var plainInCall: String { self("You are in a call; /leave ends it.", "통화 중. 나가려면 /leave") }
    public var plainNobodyReads: String { self("Nobody is there to read text.", "메시지를 받을 사람이 없음") }
    public var plainNoPicture: String { self("That is about the picture; with --plain there is none.", "화면 기능이라 --plain에서는 쓸 수 없음") }
    public func plainUnknown(_ command: String) -> String {
        self("There is no command \(command). /help lists them.", "\(command) 명령 없음. 명령 목록은 /help")
    }
    public var plainNone: String { self("none", "없음") }
    public var plainTooLong: String { self("That line is too long.", "줄이 너무 김") }
    public var plainNoMicrophone: String { self("There is no microphone.", "마이크 없음") }
    public var plainNoCamera: String { self("There is no camera.", "카메라 없음") }

    public var plainHint: String { self("/help lists the commands.", "명령 목록은 /help") }

    func plainHelp(isInCall: Bool, keys: KeyMap) -> [String] {
        let anywhere = [self("/help  this", "/help  도움말"), self("/quit  quit", "/quit  끝내기")]
        guard isInCall else {
            return [
                self("/list  the channels", "/list  채널 목록"),
                self("/join NAME  join a channel, or open a new one", "/join 이름  채널 참가, 없으면 새로 만들기"),
                self("/1, /2, …  join that one of the list", "/1, /2, …  목록의 번호로 참가"),
                keys.command(for: .microphone) + self("  begin with the microphone off, on", "  시작할 때 마이크 끄기, 켜기"),
                keys.command(for: .camera) + self("  begin with the camera off, on", "  시작할 때 카메라 끄기, 켜기"),
            ] + anywhere
        }
        let actions = [
            (ChatAction.microphone, self("microphone on, off", "마이크 켜기, 끄기")), (.camera, self("camera on, off", "카메라 켜기, 끄기")),
            (.words, self("words: is anybody in between?", "확인 단어: 중간에 누가 있는지")),
            (.invite, self("a link for guests", "초대 링크")),
            (.statistics, self("statistics; with all behind it: every number", "통계, 뒤에 all을 붙이면 전부")),
            (.leave, self("hang up, to the lobby", "통화 끝내고 로비로")),
        ]
        return [self("a line without /  is sent as text", "/ 없는 줄  메시지 보내기")]
            + actions.map { "\(keys.command(for: $0.0))  \($0.1)" }
            + [self("/y  the words are the same", "/y  단어가 같음"), self("/people  who is there", "/people  참가자")] + anywhere
    }
}
