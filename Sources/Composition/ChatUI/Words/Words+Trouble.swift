/// What went wrong below the screen: signaling, files, the system.
extension Words {
    /// A sentence that came with an event, in the screen's language where it is known.
    public func trouble(_ sentence: String) -> String {
        // Sentences from the network have no more to be looked at than this.
        guard language == .korean, sentence.utf8.count <= 4000 else { return sentence }
        return Self.korean(sentence, depth: 0)
    }

    /// Why the signaling server is lost, in a whole sentence; what came with it may be nothing.
    func lost(_ why: String) -> String {
        why.isEmpty ? self("The signaling server is lost.", "시그널링 서버와 연결이 끊겼습니다.") : trouble(why)
    }

    private static func korean(_ sentence: String, depth: Int) -> String {
        guard depth < 3 else { return sentence }
        for known in knownSentences {
            if let korean = known.korean(for: sentence, translate: { Self.korean($0, depth: depth + 1) }) { return korean }
        }
        return sentence
    }

    private static let knownSentences =
        signalingSentences + refusalSentences + callSentences + fileSentences + systemSentences

    private static let signalingSentences = [
        KnownSentence("The signaling server is lost.", "시그널링 서버와 연결이 끊겼습니다."),
        KnownSentence("The connection to the signaling server is lost.", "시그널링 서버와 연결이 끊겼습니다."),
        KnownSentence(
            "The signaling server is gone; the call goes on, nobody new can join until it is back.",
            "시그널링 서버와 연결이 끊겼습니다. 통화는 계속되지만, 다시 연결될 때까지 새로 참가할 수 없습니다."),
        KnownSentence("* The call goes on, but nobody new can join.", "$1 통화는 계속되지만 새로 참가할 수 없습니다."),
        KnownSentence("Nothing answers at *.", "$1에서 응답이 없습니다."),
        KnownSentence("* cannot be reached: *.", "$1에 연결할 수 없습니다: $2."),
        KnownSentence("* cannot be reached.", "$1에 연결할 수 없습니다."),
        KnownSentence("* does not answer.", "$1에서 응답이 없습니다."),
        KnownSentence("The name * cannot be resolved.", "$1 주소를 찾을 수 없습니다. 이름과 네트워크를 확인하세요."),
        KnownSentence("What answers at * is no signaling server.", "시그널링 서버가 아닌 주소입니다: $1. 주소를 확인하세요."),
        KnownSentence(
            "What answers at * is no signaling server (HTTP status *).", "시그널링 서버가 아닌 주소입니다: $1(HTTP 상태 $2). 주소를 확인하세요."),
        KnownSentence("The server at * does not let this client in (HTTP status *).", "$1 서버가 접속을 허용하지 않습니다(HTTP 상태 $2)."),
        KnownSentence(
            "The server at * takes no more connections from here at the moment (HTTP status *).",
            "$1 서버가 지금은 이곳에서 오는 연결을 더 받지 않습니다(HTTP 상태 $2)."),
        KnownSentence("The server at * is there but does not serve at the moment (HTTP status *).", "$1 서버가 지금은 동작하지 않습니다(HTTP 상태 $2)."),
        KnownSentence("The server does not take what is sent to it.", "서버가 데이터를 받지 않습니다."),
        KnownSentence("The server has not answered.", "서버에서 응답이 없습니다."),
        KnownSentence("The signaling server ends with the program that it runs in.", "서버가 실행된 프로그램이 끝나 함께 종료됩니다."),
        KnownSentence("The server refused.", "서버가 거부했습니다."),
        KnownSentence("The certificate of * is not for *: it may be somebody else's.", "$1의 인증서가 $2용이 아닙니다. 다른 사람의 것일 수 있습니다."),
        KnownSentence("No TLS connection to * can be made.", "$1에 TLS로 연결할 수 없습니다."),
        KnownSentence("* speaks only an old TLS, which is not safe.", "$1 서버가 안전하지 않은 옛 TLS만 지원합니다."),
        KnownSentence("* has closed the connection.", "$1에서 연결을 닫았습니다."),
    ]

    /// The server's words, with the advice behind them, where a channel is to be joined once more.
    private static let refusalSentences = [
        KnownSentence("the channel is full. *", "채널이 가득 찼습니다."),
        KnownSentence("the channel has a password: join with it. *", "이 채널은 비밀번호가 필요합니다."),
        KnownSentence("the password is not right. *", "비밀번호가 맞지 않습니다."),
        KnownSentence("too many wrong passwords: wait before the next one. *", "비밀번호를 너무 많이 틀렸습니다. 잠시 후 다시 시도하세요."),
        KnownSentence("too many channels. *", "참가한 채널이 너무 많습니다."),
        KnownSentence("the token has expired: ask for a new one. *", "토큰이 만료되었습니다. 서버 관리자에게 새 토큰을 받으세요."),
        KnownSentence("too many messages at once: wait before the next one. *", "요청이 너무 많습니다. 잠시 후 다시 시도하세요."),
        KnownSentence("the server is stopping.", "서버가 곧 종료됩니다."),
    ]

