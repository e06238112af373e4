import CellGraphics

/// What the keys of a call say of what they have done.
extension Words {
    func name(of style: RenderMode) -> String {
        switch style {
        case .half: self("half blocks", "반칸 블록")
        case .quadrant: self("quadrants", "4분할 블록")
        case .sextant: self("sextants", "6분할 블록")
        case .braille: self("braille dots", "점자")
        case .ascii: self("letters", "문자")
        case .sixel: self("pixels (sixel)", "픽셀 (sixel)")
        case .kitty: self("pixels (kitty)", "픽셀 (kitty)")
        }
    }

    func name(of mode: ColorMode) -> String {
        switch mode {
        case .truecolor: self("all colours", "모든 색")
        case .indexed256: self("256 colours", "256색")
        case .indexed16: self("16 colours", "16색")
        case .none: self("no colours", "색 없음")
        }
    }

    func name(of fit: FitMode) -> String {
        switch fit {
        case .contain: self("whole picture", "영상 전체 보기")
        case .cover: self("picture fills its place", "화면 채우기")
        case .stretch: self("picture stretched", "늘려서 채우기")
        }
    }

    func brightness(_ steps: Int) -> String {
        let number = steps > 0 ? "+\(steps)" : "\(steps)"
        return self("brightness \(number)", "밝기 \(number)")
    }

    func contrast(_ steps: Int) -> String {
        let number = steps > 0 ? "+\(steps)" : "\(steps)"
        return self("contrast \(number)", "대비 \(number)")
    }

    /// - Parameter name: nil: one's own.
    func noPicture(of name: String?) -> String {
        guard let name else { return self("no snapshot: your camera is off", "스냅샷 없음: 내 카메라가 꺼져 있음") }
        return self("no snapshot: there is no picture of \(name)", "스냅샷 없음: \(name) 영상이 없음")
    }

    public func snapshotSaved(_ path: String) -> String { self("snapshot: \(path)", "스냅샷 저장: \(path)") }
    public var snapshotGone: String { self("no snapshot: the picture is gone", "스냅샷 없음: 영상이 사라짐") }
    public var snapshotWithoutFolder: String {
        self(
            "no snapshot: there is no home folder; set XDG_PICTURES_DIR", "스냅샷 없음: 홈 폴더가 없음. XDG_PICTURES_DIR를 지정하세요")
    }
    public var snapshotWithoutThread: String {
        self(
            "no snapshot: the system has no thread left; close some programs", "스냅샷 없음: 시스템에 남은 스레드가 없음. 다른 프로그램을 닫으세요")
    }
    /// - Parameter sentence: "The picture FILE cannot be written: REASON."
    public func snapshotFailed(_ sentence: String) -> String { trouble(sentence) }

    // MARK: - The invitation

    var inviteTitle: String { self("invite", "초대") }
    var noLinkYet: String { self("There is a link as soon as the channel is joined.", "채널에 참가하면 초대 링크가 나옵니다.") }
    public func inviteHow(_ reach: Invitation.Reach) -> String {
        switch reach {
        case .everybody:
            self(
                "Opens the call in a browser, or in a terminal: tchat LINK", "브라우저에서 열거나, 터미널에서 'tchat 링크'로 참가할 수 있습니다.")
        case .thisMachine:
            self(
                "It works on this machine alone: the server cannot be reached from elsewhere.",
                "이 컴퓨터에서만 열립니다. 다른 곳에서는 서버에 연결할 수 없습니다.")
        case .byNameAlone:
            self(
                "No link leads to a channel of this name; others join it by its name: tchat NAME",
                "이 이름의 채널은 링크로 열 수 없습니다. 터미널에서 tchat 채널이름 으로 참가할 수 있습니다.")
        case .noBrowser:
            self(
                "It works in a terminal: tchat LINK. Browsers give a camera to https pages alone.",
                "터미널에서 'tchat 링크'로 참가할 수 있습니다. 브라우저는 https에서만 카메라를 허용합니다.")
        }
    }
    var inviteToken: String {
        self("The link holds your token: whoever has it is let in.", "링크에 내 토큰이 들어 있어, 링크를 아는 사람은 누구나 들어올 수 있습니다.")
    }
    var noRoomForCode: String { self("The QR code needs a larger screen.", "QR 코드를 보려면 더 큰 화면이 필요합니다.") }
    var tooLongForCode: String { self("The link is too long for a QR code.", "링크가 너무 길어 QR 코드를 만들 수 없습니다.") }
    var inviteCopy: String { self("Enter copies it (in most terminals)", "Enter 복사 (터미널이 지원할 때)") }
    var linkCopied: String { self("link copied", "링크 복사함") }
    var linkNotCopied: String { self("not copied: mark it instead", "복사 안 됨, 직접 선택하세요") }
    var escapeCloses: String { self("Esc close", "Esc 닫기") }
    var nobodyReads: String { self("nobody is there to read text", "메시지를 받을 사람이 없음") }
}
