/// What a client of the seed's server sent (`>`) and got (`<`), captured on WebSockets: pairing, a third that is refused, descriptions,
/// candidates, one leaving and coming back. Taken out: what shows the seed's defects.
enum CapturedFlow {
    static let lines: [(client: String, isSent: Bool, text: String)] = [
        ("A", false, #"["connect success","4nRadNYRLU1mwYEoAAAA"]"#),
        ("A", true, #"["create or join","\ubc29-1"]"#),
        ("A", false, #"["message","4nRadNYRLU1mwYEoAAAA님이 방에 입장하셨습니다."]"#),
        ("B", false, #"["connect success","kRt5rP61ldKJ1GrQAAAB"]"#),
        ("B", true, #"["create or join","\ubc29-1"]"#),
        ("A", false, #"["ready","방-1"]"#),
        ("B", false, #"["ready","방-1"]"#),
        ("A", false, #"["message","kRt5rP61ldKJ1GrQAAAB님이 방에 입장하셨습니다."]"#),
        ("A", false, #"["message","연결을 시작합니다."]"#),
        ("B", false, #"["message","kRt5rP61ldKJ1GrQAAAB님이 방에 입장하셨습니다."]"#),
        ("B", false, #"["message","연결을 시작합니다."]"#),
        ("X", false, #"["connect success","u5MTdYIeXnYha5wAAAAC"]"#),
        ("X", true, #"["create or join","\ubc29-1"]"#),
        ("X", false, #"["channel join failed","방-1 is full"]"#),
        ("A", true, #"["handshake",{"channel":"\ubc29-1","offer":{"type":"offer","sdp":"v=0\r\no=A"}}]"#),
        ("B", false, #"["handshake",{"offer":{"type":"offer","sdp":"v=0\r\no=A"}}]"#),
        ("B", true, #"["handshake",{"channel":"\ubc29-1","answer":{"type":"answer","sdp":"v=0\r\no=B"}}]"#),
        ("A", false, #"["handshake",{"answer":{"type":"answer","sdp":"v=0\r\no=B"}}]"#),
        (
            "A", true,
            #"["icecandidate",{"channel":"\ubc29-1","candidate":{"candidate":"candidate:1 1 udp 2122260223 192.0.2.1 5000 typ host","sdpMid":"0","sdpMLineIndex":0,"usernameFragment":"abcd"}}]"#
        ),
        (
            "B", false,
            #"["icecandidate",{"candidate":{"candidate":"candidate:1 1 udp 2122260223 192.0.2.1 5000 typ host","sdpMid":"0","sdpMLineIndex":0,"usernameFragment":"abcd"}}]"#
        ),
        (
            "B", true,
            #"["icecandidate",{"channel":"\ubc29-1","candidate":{"candidate":"candidate:1 1 udp 2122260223 192.0.2.1 5000 typ host","sdpMid":"0","sdpMLineIndex":0,"usernameFragment":"abcd"}}]"#
        ),
        (
            "A", false,
            #"["icecandidate",{"candidate":{"candidate":"candidate:1 1 udp 2122260223 192.0.2.1 5000 typ host","sdpMid":"0","sdpMLineIndex":0,"usernameFragment":"abcd"}}]"#
        ),
        ("A", true, #"["leave","\ubc29-1"]"#),
        ("B", false, #"["message","4nRadNYRLU1mwYEoAAAA님이 퇴장하셨습니다."]"#),
        ("B", false, #"["wait","방-1"]"#),
        ("A", true, #"["create or join","\ubc29-1"]"#),
        ("B", false, #"["ready","방-1"]"#),
        ("A", false, #"["ready","방-1"]"#),
        ("B", false, #"["message","4nRadNYRLU1mwYEoAAAA님이 방에 입장하셨습니다."]"#),
        ("B", false, #"["message","연결을 시작합니다."]"#),
        ("A", false, #"["message","4nRadNYRLU1mwYEoAAAA님이 방에 입장하셨습니다."]"#),
        ("A", false, #"["message","연결을 시작합니다."]"#),
    ]
}
