import Glibc
import JSON
import Logging
import Testing

@testable import tchat

@Suite struct FileLoggingTests {
    private let folder = TemporaryFolder()

    private func lines(_ format: LogFormatChoice, _ body: (Logger) -> Void) throws -> [String] {
        let path = folder.write([], as: "log")
        body(try makeLogger(path: path, level: .info, format: format, allowsStandardError: false))
        return try SmallFile.read(path, limit: 100_000).split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
    }

    @Test func textHasTheTimeTheLevelTheMessageAndTheMetadata() throws {
        let lines = try lines(.text) { log in
            log.info("hello\nthere", metadata: ["b": "2\u{1b}[2J", "a": "1"])
            log.debug("not this")
        }
        #expect(lines.count == 1)
        let words = try #require(lines.first).split(separator: " ").map(String.init)
        #expect(words.first?.hasSuffix("Z") == true && words.dropFirst().first == "info" && lines[0].contains("a=1 b=2"))
        #expect(!lines[0].contains("\u{1b}"))
    }

    @Test func jsonIsOneObjectALine() throws {
        let lines = try lines(.json) { log in
            log.warning("he said \"no\"\n", metadata: ["reason": "a\"b", "level": "mine"])
            log.error("again")
        }
        #expect(lines.count == 2)
        let first = try JSONValue(parsing: Array(lines[0].utf8))
        #expect(first["level"]?.stringValue == "warning" && first["message"]?.stringValue?.contains("he said \"no\"") == true)
        #expect(first["reason"]?.stringValue == "a\"b" && first["label"]?.stringValue == "tchat")
        #expect(first["time"]?.stringValue?.count == "2026-01-01T00:00:00.000Z".count)
    }

    @Test func standardErrorOnlyWhereNoPictureIs() throws {
        #expect(throws: PlainFailure.self) { try makeLogger(path: "-", level: .info, format: .text, allowsStandardError: false) }
        _ = try makeLogger(path: "-", level: .info, format: .text, allowsStandardError: true)
        #expect(throws: PlainFailure.self) { try makeLogger(path: "/nowhere/log", level: .info, format: .text, allowsStandardError: true) }
    }
}
