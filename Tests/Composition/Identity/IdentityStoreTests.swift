import DTLS
import Glibc
import Identity
import Testing

@Suite struct IdentityStoreTests {
    private let scratch = Scratch()

    @Test func isMadeOnceAndKept() throws {
        let first = try IdentityStore(folder: scratch.state).load()
        let second = try IdentityStore(folder: scratch.state).load()
        #expect(first.isKept && second.isKept && first.notice == nil && second.notice == nil)
        #expect(first.certificate.fingerprint == second.certificate.fingerprint)
        #expect(scratch.mode("") == 0o700 && scratch.mode("/identity.pem") == 0o600)
        #expect(scratch.names == ["identity.pem"])
    }

    /// All at once, as two terminals that are opened together.
    @Test func startedTogetherTheyAgree() async throws {
        let store = IdentityStore(folder: scratch.state)
        let prints = try await withThrowingTaskGroup(of: CertificateFingerprint.self) { group in
            for _ in 0..<6 { group.addTask { try store.load().certificate.fingerprint } }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(prints.count == 1)
    }

    enum Broken: CaseIterable {
        case empty, nonsense, tooLarge, notText

        var content: [UInt8] {
            switch self {
            case .empty: []
            case .nonsense: Array("nonsense".utf8)
            case .tooLarge: [UInt8](repeating: 0x0a, count: 100_000)
            case .notText: [UInt8](repeating: 0xff, count: 100)
            }
        }
    }

    @Test(arguments: Broken.allCases) func aBrokenOneIsKeptAsideAndReplaced(broken: Broken) throws {
        let content = broken.content
        _ = scratch.made()
        scratch.write(content, as: "identity.pem")
        let identity = try IdentityStore(folder: scratch.state).load()
        #expect(identity.isKept && identity.notice?.contains("identity.pem.broken-1") == true)
        let kept = scratch.read("identity.pem.broken-1") == content
        #expect(kept && scratch.mode("/identity.pem") == 0o600)
        let again = try IdentityStore(folder: scratch.state).load()
        #expect(again.notice == nil && again.certificate.fingerprint == identity.certificate.fingerprint)
        // The next broken one does not overwrite it.
        scratch.write([1], as: "identity.pem")
        _ = try IdentityStore(folder: scratch.state).load()
        #expect(scratch.names == ["identity.pem", "identity.pem.broken-1", "identity.pem.broken-2"])
    }

    /// What is refused stays as it is, and the run has a certificate of its own.
    private func expectOneForThisRun(_ word: String, file: StateFolder? = nil) throws {
        let store = IdentityStore(folder: file ?? scratch.state)
        let (first, second) = (try store.load(), try store.load())
        #expect(!first.isKept && first.notice?.contains(word) == true, "\(first.notice ?? "")")
        #expect(first.certificate.fingerprint != second.certificate.fingerprint)
    }

    @Test func aKeyThatOthersCanReadIsNotUsed() throws {
        _ = try IdentityStore(folder: scratch.state).load()
        let kept = scratch.read("identity.pem")
        chmod(scratch.state.path + "/identity.pem", 0o640)
        try expectOneForThisRun("chmod 600")
        #expect(scratch.read("identity.pem") == kept)
    }

    @Test func linksAreNotFollowed() throws {
        let folder = scratch.made()
        scratch.write(Array(try DTLSCertificate.generate().pem().utf8), as: "elsewhere")
        symlink("elsewhere", folder.path + "/identity.pem")
        try expectOneForThisRun("symbolic link")
        symlink(folder.path, scratch.path + "/link")
        try expectOneForThisRun("symbolic link", file: StateFolder(path: scratch.path + "/link"))
    }

    @Test func pipesAndFoldersAreNotRead() throws {
        let folder = scratch.made()
        mkfifo(folder.path + "/identity.pem", 0o600)
        try expectOneForThisRun("no regular file")
        unlink(folder.path + "/identity.pem")
        mkdir(folder.path + "/identity.pem", 0o700)
        try expectOneForThisRun("no regular file")
    }

    @Test func aFolderThatOthersMayWriteToIsNotUsed() throws {
        chmod(scratch.made().path, 0o777)
        try expectOneForThisRun("chmod 700")
        #expect(scratch.names.isEmpty)
    }

    @Test func othersFilesAreNotUsed() throws {
        _ = try IdentityStore(folder: scratch.state).load()
        // Only root can give a file away.
        guard chown(scratch.state.path + "/identity.pem", 12_345, 12_345) == 0 else { return }
        try expectOneForThisRun("belongs to somebody else")
        chown(scratch.state.path, 12_345, 12_345)
        try expectOneForThisRun("belongs to somebody else")
    }

    @Test func withoutAPlaceToKeepItThereIsOneForThisRun() throws {
        let identity = try IdentityStore(folder: nil).load()
        #expect(!identity.isKept && identity.notice?.contains("HOME") == true)
        _ = scratch.made()
        scratch.write([], as: "file")
        try expectOneForThisRun("cannot", file: StateFolder(path: scratch.state.path + "/file/tchat"))
        try expectOneForThisRun("cannot", file: StateFolder(path: "/proc/tchat"))
        try expectOneForThisRun("absolute", file: StateFolder(path: "relative"))
    }

    @Test func whatCanBeReadIsUsedWhereNothingCanBeWritten() throws {
        let first = try IdentityStore(folder: scratch.state).load()
        unlink(scratch.state.path + "/.lock")
        mkdir(scratch.state.path + "/.lock", 0o700)
        #expect(try IdentityStore(folder: scratch.state).load().certificate.fingerprint == first.certificate.fingerprint)
        unlink(scratch.state.path + "/identity.pem")
        try expectOneForThisRun("lock")
    }
}
