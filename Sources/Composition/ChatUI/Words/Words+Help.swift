/// What the keys of a call do, in a few words each.
extension Words {
    var helpTitle: String { self("keys", "단축키") }
    func helpTitle(page: Int, of pages: Int, key: String) -> String {
        self("keys \(page)/\(pages), \(key) next", "단축키 \(page)/\(pages), \(key) 다음")
    }

    var helpCall: String { self("The call", "통화") }
    var helpPicture: String { self("The picture", "화면") }
    var helpPeople: String { self("People", "참가자") }
    var helpScreen: String { self("The screen", "터미널") }

    func help(_ action: ChatAction) -> String {
        switch action {
        case .microphone: self("microphone on, off", "마이크 켜기, 끄기")
        case .pushToTalk: self("talk while held", "누르는 동안 말하기")
        case .camera: self("camera on, off", "카메라 켜기, 끄기")
        case .chat: self("write a message", "메시지 쓰기")
        case .words: self("verification words", "도청 확인 단어")
        case .invite: self("invite: link, QR code", "초대: 링크, QR 코드")
        case .statistics: self("statistics", "통계")
        case .leave: self("hang up, to the lobby", "통화 끝내고 로비로")
        case .render: self("blocks, letters, pixels", "블록, 문자, 픽셀")
        case .colors: self("number of colours", "색 수")
        case .brighter, .darker, .moreContrast, .lessContrast: self("brightness, contrast", "밝기, 대비")
        case .fit: self("whole, or filling", "전체 보기, 채우기")
        case .ownPicture: self("own picture: corner, off", "내 화면: 위치, 끄기")
        case .snapshot: self("snapshot (PNG)", "스냅샷 (PNG)")
        case .showAll: self("all pictures", "모두 보기")
        case .help: self("these keys", "단축키 보기")
        }
    }

    var helpEnlarge: String { self("one picture large", "한 사람 크게 보기") }
    var helpScroll: String { self("older messages", "지난 메시지 보기") }
    var helpRedraw: String { self("draw the screen anew", "화면 다시 그리기") }
    var helpAgree: String { self("words are the same", "확인 단어가 같음") }
    var helpPause: String { self("pause; fg goes on", "멈춤, fg로 계속") }
    var helpClose: String { self("close a pane", "창 닫기") }
    var helpQuit: String { self("quit", "종료") }
}
