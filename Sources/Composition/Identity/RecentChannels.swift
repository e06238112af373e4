import Glibc

/// `recent` in the state folder: the channels joined last, each with its server, newest first. A comfort: whatever is wrong with the file,
/// nothing else is.
public struct RecentChannels: Sendable {
    public struct Entry: Hashable, Sendable {
        /// As a URL.
        public var server: String
        public var channel: String

        public init(server: String, channel: String) {
            self.server = server
            self.channel = channel
        }
    }

    static let name = "recent"
    public static let most = 20
    /// Twenty lines of the longest URLs and names.
    static let maximumBytes = 65_536

    private let folder: StateFolder

    public init(folder: StateFolder) { self.folder = folder }

    /// - Returns: what there is, and a sentence when what there is cannot be read.
    public func read() -> (entries: [Entry], notice: String?) {
        do throws(StateFolder.Problem) {
            guard let opened = try folder.open(creates: false) else { return ([], nil) }
            return (try Self.entries(opened), nil)
        } catch {
            return ([], "Recent channels cannot be read, so none are shown: \(error).")
        }
    }

    /// Puts it first. May wait for another tchat, and for the disk.
    /// - Returns: a sentence when it cannot be kept.
    public func add(_ entry: Entry) -> String? {
        guard Self.isSound(entry.server, limit: 1024), Self.isSound(entry.channel, limit: 256) else { return nil }
        do throws(StateFolder.Problem) {
            guard let opened = try folder.open(creates: true) else { return nil }
            try opened.locked { () throws(StateFolder.Problem) in
                // A broken file is replaced: a list of channels is no loss.
                let former = (try? Self.entries(opened)) ?? []
                let entries = ([entry] + former.filter { $0 != entry }).prefix(Self.most)
                try opened.replace(Self.name, with: Array(Self.serialized(Array(entries)).utf8))
            }
            return nil
        } catch {
            return "Recent channels cannot be kept: \(error)."
        }
    }

    private static func entries(_ opened: borrowing StateFolder.Opened) throws(StateFolder.Problem) -> [Entry] {
        switch try opened.read(name, limit: maximumBytes) {
        case .nothing: return []
        case .tooLarge: throw StateFolder.Problem("\(opened.path)/\(name) is larger than 64 KiB")
        case .bytes(let bytes):
            guard let entries = parse(bytes) else { throw StateFolder.Problem("\(opened.path)/\(name) is damaged") }
            return entries
        }
    }

    /// A line each, `SERVER<tab>CHANNEL`; nil for anything else.
    static func parse(_ bytes: [UInt8]) -> [Entry]? {
        guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
        var entries: [Entry] = []
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2, isSound(parts[0], limit: 1024), isSound(parts[1], limit: 256) else { return nil }
            let entry = Entry(server: parts[0], channel: parts[1])
            if entries.count < most, !entries.contains(entry) { entries.append(entry) }
        }
        return entries
    }

    static func serialized(_ entries: [Entry]) -> String { entries.map { "\($0.server)\t\($0.channel)\n" }.joined() }

    private static func isSound(_ text: String, limit: Int) -> Bool {
        !text.isEmpty && text.utf8.count <= limit && !text.unicodeScalars.contains { $0.properties.generalCategory == .control }
    }
}
