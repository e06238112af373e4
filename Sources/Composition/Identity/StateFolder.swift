import Glibc

/// Where tchat keeps what must outlive a run: `$XDG_STATE_HOME/tchat`, readable by its owner alone.
///
/// Nothing in it is trusted that somebody else could have put there: no symbolic links, no files of other owners, no folder that others may
/// write to. Changes happen under a lock, since two tchats may run at once, and by renaming, so that a crash leaves the old file or the new.
public struct StateFolder: Sendable {
    public let path: String

    /// - Parameter path: absolute; its last part is made when it is not there, and so are the parts before it.
    public init(path: String) { self.path = path }

    /// The usual one. Nil when neither `XDG_STATE_HOME` nor `HOME` is an absolute path; the XDG specification has relative ones ignored.
    public init?(environment: (String) -> String?) {
        if let state = environment("XDG_STATE_HOME"), state.hasPrefix("/") {
            path = state + "/tchat"
        } else if let home = environment("HOME"), home.hasPrefix("/") {
            path = home + "/.local/state/tchat"
        } else {
            return nil
        }
    }

    /// Why something cannot be kept or read: a sentence's end.
    struct Problem: Error, CustomStringConvertible {
        let description: String

        init(_ description: String) { self.description = description }
        init(_ what: String, errno number: Int32) { description = "\(what): \(String(cString: strerror(number)))" }
    }

    /// A folder that is open, and closed with this.
    struct Opened: ~Copyable {
        let path: String
        let descriptor: Int32

        deinit { close(descriptor) }
    }

    /// - Parameter creates: makes the folder when it is not there.
    /// - Returns: nil when it is not there.
    func open(creates: Bool) throws(Problem) -> Opened? {
        guard path.hasPrefix("/"), !path.utf8.contains(0) else { throw Problem("\(path) is not an absolute path") }
        if creates { try makeFolders() }
        let descriptor = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT, !creates { return nil }
            if errno == ELOOP || errno == ENOTDIR { throw Problem("\(path) is a symbolic link or no folder") }
            throw Problem("cannot open \(path)", errno: errno)
        }
        let opened = Opened(path: path, descriptor: descriptor)
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw Problem("cannot look at \(path)", errno: errno) }
        guard status.st_uid == geteuid() else { throw Problem("\(path) belongs to somebody else") }
        guard status.st_mode & 0o022 == 0 else { throw Problem("others may write to \(path); chmod 700 mends that") }
        return opened
    }

    private func makeFolders() throws(Problem) {
        var index = path.startIndex
        while index != path.endIndex {
            let next = path[path.index(after: index)...].firstIndex(of: "/") ?? path.endIndex
            let part = String(path[..<next])
            // Not EEXIST alone: a folder that is there may be on a read-only file system.
            if mkdir(part, 0o700) != 0, errno != EEXIST {
                let reason = errno
                var status = stat()
                guard stat(part, &status) == 0 else { throw Problem("cannot make \(part)", errno: reason) }
            }
            index = next
        }
    }
}
