import Glibc

/// A folder of its own for one test, gone afterwards.
final class Scratch {
    let path: String

    init() {
        var template = Array("/tmp/tchat-files-XXXXXX".utf8CString)
        path = mkdtemp(&template).map { String(cString: $0) } ?? "/tmp"
    }

    deinit {
        guard let folder = opendir(path), path != "/tmp" else { return }
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            unlink(file(name))
        }
        closedir(folder)
        rmdir(path)
    }

    func file(_ name: String) -> String { "\(path)/\(name)" }

    func write(_ bytes: some Collection<UInt8>, as name: String) -> String {
        let handle = fopen(file(name), "w")
        fwrite(Array(bytes), 1, bytes.count, handle)
        fclose(handle)
        return file(name)
    }

    func read(_ name: String) -> [UInt8] {
        guard let handle = fopen(file(name), "r") else { return [] }
        defer { fclose(handle) }
        var all: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = fread(&piece, 1, piece.count, handle)
            if count == 0 { return all }
            all += piece[..<count]
        }
    }
}
