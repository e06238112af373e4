/// The side pane of a call, and its chat.
extension Words {
    var chatOwnName: String { self("you", "나") }
    func chatPlaceholder(key: String) -> String { self("\(key) write", "\(key) 메시지 쓰기") }
    /// Before what is typed.
    var chatSay: String { self("say: ", "메시지: ") }
    func chatAnswers(key: String) -> String { self("\(key) answers", "\(key) 답장") }
    /// Lines below those that are read.
    func chatNew(_ count: Int) -> String { self("\(count) new ↓", "새 소식 \(count)개 ↓") }
    /// People who have no row of their own.
    func chatMore(_ count: Int) -> String { self("\(count) more", "외 \(count)명") }
    /// In place of the words themselves.
    func chatWordsShort(key: String) -> String { self("words: press \(key)", "확인 단어: \(key) 키") }

    var chatKeyChanged: String { self("KEY CHANGED", "키 바뀜") }
    var chatSpeaking: String { self("speaking", "말하는 중") }

    /// What of someone is not sent; empty: nothing.
    func chatNote(microphone: Bool, camera: Bool) -> String {
        let notes = (microphone ? [] : [self("mic off", "마이크 꺼짐")]) + (camera ? [] : [self("camera off", "카메라 꺼짐")])
        return notes.joined(separator: ", ")
    }
}