    private static let callSentences = [
        KnownSentence("Nobody is there to read text.", "메시지를 받을 사람이 없습니다."),
        KnownSentence("The channel cannot be joined again. *", "채널에 다시 참가할 수 없습니다. $1"),
        KnownSentence("The channel cannot be joined: *.", "채널에 참가할 수 없습니다: $1."),
        KnownSentence(
            "The system has no thread left to give; raise the limit (ulimit -u).", "스레드를 더 만들 수 없습니다. 한도를 늘리세요(ulimit -u)."),
        KnownSentence(
            "No UDP socket can be opened; is the limit on open files reached (ulimit -n)?",
            "UDP 소켓을 열 수 없습니다. 열린 파일 한도를 확인하세요(ulimit -n)."),
        KnownSentence("The other side's description cannot be used: *.", "상대가 보낸 연결 정보를 쓸 수 없습니다: $1."),
        KnownSentence(
            "No connection to *: * It is tried again as long as they wait.", "$1 쪽과 연결하지 못했습니다: $2 상대가 기다리는 동안 다시 시도합니다."),
        KnownSentence("The TURN server * gives no relay: *.", "TURN 서버 $1에서 중계를 받지 못했습니다: $2."),
        KnownSentence("The TURN server * has not answered.", "TURN 서버 $1에서 응답이 없습니다."),
        KnownSentence("Known peers cannot be read, so all peers seem new: *.", "아는 상대 목록을 읽을 수 없어 모두 새 상대로 보입니다: $1."),
        KnownSentence("Known peers cannot be kept: *.", "아는 상대 목록을 저장할 수 없습니다: $1."),
    ]

    private static let fileSentences = [
        KnownSentence("Recent channels cannot be read, so none are shown: *.", "최근 채널을 읽을 수 없어 표시하지 않습니다: $1."),
        KnownSentence("Recent channels cannot be kept: *.", "최근 채널을 저장할 수 없습니다: $1."),
        KnownSentence(
            "The recording * has ended: the disk does not take it as fast as the screen changes.",
            "$1 녹화가 끝났습니다: 디스크가 화면이 바뀌는 속도를 따라가지 못합니다."),
        KnownSentence("The recording * has ended: *.", "$1 녹화가 끝났습니다: $2."),
        KnownSentence("The recording * cannot be written: *.", "$1에 녹화할 수 없습니다: $2."),
        KnownSentence("The picture * cannot be written: *.", "스냅샷을 저장하지 못했습니다: $1, $2."),
        KnownSentence("The folder * cannot be made: *.", "$1 폴더를 만들 수 없습니다: $2."),
        KnownSentence("* cannot be written: *.", "$1에 쓸 수 없습니다: $2."),
        // Clauses of the state folder's; the system's reason follows where there is one.
        KnownSentence("cannot read *: *", "$1 읽기 실패, $2"),
        KnownSentence("cannot write *: *", "$1 쓰기 실패, $2"),
        KnownSentence("cannot open *: *", "$1 열기 실패, $2"),
        KnownSentence("cannot look at *: *", "$1 확인 실패, $2"),
        KnownSentence("cannot lock *: *", "$1 잠금 실패, $2"),
        KnownSentence("cannot make *: *", "$1 만들기 실패, $2"),
        KnownSentence("cannot rename *: *", "$1 이름 바꾸기 실패, $2"),
        KnownSentence("* is a symbolic link", "$1 파일이 심볼릭 링크임"),
        KnownSentence("* is a symbolic link or no folder", "$1 경로가 심볼릭 링크이거나 폴더가 아님"),
        KnownSentence("* is no regular file", "$1 경로가 일반 파일이 아님"),
        KnownSentence("* belongs to somebody else", "$1 소유자가 다른 사용자임"),
        KnownSentence("* is damaged", "$1 파일이 손상됨"),
        KnownSentence("* is larger than 64 KiB", "$1 파일이 64KiB보다 큼"),
        KnownSentence("others may write to *; chmod * mends that", "다른 사용자가 $1에 쓸 수 있음, chmod $2로 고치세요"),
        KnownSentence("others may read *; chmod * mends that", "다른 사용자가 $1 파일을 읽을 수 있음, chmod $2로 고치세요"),
        KnownSentence("another tchat holds the lock of *", "다른 tchat이 $1 폴더를 쓰고 있음"),
    ]

    /// What strerror says.
    private static let systemSentences = [
        KnownSentence("No space left on device", "디스크 공간 부족"), KnownSentence("Disk quota exceeded", "디스크 할당량 초과"),
        KnownSentence("Permission denied", "권한 없음"), KnownSentence("Operation not permitted", "권한 없음"),
        KnownSentence("Read-only file system", "읽기 전용 파일 시스템"), KnownSentence("No such file or directory", "그런 파일이나 폴더 없음"),
        KnownSentence("Is a directory", "폴더임"), KnownSentence("Not a directory", "폴더가 아님"),
        KnownSentence("Input/output error", "입출력 오류"), KnownSentence("File too large", "파일이 너무 큼"),
        KnownSentence("File exists", "이미 있는 파일"), KnownSentence("there is such a file already", "같은 이름의 파일이 이미 있음"),
        KnownSentence("File name too long", "파일 이름이 너무 김"), KnownSentence("Too many open files", "열린 파일이 너무 많음"),
        KnownSentence("Connection refused", "연결 거부됨"), KnownSentence("Connection reset by peer", "상대가 연결을 끊음"),
        KnownSentence("Connection timed out", "연결 시간 초과"), KnownSentence("No route to host", "호스트로 가는 경로 없음"),
        KnownSentence("Network is unreachable", "네트워크에 연결할 수 없음"),
    ]
}
