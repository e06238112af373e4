import Testing

@testable import Identity

@Suite struct RecentChannelsTests {
    private typealias Entry = RecentChannels.Entry

    @Test func theNewestIsFirstAndOnce() throws {
        let scratch = Scratch()
        let recents = RecentChannels(folder: scratch.state)
        #expect(recents.read().entries.isEmpty && recents.read().notice == nil)
        for name in ["a", "회의실", "a b", "a"] { #expect(recents.add(Entry(server: "http://here:6125", channel: name)) == nil) }
        #expect(recents.read().entries.map(\.channel) == ["a", "a b", "회의실"])
        for number in 0..<30 { _ = recents.add(Entry(server: "http://there", channel: "\(number)")) }
        #expect(recents.read().entries.count == RecentChannels.most && recents.read().entries[0].channel == "29")
        // What could not be read again is not written.
        _ = recents.add(Entry(server: "http://there", channel: "x\ny\tz"))
        #expect(recents.read().entries[0].channel == "29")
    }

    @Test func aDamagedFileIsSaidAndReplaced() throws {
        let scratch = Scratch()
        let folder = scratch.state
        let recents = RecentChannels(folder: folder)
        _ = recents.add(Entry(server: "s", channel: "c"))
        for bytes in [
            [0xff, 0xfe], Array("no tab\n".utf8), Array("a\tb\tc\n".utf8), Array("s\t\u{1b}[2J\n".utf8),
            [UInt8](repeating: 97, count: 70_000),
        ] {
            guard let opened = try folder.open(creates: true) else { return #expect(Bool(false)) }
            try opened.replace(RecentChannels.name, with: bytes)
            let (entries, notice) = recents.read()
            #expect(entries.isEmpty && notice?.contains("cannot be read") == true)
            #expect(recents.add(Entry(server: "s", channel: "again")) == nil)
            #expect(recents.read().entries == [Entry(server: "s", channel: "again")])
        }
    }
}
