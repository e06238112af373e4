import Glibc
import Primitives
import Secrets

/// A file that is read whole, when it is not large.
enum SmallFile {
    /// - Throws: a sentence that begins with `file PATH`.
    static func read(_ path: String, limit: Int) throws(PlainFailure) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw PlainFailure("file \(path) cannot be read: \(String(cString: strerror(errno))).") }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(descriptor, &piece, piece.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw PlainFailure("file \(path) cannot be read: \(String(cString: strerror(errno))).") }
            guard count > 0 else { return bytes }
            bytes += piece[..<count]
            guard bytes.count <= limit else { throw PlainFailure("file \(path) is too large: \(limit) bytes are allowed.") }
        }
    }
}

/// A secret in a file of its own: its content without the whitespace around it.
struct SecretFile {
    static let minimumBytes = 16
    static let maximumBytes = 4096

    let secret: [UInt8]
    /// A sentence when others could read it.
    let warning: String?

    /// - Throws: a sentence when it cannot be read, or is too short to be secret.
    init(_ path: String) throws(PlainFailure) {
        let bytes: [UInt8]
        do {
            bytes = try SmallFile.read(path, limit: Self.maximumBytes)
        } catch {
            throw PlainFailure("The secret's \(error.description)")
        }
        let isBlank: (UInt8) -> Bool = { $0 == 0x20 || (0x09...0x0d).contains($0) }
        secret = Array(bytes.drop(while: isBlank).reversed().drop(while: isBlank).reversed())
        guard secret.count >= Self.minimumBytes else {
            throw PlainFailure(
                "The secret in \(path) is too short: \(Self.minimumBytes) bytes are the least. Make one with:  tchat token --new-secret FILE"
            )
        }
        var facts = stat()
        let isOpen = stat(path, &facts) == 0 && facts.st_mode & (S_IRGRP | S_IROTH) != 0
        warning = isOpen ? "The secret in \(path) can be read by others on this machine: run  chmod 600 \(path)" : nil
    }

    /// Makes a new file with 32 random bytes, as 43 letters, that only its owner can read.
    /// - Throws: a sentence, also when there is such a file already.
    static func create(_ path: String) throws(PlainFailure) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            let reason = errno == EEXIST ? "there is one already, which would be lost" : String(cString: strerror(errno))
            throw PlainFailure("The secret's file \(path) cannot be made: \(reason).")
        }
        defer { close(descriptor) }
        let text = Base64.encodeURL(Secrets.random(32)) + [UInt8(ascii: "\n")]
        guard write(descriptor, text, text.count) == text.count else {
            throw PlainFailure("The secret's file \(path) cannot be written: \(String(cString: strerror(errno))).")
        }
    }
}
