import CallControl
import Glibc

/// `known_peers` in the state folder, and what is known in this run when there is no folder to keep it in.
public struct KnownPeersFile: Sendable {
    static let name = "known_peers"

    /// What is known as of the last `reload` or `update`.
    public private(set) var peers = KnownPeers()
    /// False: what is learned now is forgotten when the program ends. A notice has said why.
    public private(set) var isKept: Bool
    private let folder: StateFolder?
    private var notices: [String] = []

    /// - Parameter folder: nil: nothing is read or kept.
    public init(folder: StateFolder?) {
        self.folder = folder
        isKept = folder != nil
        if folder == nil { notices.append("Neither XDG_STATE_HOME nor HOME says where to keep known peers. " + Self.consequence) }
        reload()
    }

    private static let consequence = "Peers that are met now are forgotten when tchat ends."

    /// A sentence that a person should read, once each; nil when there is none.
    public mutating func takeNotice() -> String? { notices.isEmpty ? nil : notices.removeFirst() }

    /// Reads again what other tchats may have written.
    public mutating func reload() {
        guard let folder, isKept else { return }
        do throws(StateFolder.Problem) {
            guard let opened = try folder.open(creates: false), let bytes = try Self.bytes(opened) else { return peers = KnownPeers() }
            guard let read = try? KnownPeers(parsing: bytes) else {
                // Putting it aside takes the lock.
                return update { _ in }
            }
            peers = read
        } catch {
            giveUp("Known peers cannot be read, so all peers seem new: \(error).")
        }
    }

    /// Reads, changes and writes under the lock, so that nothing that another tchat has written is lost. When that fails, the change holds
    /// for this run, as do all further ones.
    @discardableResult
    public mutating func update<Result>(_ change: (inout KnownPeers) -> Result) -> Result {
        guard let folder, isKept else { return change(&peers) }
        var changed: (peers: KnownPeers, result: Result)?
        do throws(StateFolder.Problem) {
            guard let opened = try folder.open(creates: true) else { throw StateFolder.Problem("there is no folder for them") }
            try opened.locked { () throws(StateFolder.Problem) in
                let before = try Self.bytes(opened)
                var read = try current(opened, before)
                let untouched = read
                let result = change(&read)
                changed = (read, result)
                if read != untouched { try opened.replace(Self.name, with: Array(read.serialized().utf8)) }
            }
        } catch {
            giveUp("Known peers cannot be kept: \(error).")
        }
        guard let changed else { return change(&peers) }
        peers = changed.peers
        return changed.result
    }

    /// What the file holds; puts it aside when it is broken.
    private mutating func current(_ opened: borrowing StateFolder.Opened, _ bytes: [UInt8]?) throws(StateFolder.Problem) -> KnownPeers {
        guard let bytes else { return KnownPeers() }
        let reason: KnownPeers.ParseError
        do throws(KnownPeers.ParseError) { return try KnownPeers(parsing: bytes) } catch { reason = error }
        let aside = try opened.setAside(Self.name)
        notices.append(
            "\(opened.path)/\(Self.name) cannot be read: \(reason.words). It has been kept as \(aside), and all peers seem new.")
        return KnownPeers()
    }

    private mutating func giveUp(_ reason: String) {
        isKept = false
        notices.append("\(reason) \(Self.consequence)")
    }

    /// Nil: there is no file. What is too large comes as more than is taken.
    private static func bytes(_ opened: borrowing StateFolder.Opened) throws(StateFolder.Problem) -> [UInt8]? {
        switch try opened.read(name, limit: KnownPeers.maximumBytes) {
        case .nothing: nil
        case .bytes(let bytes): bytes
        case .tooLarge: [UInt8](repeating: 0x0a, count: KnownPeers.maximumBytes + 1)
        }
    }
}

extension UTCDay {
    /// By the system's clock.
    public static var today: UTCDay { UTCDay(secondsSince1970: Int64(time(nil))) }
}

extension KnownPeers.ParseError {
    fileprivate var words: String {
        switch self {
        case .tooLarge: "it is larger than 1 MiB"
        case .tooManyLines: "it has more than 10000 lines"
        case .notText: "it is no text"
        }
    }
}
