import Glibc

extension StateFolder.Opened {
    typealias Problem = StateFolder.Problem

    enum Content {
        case nothing
        case bytes([UInt8])
        case tooLarge
    }

    /// A whole file of ours.
    /// - Parameters:
    ///   - limit: in bytes.
    ///   - isSecret: refuses a file that others can read.
    func read(_ name: String, limit: Int, isSecret: Bool = false) throws(Problem) -> Content {
        // A pipe in the file's place must not keep us waiting.
        let file = openat(descriptor, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard file >= 0 else {
            if errno == ENOENT { return .nothing }
            if errno == ELOOP { throw Problem("\(path)/\(name) is a symbolic link") }
            throw Problem("cannot read \(path)/\(name)", errno: errno)
        }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw Problem("cannot look at \(path)/\(name)", errno: errno) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw Problem("\(path)/\(name) is no regular file") }
        guard status.st_uid == geteuid() else { throw Problem("\(path)/\(name) belongs to somebody else") }
        guard status.st_mode & 0o022 == 0, !isSecret || status.st_mode & 0o077 == 0 else {
            throw Problem("others may \(isSecret ? "read" : "write to") \(path)/\(name); chmod 600 mends that")
        }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(file, &piece, piece.count)
            if count < 0 {
                if errno == EINTR { continue }
                throw Problem("cannot read \(path)/\(name)", errno: errno)
            }
            if count == 0 { return .bytes(bytes) }
            bytes += piece[..<count]
            if bytes.count > limit { return .tooLarge }
        }
    }

    /// Puts a file of ours, for nobody else to read, in the place of what is there, or leaves that as it is. Only under the lock.
    func replace(_ name: String, with bytes: [UInt8]) throws(Problem) {
        let fresh = name + ".new"
        // Left behind by a crash.
        unlinkat(descriptor, fresh, 0)
        let file = openat(descriptor, fresh, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw Problem("cannot write \(path)/\(name)", errno: errno) }
        var written = 0
        var reason: Int32 = 0
        while written < bytes.count, reason == 0 {
            let count = bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress.map { $0 + written }, $0.count - written) }
            if count > 0 { written += count } else if errno != EINTR { reason = errno }
        }
        if reason == 0, fsync(file) != 0 { reason = errno }
        if close(file) != 0, reason == 0 { reason = errno }
        if reason == 0, renameat(descriptor, fresh, descriptor, name) != 0 { reason = errno }
        guard reason == 0 else {
            unlinkat(descriptor, fresh, 0)
            throw Problem("cannot write \(path)/\(name)", errno: reason)
        }
        fsync(descriptor)
    }

    /// Gives a file that cannot be used another name, which nothing had before. Only under the lock.
    /// - Returns: that name.
    func setAside(_ name: String) throws(Problem) -> String {
        for number in 1...1000 {
            let aside = "\(name).broken-\(number)"
            var status = stat()
            if fstatat(descriptor, aside, &status, AT_SYMLINK_NOFOLLOW) == 0 { continue }
            guard errno == ENOENT, renameat(descriptor, name, descriptor, aside) == 0 else {
                throw Problem("cannot rename \(path)/\(name)", errno: errno)
            }
            return aside
        }
        throw Problem("\(path) is full of broken files")
    }

    /// Runs something that changes files while no other tchat does.
    func locked<Result>(_ body: () throws(Problem) -> Result) throws(Problem) -> Result {
        let file = openat(descriptor, ".lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw Problem("cannot lock \(path)", errno: errno) }
        // Closing ends the lock.
        defer { close(file) }
        // It is held for milliseconds, unless its owner has been stopped.
        var triesLeft = 300
        while flock(file, LOCK_EX | LOCK_NB) != 0 {
            guard errno == EWOULDBLOCK || errno == EINTR else { throw Problem("cannot lock \(path)", errno: errno) }
            triesLeft -= 1
            guard triesLeft > 0 else { throw Problem("another tchat holds the lock of \(path)") }
            usleep(10_000)
        }
        return try body()
    }
}
