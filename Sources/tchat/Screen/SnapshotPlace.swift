import Glibc

/// Where a snapshot goes, and how it is called.
enum SnapshotPlace {
    /// `$XDG_PICTURES_DIR`, else what the person's user-dirs.dirs says where there is such a folder, else `~`; nil: there is no home.
    /// - Parameters:
    ///   - file: the text of a file; nil: it cannot be read.
    ///   - exists: whether there is such a folder.
    static func folder(
        environment: (String) -> String?, file: (String) -> String?, exists: (String) -> Bool
    ) -> String? {
        func absolute(_ name: String) -> String? { environment(name).flatMap { $0.hasPrefix("/") ? $0 : nil } }
        // A folder that somebody names by hand is used, or its trouble told.
        if let folder = absolute("XDG_PICTURES_DIR") { return folder }
        guard let home = absolute("HOME") else { return nil }
        let configuration = absolute("XDG_CONFIG_HOME") ?? home + "/.config"
        if let folder = file(configuration + "/user-dirs.dirs").flatMap({ entry(in: $0, home: home) }), exists(folder) { return folder }
        return home
    }

    /// `XDG_PICTURES_DIR="$HOME/Pictures"`, as a shell would read it; nil for what only a shell could.
    static func entry(in text: String, home: String) -> String? {
        for line in text.split(separator: "\n").reversed() where line.hasPrefix("XDG_PICTURES_DIR=\"") {
            let value = line.dropFirst("XDG_PICTURES_DIR=\"".count)
            guard let end = value.firstIndex(of: "\""), value[value.index(after: end)...].allSatisfy({ $0 == " " || $0 == "\t" }) else {
                return nil
            }
            let path = value[..<end].hasPrefix("$HOME/") ? home + value[..<end].dropFirst("$HOME".count) : String(value[..<end])
            return path.hasPrefix("/") && !path.contains(where: { "$`\\".contains($0) }) ? path : nil
        }
        return nil
    }

    /// `tchat-CHANNEL-2026-11-25-081500.png`.
    /// - Parameter attempt: from 1; the second in one second has another name.
    static func name(channel: String, time: tm, attempt: Int = 1) -> String {
        func digits(_ number: Int32, _ count: Int = 2) -> String {
            let text = String(max(0, number))
            return String(repeating: "0", count: max(0, count - text.count)) + text
        }
        let day = "\(digits(time.tm_year + 1900, 4))-\(digits(time.tm_mon + 1))-\(digits(time.tm_mday))"
        let clock = digits(time.tm_hour) + digits(time.tm_min) + digits(time.tm_sec)
        let parts = ["tchat", safe(channel), day, clock] + (attempt > 1 ? ["\(attempt)"] : [])
        return parts.filter { !$0.isEmpty }.joined(separator: "-") + ".png"
    }

    /// Letters and digits of all scripts, `_`, and `-` for all else; at most 64 bytes.
    private static func safe(_ channel: String) -> String {
        var out = ""
        for character in channel {
            let isSafe = character.unicodeScalars.allSatisfy { $0 == "_" || $0.properties.isAlphabetic || ("0"..."9").contains($0) }
            let next = isSafe ? String(character) : out.isEmpty || out.hasSuffix("-") ? "" : "-"
            guard out.utf8.count + next.utf8.count <= 64 else { break }
            out += next
        }
        while out.hasSuffix("-") { out.removeLast() }
        return out
    }
}
