import CallControl
import DTLS
import Glibc
import Identity
import Testing

@Suite struct KnownPeersFileTests {
    private let scratch = Scratch()
    private let ada = opensslSHA256([1])
    private let bob = opensslSHA256([2])
    private let day = UTCDay(number: 20_000)

    @Test func whatIsLearnedIsThereTheNextTime() {
        var file = KnownPeersFile(folder: scratch.state)
        #expect(file.peers.peers.isEmpty && scratch.names.isEmpty)
        let verdict = file.update { $0.record(name: "Ada", fingerprint: ada, on: day) }
        #expect(verdict == .firstSeen && file.isKept && file.takeNotice() == nil)
        var again = KnownPeersFile(folder: scratch.state)
        #expect(again.peers.verdict(name: "Ada", fingerprint: ada) == .known(since: day, lastSeen: day))
        #expect(again.peers.verdict(name: "Ada", fingerprint: bob) == .changed(previous: ada, since: day))
        #expect(again.takeNotice() == nil)
        #expect(scratch.mode("") == 0o700 && scratch.mode("/known_peers") == 0o600)
        #expect(scratch.names == ["known_peers"] && scratch.text("known_peers")?.hasPrefix("# ") == true)
    }

    @Test func twoProgramsLoseNothing() {
        var (first, second) = (KnownPeersFile(folder: scratch.state), KnownPeersFile(folder: scratch.state))
        first.update { $0.record(name: "Ada", fingerprint: ada, on: day) }
        second.update { $0.record(name: "Bob", fingerprint: bob, on: day) }
        #expect(second.peers.peers.map(\.name) == ["Ada", "Bob"])
        first.reload()
        #expect(first.peers == second.peers)
    }

    @Test func manyAtOnceLoseNothing() async {
        let folder = scratch.state
        await withTaskGroup(of: Bool.self) { group in
            for task in 0..<4 {
                group.addTask {
                    var file = KnownPeersFile(folder: folder)
                    for number in 0..<4 {
                        file.update { $0.record(name: "\(task) \(number)", fingerprint: opensslSHA256([1]), on: UTCDay(number: 1)) }
                    }
                    return file.isKept
                }
            }
            for await isKept in group { #expect(isKept) }
        }
        #expect(KnownPeersFile(folder: folder).peers.peers.count == 16)
        #expect(scratch.names == ["known_peers"])
    }

    @Test func aHandWrittenFileKeepsItsRemarks() {
        _ = scratch.made()
        scratch.write("# mine\nfrom the future: x\n".utf8, as: "known_peers", mode: 0o644)
        var file = KnownPeersFile(folder: scratch.state)
        file.update { $0.confirm(name: "Ada", fingerprint: ada, on: day) }
        #expect(scratch.text("known_peers")?.hasPrefix("# mine\nfrom the future: x\nAda sha-256:") == true)
        #expect(scratch.text("known_peers")?.hasSuffix(" verified\n") == true)
    }

    @Test func whoOnlyLooksWritesNothing() {
        _ = scratch.made()
        // Without an end of the last line, so that writing it again would show.
        scratch.write("# mine".utf8, as: "known_peers")
        var file = KnownPeersFile(folder: scratch.state)
        file.update { _ = $0.verdict(name: "Ada", fingerprint: ada) }
        #expect(scratch.text("known_peers") == "# mine")
    }

    enum Broken: CaseIterable {
        case nul, notUTF8, tooManyLines, tooLarge

        var content: [UInt8] {
            switch self {
            case .nul: [0x61, 0, 0x62]
            case .notUTF8: [0xff, 0x0a]
            case .tooManyLines: [UInt8](repeating: 0x0a, count: 10_002)
            case .tooLarge: [UInt8](repeating: 0x61, count: 1_100_000)
            }
        }
    }

    @Test(arguments: Broken.allCases) func aBrokenFileIsKeptAsideAndReported(broken: Broken) {
        let content = broken.content
        _ = scratch.made()
        scratch.write(content, as: "known_peers")
        var file = KnownPeersFile(folder: scratch.state)
        let notice = file.takeNotice()
        #expect(notice?.contains("known_peers.broken-1") == true && notice?.contains("all peers seem new") == true)
        #expect(file.takeNotice() == nil && file.isKept)
        let kept = scratch.read("known_peers.broken-1") == content
        #expect(kept)
        file.update { $0.record(name: "Ada", fingerprint: ada, on: day) }
        #expect(KnownPeersFile(folder: scratch.state).peers.peers.count == 1)
    }

    private func expectForgetful(_ word: String, _ folder: StateFolder?) {
        var file = KnownPeersFile(folder: folder)
        #expect(file.update { $0.record(name: "Ada", fingerprint: ada, on: day) } == .firstSeen)
        // Known in this run all the same.
        file.reload()
        #expect(file.update { $0.record(name: "Ada", fingerprint: bob, on: day) } == .changed(previous: ada, since: day))
        let notice = file.takeNotice()
        #expect(!file.isKept && notice?.contains(word) == true && notice?.contains("forgotten") == true, "\(notice ?? "")")
        #expect(file.takeNotice() == nil)
        #expect(KnownPeersFile(folder: folder).peers.verdict(name: "Ada", fingerprint: ada) == .firstSeen)
    }

    @Test func withoutAPlaceItWorksForThisRunAndSaysSo() {
        expectForgetful("HOME", nil)
        expectForgetful("absolute", StateFolder(path: "relative"))
        expectForgetful("cannot make", StateFolder(path: "/proc/nothing/tchat"))
    }

    @Test func linksPipesAndOpenFoldersAreRefused() {
        let folder = scratch.made()
        scratch.write("#".utf8, as: "elsewhere")
        symlink("elsewhere", folder.path + "/known_peers")
        expectForgetful("symbolic link", folder)
        #expect(scratch.text("elsewhere") == "#")
        unlink(folder.path + "/known_peers")
        mkfifo(folder.path + "/known_peers", 0o600)
        expectForgetful("no regular file", folder)
        unlink(folder.path + "/known_peers")
        scratch.write("#".utf8, as: "known_peers", mode: 0o666)
        expectForgetful("chmod 600", folder)
        chmod(folder.path, 0o770)
        expectForgetful("chmod 700", folder)
    }

    @Test func whatCanBeReadIsKnownWhereNothingCanBeWritten() {
        var file = KnownPeersFile(folder: scratch.state)
        file.update { $0.record(name: "Ada", fingerprint: ada, on: day) }
        unlink(scratch.state.path + "/.lock")
        mkdir(scratch.state.path + "/.lock", 0o700)
        var readOnly = KnownPeersFile(folder: scratch.state)
        #expect(readOnly.isKept && readOnly.takeNotice() == nil)
        #expect(readOnly.update { $0.record(name: "Ada", fingerprint: bob, on: day) } == .changed(previous: ada, since: day))
        readOnly.update { $0.record(name: "Bob", fingerprint: bob, on: day) }
        #expect(readOnly.peers.peers.count == 2 && !readOnly.isKept && readOnly.takeNotice()?.contains("lock") == true)
    }

    /// As after a crash in the middle of writing.
    @Test func whatACrashLeftBehindIsInNobodysWay() {
        _ = scratch.made()
        scratch.write("half".utf8, as: "known_peers.new")
        var file = KnownPeersFile(folder: scratch.state)
        file.update { $0.record(name: "Ada", fingerprint: ada, on: day) }
        #expect(scratch.names == ["known_peers"] && file.isKept)
    }
}
