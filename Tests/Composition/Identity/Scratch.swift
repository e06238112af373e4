import Glibc
import Identity

/// A folder of its own for one test, gone afterwards with all that is in it.
final class Scratch: Sendable {
    let path: String
    /// Not there yet.
    var state: StateFolder { StateFolder(path: path + "/home/state/tchat") }

    init() {
        var template = Array("/tmp/tchat-identity-XXXXXX".utf8CString)
        path = mkdtemp(&template).map { String(cString: $0) } ?? "/tmp"
    }

    deinit { if path != "/tmp" { Self.removeAll(path) } }

    private static func removeAll(_ path: String) {
        for name in entries(path) { removeAll(path + "/" + name) }
        if unlink(path) != 0 { rmdir(path) }
    }

    /// The state folder, made.
    func made() -> StateFolder {
        for part in ["/home", "/home/state", "/home/state/tchat"] { mkdir(path + part, 0o700) }
        return state
    }

    func write(_ bytes: some Collection<UInt8>, as name: String, mode: mode_t = 0o600) {
        let file = open(state.path + "/" + name, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        _ = Glibc.write(file, Array(bytes), bytes.count)
        fchmod(file, mode)
        close(file)
    }

    /// Nil when it is not there.
    func read(_ name: String) -> [UInt8]? {
        guard let file = fopen(state.path + "/" + name, "r") else { return nil }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 2 << 20)
        let count = fread(&bytes, 1, bytes.count, file)
        return Array(bytes[..<count])
    }

    func text(_ name: String) -> String? { read(name).map { String(decoding: $0, as: UTF8.self) } }

    /// The permission bits; nil when it is not there.
    func mode(_ name: String) -> mode_t? {
        var status = stat()
        return lstat(state.path + name, &status) == 0 ? status.st_mode & 0o777 : nil
    }

    /// What is in the state folder, without the lock.
    var names: [String] { Self.entries(state.path).filter { $0 != ".lock" }.sorted() }

    /// Nothing for what is no folder, or a link to one.
    private static func entries(_ path: String) -> [String] {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
        guard descriptor >= 0, let folder = fdopendir(descriptor) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }
}
