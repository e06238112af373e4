import Glibc
import Synchronization

/// A folder of a run's own for its certificate and the peers that it knows; gone with the run.
final class StateHome: Sendable {
    let path: String
    private static let count = Atomic(0)

    init() {
        let number = Self.count.add(1, ordering: .relaxed).newValue
        path = "/tmp/tchat-state-\(getpid())-\(number)"
    }

    deinit { Self.remove(path) }

    private static func remove(_ path: String) {
        if let folder = opendir(path) {
            while let entry = readdir(folder) {
                let name = withUnsafePointer(to: &entry.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
                if name != ".", name != ".." { remove(path + "/" + name) }
            }
            closedir(folder)
            rmdir(path)
        } else {
            unlink(path)
        }
    }
}
