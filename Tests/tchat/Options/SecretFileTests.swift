import Glibc
import Testing

@testable import tchat

@Suite struct SecretFileTests {
    private let folder = TemporaryFolder()

    @Test func isItsContentWithoutTheWhitespaceAround() throws {
        let path = folder.write(Array(" \n0123456789abcdef 0\r\n\n".utf8), as: "secret")
        #expect(try SecretFile(path).secret == Array("0123456789abcdef 0".utf8))
    }

    @Test func bytesAreTakenAsTheyAre() throws {
        let bytes = (0..<32).map { UInt8(0xe0 + $0) }
        #expect(try SecretFile(folder.write(bytes, as: "secret")).secret == bytes)
    }

    @Test func whatIsTooShortIsNoSecret() throws {
        let path = folder.write(Array("0123456789abcde \n\n\n".utf8), as: "secret")
        let said = try #require(#expect(throws: PlainFailure.self) { try SecretFile(path) }).description
        #expect(said.contains("too short") && said.contains("16 bytes") && !said.contains("0123456789"))
    }

    @Test func whatIsTooLongIsNotRead() throws {
        let path = folder.write([UInt8](repeating: 0x61, count: 4097), as: "secret")
        #expect(throws: PlainFailure.self) { try SecretFile(path) }
        #expect(throws: PlainFailure.self) { try SecretFile("/dev/zero") }
        #expect(throws: PlainFailure.self) { try SecretFile("/nowhere") }
        #expect(throws: PlainFailure.self) { try SecretFile("/") }
    }

    @Test func warnsWhenOthersCanReadIt() throws {
        let path = folder.write(Array("0123456789abcdef".utf8), as: "secret")
        for (mode, isOpen) in [(0o644, true), (0o640, true), (0o604, true), (0o600, false), (0o400, false)] {
            chmod(path, mode_t(mode))
            #expect((try SecretFile(path).warning != nil) == isOpen, "\(String(mode, radix: 8))")
        }
    }

    @Test func aNewOneIsItsOwnersAlone() throws {
        let (a, b) = (folder.write([], as: "a"), folder.write([], as: "b"))
        for path in [a, b] {
            unlink(path)
            try SecretFile.create(path)
            var facts = stat()
            #expect(stat(path, &facts) == 0 && facts.st_mode & 0o777 == 0o600)
            let file = try SecretFile(path)
            #expect(file.secret.count == 43 && file.warning == nil)
        }
        #expect(try SecretFile(a).secret != SecretFile(b).secret)
    }

    @Test func anOldOneIsNotLost() throws {
        let path = folder.write(Array("0123456789abcdef".utf8), as: "secret")
        let said = try #require(#expect(throws: PlainFailure.self) { try SecretFile.create(path) }).description
        #expect(said.contains("there is one already"))
        #expect(try SecretFile(path).secret == Array("0123456789abcdef".utf8))
    }
}
