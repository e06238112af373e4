import CallControl
import Primitives
import Testing

@Suite struct KnownPeersTests {
    private static let monday = UTCDay(number: 20_000)
    private static let tuesday = UTCDay(number: 20_001)
    private static let friday = UTCDay(number: 20_004)
    private let one = fingerprint(1)
    private let two = fingerprint(2)
    private let three = fingerprint(3)

    @Test func firstSeenThenKnown() {
        var known = KnownPeers()
        #expect(known.verdict(name: "Ada", fingerprint: one) == .firstSeen)
        #expect(known.record(name: "Ada", fingerprint: one, on: Self.monday) == .firstSeen)
        #expect(known.record(name: "Ada", fingerprint: one, on: Self.friday) == .known(since: Self.monday, lastSeen: Self.monday))
        #expect(known.verdict(name: "Ada", fingerprint: one) == .known(since: Self.monday, lastSeen: Self.friday))
        // A clock that was wrong does not make it earlier.
        known.record(name: "Ada", fingerprint: one, on: Self.tuesday)
        #expect(known.verdict(name: "Ada", fingerprint: one) == .known(since: Self.monday, lastSeen: Self.friday))
        #expect(known.verdict(name: "ada", fingerprint: one) == .firstSeen)
        #expect(known.peer(named: "Ada", fingerprint: one)?.isVerified == false)
    }

    @Test func aChangedCertificateIsNeverTakenOverSilently() {
        var known = KnownPeers()
        known.record(name: "Ada", fingerprint: one, on: Self.monday)
        for _ in 0..<3 {
            #expect(known.record(name: "Ada", fingerprint: two, on: Self.friday) == .changed(previous: one, since: Self.monday))
        }
        #expect(known.peers.count == 1)
        #expect(known.verdict(name: "Ada", fingerprint: one) == .known(since: Self.monday, lastSeen: Self.monday))
    }

    @Test func aPersonsWordPutsTheNewOneInPlace() {
        var known = KnownPeers()
        known.record(name: "Ada", fingerprint: one, on: Self.monday)
        known.confirm(name: "Ada", fingerprint: two, on: Self.friday)
        #expect(known.verdict(name: "Ada", fingerprint: two) == .known(since: Self.friday, lastSeen: Self.friday))
        #expect(known.peer(named: "Ada", fingerprint: two)?.isVerified == true)
        #expect(known.verdict(name: "Ada", fingerprint: one) == .changed(previous: two, since: Self.friday))
        known.forget(name: "Ada")
        #expect(known.verdict(name: "Ada", fingerprint: one) == .firstSeen && known.peers.isEmpty)
    }

    @Test func twoVerifiedMachinesOfOnePersonAreBothKnown() {
        var known = KnownPeers()
        known.confirm(name: "Ada", fingerprint: one, on: Self.monday)
        known.confirm(name: "Ada", fingerprint: two, on: Self.friday)
        #expect(known.verdict(name: "Ada", fingerprint: one) == .known(since: Self.monday, lastSeen: Self.monday))
        #expect(known.verdict(name: "Ada", fingerprint: three) == .changed(previous: two, since: Self.friday))
        for number in 0..<100 { known.confirm(name: "Ada", fingerprint: fingerprint(100 + number), on: Self.friday) }
        #expect(known.peers.count == 8)
        #expect(known.peer(named: "Ada", fingerprint: fingerprint(199)) != nil)
    }

    @Test func withoutANameNothingIsKept() {
        var known = KnownPeers()
        for name in [nil, "", String(repeating: "x", count: 257)] as [String?] {
            #expect(known.record(name: name, fingerprint: one, on: Self.monday) == .unnamed)
            known.confirm(name: name, fingerprint: one, on: Self.monday)
        }
        #expect(known.record(name: "Ada", fingerprint: [1, 2, 3], on: Self.monday) == .unnamed)
        #expect(known == KnownPeers())
    }

    // MARK: the file

    @Test(arguments: ["Ada", "Ada L", "수진", "#x", "100%", "a\nb", "a\u{202e}b", "%41", "\u{3000}", "-", "e\u{301}", "😀"])
    func everyNameComesBack(name: String) throws {
        var known = KnownPeers()
        known.record(name: name, fingerprint: one, on: Self.monday)
        known.confirm(name: name, fingerprint: two, on: Self.friday)
        known.record(name: "Bob", fingerprint: three, on: Self.friday)
        let again = try KnownPeers(parsing: Array(known.serialized().utf8))
        #expect(again == known && again.peers.first?.name == name)
    }

    @Test func isWrittenAsDocumented() throws {
        let text = """
            # a comment
            Ada%20L sha-256:\(hex(one)) 2026-11-01 2026-11-24 verified

            something of a later version
            Bob sha-256:\(hex(two)) 2024-02-29 2024-02-29 -

            """
        var known = try KnownPeers(parsing: Array(text.utf8))
        #expect(known.serialized() == text)
        #expect(known.peers.map(\.name) == ["Ada L", "Bob"] && known.peers.map(\.isVerified) == [true, false])
        let day = try #require(UTCDay("2026-12-31"))
        known.record(name: "Bob", fingerprint: two, on: day)
        #expect(known.serialized() == text.replacingLastDay(with: "2026-12-31"))
    }

    /// As an editor or another system may leave it.
    @Test func spacesAndLineEndsMayDiffer() throws {
        let text =
            "Ada   sha-256:\(hex(one).uppercased())\t2026-11-01 2026-11-24 verified \r\nBob sha-256:\(hex(two)) 2026-11-01 2026-11-24 -"
        let known = try KnownPeers(parsing: Array(text.utf8))
        #expect(known.peers.map(\.name) == ["Ada", "Bob"])
    }

