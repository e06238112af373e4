import Glibc
import Signaling
import Testing

@testable import ChatUI
@testable import tchat

@Suite struct SnapshotPlaceTests {
    private func folder(_ environment: [String: String], _ files: [String: String] = [:], folders: Set<String> = []) -> String? {
        SnapshotPlace.folder(environment: { environment[$0] }, file: { files[$0] }, exists: { folders.contains($0) })
    }

    @Test func theFolderIsThePersons() {
        let dirs = ["/h/.config/user-dirs.dirs": "# a\nXDG_MUSIC_DIR=\"$HOME/M\"\nXDG_PICTURES_DIR=\"$HOME/사진\"\n"]
        #expect(folder(["HOME": "/h", "XDG_PICTURES_DIR": "/p"], dirs, folders: ["/h/사진"]) == "/p")
        #expect(folder(["HOME": "/h"], dirs, folders: ["/h/사진"]) == "/h/사진")
        #expect(folder(["HOME": "/h"], dirs) == "/h")
        #expect(folder(["HOME": "/h", "XDG_PICTURES_DIR": "relative"]) == "/h")
        #expect(folder(["HOME": "/h", "XDG_CONFIG_HOME": "/c"], ["/c/user-dirs.dirs": "XDG_PICTURES_DIR=\"/x\""], folders: ["/x"]) == "/x")
        #expect(folder([:]) == nil)
    }

    @Test(arguments: ["\"$(reboot)\"", "\"`x`\"", "\"$HOMEx\"", "\"/a$b\"", "\"../x\"", "\"/a\\\"b\"", "/a", "\"/a", "\"\""])
    func whatOnlyAShellCouldReadIsNotTaken(value: String) {
        #expect(SnapshotPlace.entry(in: "XDG_PICTURES_DIR=\(value)\n", home: "/h") == nil)
    }

    @Test(arguments: [
        ("standup", "tchat-standup-2026-11-25-081500.png"), ("../../etc/passwd", "tchat-etc-passwd-2026-11-25-081500.png"),
        ("a b/\u{1b}[2J c", "tchat-a-b-2J-c-2026-11-25-081500.png"), ("회의", "tchat-회의-2026-11-25-081500.png"),
        ("...", "tchat-2026-11-25-081500.png"),
    ])
    func theNameIsSafe(channel: String, name: String) {
        var time = tm()
        (time.tm_year, time.tm_mon, time.tm_mday, time.tm_hour, time.tm_min, time.tm_sec) = (126, 10, 25, 8, 15, 0)
        #expect(SnapshotPlace.name(channel: channel, time: time) == name)
        #expect(SnapshotPlace.name(channel: channel, time: time, attempt: 2) == name.dropLast(4) + "-2.png")
        #expect(SnapshotPlace.name(channel: String(repeating: "회", count: 64), time: time).utf8.count < 255)
    }

    @Test func anInvitationSaysForWhomItWorks() {
        func invitation(_ server: ServerURL, _ token: String? = nil) -> Invitation {
            Invitation(server: server, channel: "a b", token: token)
        }
        #expect(invitation(ServerURL(isSecure: true, host: "x.org", port: 443)).reach == .everybody)
        #expect(invitation(ServerURL(isSecure: true, host: "x.org", port: 443)).link == "https://x.org/a%20b")
        #expect(invitation(ServerURL(host: "10.1.1.1")).reach == .noBrowser)
        #expect(invitation(ServerURL(isSecure: true, host: "127.0.0.1")).reach == .thisMachine)
        let closed = invitation(ServerURL(isSecure: true, host: "x.org", port: 443), "t.u")
        #expect(closed.hasToken && closed.link == "https://x.org/a%20b#token=t.u")
        // Pages of the server's own, and names that a link cannot say.
        for name in ["metrics", ".", "-", "healthz"] {
            let none = Invitation(server: ServerURL(isSecure: true, host: "x.org"), channel: name, token: "t.u")
            #expect(none.link.isEmpty && none.reach == .byNameAlone && !none.hasToken, "\(name)")
        }
    }
}
