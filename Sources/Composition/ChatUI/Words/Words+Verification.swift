/// Whether anybody sits between two people. The words that they compare are English in every language: both ends read the same ones.
extension Words {
    var wordsTitle: String { self("words", "확인 단어") }
    var wordsClose: String { self("Esc close", "Esc 닫기") }
    func wordsAgree(_ key: String, isBrief: Bool) -> String { "\(key) " + self(isBrief ? "the same" : "they are the same", "같음") }
    var wordsNobody: String { self("Nobody else is there.", "다른 사람이 없습니다.") }

    // MARK: - In a word or two

    func wordsState(_ person: ChatPerson) -> String {
        if case .failed = person.verification { return self("NOT SECURE", "안전하지 않음") }
        switch person.acquaintance {
        case .changed: return chatKeyChanged
        case .known(_, isVerified: true): return self("verified", "확인됨")
        default: break
        }
        switch person.verification {
        case .impossible: return self("not verifiable", "확인 불가")
        case .pending:
            return person.connection == .connected ? self("being agreed on", "준비 중") : self("no connection", "연결 안 됨")
        default: break
        }
        switch person.acquaintance {
        case .firstSeen: return self("first seen", "첫 통화")
        case .known(let since, _): return self("known since \(wordsDay(since))", "\(wordsDay(since))부터 같은 키")
        default: return self("not compared", "확인 전")
        }
    }

    private func wordsDay(_ text: String) -> String { String(text.unicodeScalars.prefix(10)) }

    // MARK: - Sentences

    /// - Parameter name: nil in a call of two, as for the next ones.
    func wordsRead(_ name: String?) -> String {
        self(
            (name.map { "Read them aloud to \($0), and hear theirs." } ?? "Read them aloud to each other.")
                + " The same on both ends: nobody sits between you. Different: hang up.",
            (name.map { "\(KoreanParticle.with.behind($0)) 이 영어 단어를" } ?? "이 영어 단어를")
                + " 서로 소리 내어 읽으세요. 상대 화면에도 영어로 나옵니다. 같으면 중간에 아무도 없습니다. 다르면 통화를 끊으세요.")
    }
    var wordsReadBriefly: String {
        self("Compare them aloud; when they differ, hang up.", "영어 단어를 소리 내어 비교하고, 다르면 끊으세요.")
    }
    func wordsPending(_ name: String?) -> String {
        self(
            "The words \(name.map { "with \($0) " } ?? "")are being agreed on.",
            "\(name.map { "\(KoreanParticle.with.behind($0)) 쓸 " } ?? "")확인 단어를 준비하고 있습니다.")
    }
    func wordsImpossible(_ name: String?, _ why: String) -> String {
        self(
            "It cannot be verified that nobody sits between \(name.map { "you and \($0)" } ?? "you"): \(why).",
            "\(name.map { "\(KoreanParticle.with.behind($0))의 통화 " } ?? "")중간에 아무도 없는지 확인할 수 없습니다: \(wordsClause(why)).")
    }
    func wordsFailed(_ name: String?, _ why: String) -> String {
        self(
            "Somebody may sit between \(name.map { "you and \($0)" } ?? "you"): \(why). Hang up, and do not trust this call.",
            "\(name.map { "\(KoreanParticle.with.behind($0))의 통화 " } ?? "")중간에 누가 있을 수 있습니다: \(wordsClause(why)). "
                + "통화를 끊고, 이 통화를 믿지 마세요.")
    }

    func wordsFirstSeen(_ name: String) -> String {
        self("This is the first call with \(name) on this machine.", "이 컴퓨터에서 \(KoreanParticle.with.behind(name)) 처음 하는 통화입니다.")
    }
    func wordsKnown(_ name: String, since: String, isVerified: Bool) -> String {
        self(
            "\(name) has had this key since \(since)" + (isVerified ? ", and its words were compared." : "."),
            "\(name)의 키는 \(since)부터 그대로" + (isVerified ? "이며, 단어도 확인했습니다." : "입니다."))
    }
    func wordsChangedBriefly(since: String) -> String {
        self("THE KEY HAS CHANGED since \(since): a new machine, or somebody else.", "키가 바뀜(이전 키: \(since)부터): 새 컴퓨터이거나 다른 사람입니다.")
    }
    func wordsChanged(_ name: String, since: String) -> String {
        self(
            "THE KEY HAS CHANGED. Until now \(name) had another one, known since \(since). It may be a new machine, or somebody else: "
                + "compare the words before you say anything.",
            "키가 바뀌었습니다. 지금까지 \(KoreanParticle.topic.behind(name)) \(since)부터 다른 키를 썼습니다. 새 컴퓨터일 수도, 다른 사람일 수도 있습니다. "
                + "이야기하기 전에 단어를 비교하세요.")
    }

    /// Why there are no words, or none to be trusted: a clause of the call's. What is not known is told as it is.
    func wordsClause(_ why: String) -> String {
        let korean =
            switch why {
            case "the other side has no data channels": "상대가 데이터 채널을 쓰지 않음"
            case "the other side's program is too old": "상대의 프로그램이 너무 오래됨"
            case "the other side is not tchat": "상대가 tchat을 쓰지 않음"
            case "the other side is a browser": "상대가 브라우저를 씀"
            case "the other side did not answer in time": "상대가 제때 응답하지 않음"
            case "the certificates have no SHA-256 fingerprint": "인증서에 SHA-256 지문이 없음"
            case "the other side's part cannot be read": "상대가 보낸 값을 읽을 수 없음"
            case "the other side committed twice": "상대가 약속 값을 두 번 보냄"
            case "the other side revealed its part too early": "상대가 값을 너무 일찍 공개함"
            case "the other side revealed its part twice": "상대가 값을 두 번 공개함"
            case "our own part came back; somebody may sit in the middle": "내가 보낸 값이 되돌아옴, 중간에 누가 있을 수 있음"
            case "the other side sees other certificates than this one; somebody may sit in the middle":
                "상대가 보는 인증서가 이쪽과 다름, 중간에 누가 있을 수 있음"
            default: why
            }
        return self(why, korean)
    }
}
