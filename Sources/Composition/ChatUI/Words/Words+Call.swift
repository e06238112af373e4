/// What happens in a call, and what is awaited where there is no picture.
extension Words {
    // MARK: - Who

    var callOther: String { self("the other side", "상대방") }
    var callGuest: String { self("guest", "게스트") }
    func callGuest(_ number: Int) -> String { self("guest \(number)", "게스트 \(number)") }

    // MARK: - Coming and going

    func callArrived(_ name: String) -> String { self("\(name) joined", "\(name) 참가함") }
    func callIsHere(_ name: String) -> String { self("\(name) is here", "\(name) 먼저 와 있음") }

    /// - Parameter reason: the call's sentence about someone of this name, in English; empty: not known. What is not understood is told
    ///   as it is.
    func callLeft(_ name: String, reason: String) -> String {
        let nameless = "The other side"
        var clause = reason.hasPrefix(nameless) ? name + reason.dropFirst(nameless.count) : reason
        if clause.last == "." { clause.removeLast() }
        if clause.isEmpty { clause = "\(name) left" }
        let korean =
            switch clause {
            case "\(name) left": "\(name) 나감"
            case "\(name) is gone": "\(name) 연결 끊김"
            case "Nothing has come from \(name) for 7 seconds", "Nothing has come from \(callOtherEnglish) for 7 seconds":
                "\(name) 연결 끊김: 7초 동안 수신 없음"
            case "The connection to \(name) has failed", "The connection to \(callOtherEnglish) has failed":
                "\(KoreanParticle.with.behind(name)) 연결 실패"
            default: clause
            }
        return self(clause, korean)
    }
    private var callOtherEnglish: String { "the other side" }

    // MARK: - Connections

    /// "direct", "relayed", "relayed over TLS".
    func callPath(_ path: String) -> String {
        let kinds = [("direct", "직접 연결"), ("relayed", "중계")]
        guard let (english, korean) = kinds.first(where: { path.hasPrefix($0.0) }) else { return path }
        return self(path, korean + path.dropFirst(english.count).replacing(" over ", with: " "))
    }

    /// - Parameter name: nil in a call of two, as for the next ones.
    func callConnected(_ name: String?, path: String) -> String {
        let lead = name.map { "\($0): " } ?? ""
        return self("\(lead)connected, \(path)", "\(lead)연결됨, \(callPath(path))")
    }
    func callPathChanged(_ name: String?, path: String) -> String {
        self(
            "the path\(name.map { " to \($0)" } ?? "") is \(path) now",
            "\(name.map { "\($0): " } ?? "")경로가 \(KoreanParticle.toward.behind(callPath(path))) 바뀜")
    }
    func callInterrupted(_ name: String?) -> String {
        self("connection\(name.map { " to \($0)" } ?? "") interrupted", "\(name.map { "\($0): " } ?? "")연결이 잠시 끊김")
    }
    func callResumed(_ name: String?) -> String {
        self("connection\(name.map { " to \($0)" } ?? "") is back", "\(name.map { "\($0): " } ?? "")다시 연결됨")
    }

    // MARK: - Trust

    func callWords(_ words: [String]) -> String {
        let words = words.joined(separator: " ")
        return self("words: \(words)", "확인 단어: \(words)")
    }
    func callNotSecure(_ name: String?, _ why: String) -> String {
        self("NOT SECURE\(name.map { " with \($0)" } ?? ""): \(why)", "\(name.map { "\($0): " } ?? "")안전하지 않음: \(wordsClause(why))")
    }
    func callKeyChanged(_ name: String, since: String) -> String {
        self("\(name) had another key until now, known since \(since)", "\(name)의 키가 바뀜, 이전 키는 \(since)부터 사용")
    }

    // MARK: - Signaling

    var callSignalingBack: String { self("the signaling server is back", "시그널링 서버에 다시 연결됨") }
    /// - Parameter why: the sentence that came with it, in English; empty: none.
    func callSignalingLost(_ why: String, goesOn: Bool) -> String {
        let known = ["", "The connection to the signaling server is lost.", "The signaling server is lost."]
        let isKnown = known.contains(why) || why.hasPrefix("The signaling server is gone;")
        let english = callGoesOn(why.isEmpty ? "The signaling server is lost." : why, goesOn)
        return self(english, callGoesOn(isKnown ? "시그널링 서버와 연결이 끊김" : trouble(why), goesOn))
    }
    /// - Parameter said: by the server.
    func callServerStopping(_ said: String) -> String {
        let english = said.contains("stopping") ? said : "The signaling server is stopping" + (said.isEmpty ? "." : ": \(said)")
        let isPlain = said.isEmpty || said == "The server is stopping." || said == "The server stops."
        let korean = "시그널링 서버가 곧 종료됨" + (isPlain ? "" : ": \(trouble(said))")
        return self(english, korean)
    }

    /// People who see each other do so without the server, which the sentence may say already.
    func callGoesOn(_ sentence: String, _ goesOn: Bool) -> String {
        let clause = sentence.last == "." ? String(sentence.dropLast()) : sentence
        guard goesOn, !sentence.contains("call goes on"), !sentence.contains("통화는 계속") else { return clause }
        return clause + self("; the call goes on", ", 통화는 계속됨")
    }

    // MARK: - In the middle of where the picture will be

    func callJoining(_ channel: String) -> String { self("Joining \(channel)…", "\(channel) 참가 중…") }
    func callBack(key: String) -> String { self("\(key) goes back to the lobby", "\(key) 로비로") }
    func waiting(in channel: String) -> String { self("Waiting in \(channel).", "\(channel)에서 기다리는 중") }
    var callBegins: String { self("The call begins when someone joins.", "누군가 참가하면 통화가 시작됩니다.") }
    func callLeftAlone(_ name: String, in channel: String) -> String {
        self("\(name) left. Waiting in \(channel).", "\(KoreanParticle.subject.behind(name)) 나갔습니다. \(channel)에서 기다리는 중")
    }
    func callConnecting(_ name: String) -> String { self("Connecting to \(name)", "\(KoreanParticle.with.behind(name)) 연결하는 중") }
    var callOffer: String { self("waiting for the offer", "연결 요청을 기다리는 중") }
    var callSearch: String { self("looking for a path", "경로를 찾는 중") }
    func callConnected(_ name: String) -> String { self("Connected to \(name)", "\(KoreanParticle.with.behind(name)) 연결됨") }
    func callNothing(_ name: String) -> String { self("Nothing from \(name)", "\(name) 쪽에서 아무것도 오지 않음") }
    var callReturn: String { self("waiting for the connection to come back", "다시 연결되기를 기다리는 중") }
    func callLost(_ name: String) -> String { self("The connection to \(name) is lost", "\(KoreanParticle.with.behind(name)) 연결이 끊겼습니다") }
    var callRetry: String { self("it is tried again", "다시 시도하는 중") }
    func callSeconds(_ seconds: Int) -> String { self("\(seconds) s", "\(seconds)초") }
    /// Over a picture that stands still.
    func callNothing(_ name: String, for seconds: Int) -> String {
        self(" nothing from \(name) for \(seconds) s ", " \(name) 쪽 수신 없음, \(seconds)초째 ")
    }
    var callNoPicture: String { self("no picture", "영상 없음") }
    var callStatistics: String { self("statistics", "통계") }
    var callNoConnection: String { self("no connection yet", "아직 연결 안 됨") }
}
