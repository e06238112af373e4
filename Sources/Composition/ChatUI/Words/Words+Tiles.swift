/// Under and in the tiles of a call of several.
extension Words {
    // From the longer to the shorter, for narrow tiles.
    /// - Parameter key: ": w", or nothing.
    func tileKeyChanged(_ key: String) -> String { self(" KEY CHANGED\(key) ", " 키 바뀜\(key) ") }
    func tileNotSecure(_ key: String) -> String { self(" NOT SECURE\(key) ", " 안전하지 않음\(key) ") }
    var tileKey: String { self(" KEY! ", " 키! ") }
    var tileMicrophoneOff: String { self("mic off", "마이크 꺼짐") }

    /// Over a picture that stands still.
    func tileNothing(for seconds: Int) -> String { self(" nothing for \(seconds) s ", " \(seconds)초째 수신 없음 ") }

    /// Behind a state; 0: nothing.
    func tileTime(_ seconds: Int) -> String { seconds > 0 ? self(" \(seconds) s", " \(seconds)초") : "" }
    func tileState(_ person: ChatPerson) -> String {
        switch person.connection {
        case .awaited: callNoConnection
        case .connecting: self("connecting", "연결 중")
        case .connected: person.isCameraOn ? noPictureYet : cameraOff
        case .interrupted: self("nothing comes", "수신 없음")
        case .lost: self("connection lost", "연결 끊김")
        }
    }
}