    @Test func linesThatAreNotUnderstoodAreKeptAndTrusted() throws {
        let good = "Ada sha-256:\(hex(one)) 2026-11-01 2026-11-24 verified"
        for bad in [
            good + " x", good.replacing("verified", with: "maybe"), good.replacing("2026-11-01", with: "2026-02-30"),
            good.replacing("sha-256", with: "sha-1"), String(good.dropFirst(4)), "#" + good, good.replacing("Ada", with: "%4"),
            good.replacing("Ada", with: "%ff"), good.replacing("Ada", with: String(repeating: "a", count: 300)),
            good.replacing(hex(one), with: hex(one).dropLast(2)), good.replacing(hex(one), with: hex(one) + "00"),
        ] {
            let known = try KnownPeers(parsing: Array((bad + "\n").utf8))
            #expect(known.peers.isEmpty && known.serialized() == bad + "\n", "\(bad)")
        }
    }

    @Test func isBounded() throws {
        #expect(throws: KnownPeers.ParseError.tooLarge) { try KnownPeers(parsing: [UInt8](repeating: 0x61, count: (1 << 20) + 1)) }
        #expect(throws: KnownPeers.ParseError.tooManyLines) { try KnownPeers(parsing: [UInt8](repeating: 0x0a, count: 10_002)) }
        #expect(throws: KnownPeers.ParseError.notText) { try KnownPeers(parsing: [0x61, 0, 0x0a]) }
        #expect(throws: KnownPeers.ParseError.notText) { try KnownPeers(parsing: [0xff, 0x0a]) }
        #expect(try KnownPeers(parsing: [UInt8](repeating: 0x0a, count: 10_000)).peers.isEmpty)
        #expect(try KnownPeers(parsing: []).peers.isEmpty)
    }

    /// Who never was verified and has been away for the longest time makes room; the verified stay.
    @Test func aFullFileMakesRoom() throws {
        let day = Self.monday.description
        let stranger = "sha-256:\(hex(two)) \(day) \(day) -\n"
        let lines = "Ada sha-256:\(hex(one)) 2000-01-01 2000-01-01 verified\n" + "Old " + stranger.replacing(day, with: "2001-01-01")
        let full = lines + (0..<9000).map { "n\($0) " + stranger }.joined() + String(repeating: "\n", count: 998)
        var known = try KnownPeers(parsing: Array(full.utf8))
        known.record(name: "Bob", fingerprint: three, on: Self.friday)
        #expect(known.peers.count == 9002)
        #expect(known.peers(named: "Old").isEmpty && !known.peers(named: "Ada").isEmpty && !known.peers(named: "Bob").isEmpty)
        _ = try KnownPeers(parsing: Array(known.serialized().utf8))

        var allVerified = try KnownPeers(parsing: Array(full.replacing(" -\n", with: " verified\n").utf8))
        allVerified.record(name: "Bob", fingerprint: three, on: Self.friday)
        #expect(allVerified.peers.count == 9002 && allVerified.peers(named: "Bob").isEmpty)

        let comment = "#" + String(repeating: "x", count: (1 << 20) - 10) + "\n"
        var large = try KnownPeers(parsing: Array(comment.utf8))
        large.record(name: "Bob", fingerprint: three, on: Self.friday)
        #expect(large.serialized().utf8.count <= KnownPeers.maximumBytes)
    }

    @Test func brokenTwinsNeverTrap() throws {
        let good = Array("Ada%20L sha-256:\(hex(one)) 2026-11-01 2026-11-24 verified\n".utf8)
        for index in good.indices {
            for mask: UInt8 in [0x01, 0x10, 0x40, 0x80, 0x7f, 0xff] {
                var changed = good
                changed[index] ^= mask
                guard let known = try? KnownPeers(parsing: changed) else { continue }
                #expect(try KnownPeers(parsing: Array(known.serialized().utf8)) == known)
            }
            _ = try KnownPeers(parsing: Array(good[..<index]))
        }
    }
}

@Suite struct UTCDayTests {
    @Test(
        arguments: [
            (0, "1970-01-01"), (-1, "1969-12-31"), (1_772_323_199, "2026-02-28"), (1_772_323_200, "2026-03-01"),
            (951_782_400, "2000-02-29"),
            (4_107_542_399, "2100-02-28"), (4_107_542_400, "2100-03-01"), (-62_135_596_800, "0001-01-01"), (253_402_300_799, "9999-12-31"),
            (Int64.max, "9999-12-31"), (Int64.min, "0001-01-01"),
        ] as [(Int64, String)])
    func secondsAndText(seconds: Int64, text: String) {
        #expect(UTCDay(secondsSince1970: seconds).description == text)
        #expect(UTCDay(text) == UTCDay(secondsSince1970: seconds))
    }

    @Test func daysFollowEachOther() {
        for number in stride(from: -719_162, through: 2_932_896, by: 397) {
            let day = UTCDay(number: number)
            #expect(UTCDay(day.description)?.number == number)
            #expect(day < UTCDay(number: number + 1) || number == 2_932_896)
        }
    }

    @Test(arguments: [
        "", "2026-1-01", "2026-13-01", "2026-00-10", "2026-02-29", "2026-04-31", "2026-01-00", "0000-01-01", "-026-01-01", "2026-01-01 ",
        "2026/01/01", "20260101", "+026-01-01", "２026-01-01",
    ])
    func refuses(text: String) {
        #expect(UTCDay(text) == nil)
    }
}

extension String {
    fileprivate func replacing(_ part: some StringProtocol, with other: some StringProtocol) -> String {
        split(separator: String(part), omittingEmptySubsequences: false).joined(separator: String(other))
    }

    /// The last line's second date.
    fileprivate func replacingLastDay(with day: String) -> String { dropLast(" YYYY-MM-DD -\n".count) + " \(day) -\n" }
}
