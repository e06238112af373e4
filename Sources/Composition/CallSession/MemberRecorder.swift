import MediaFiles
import MediaTypes
import Synchronization

/// The pictures and the sound of one member's connection, each in a file that begins with the first of them.
final class MemberRecorder: Sendable {
    private struct Files {
        var pictures: Y4MWriter?
        var sound: WAVWriter?
        var isOver = false
    }

    /// Without an ending.
    private let path: String
    private let framesPerSecond: Double
    private let onFailure: @Sendable (String) -> Void
    private let files = Mutex(Files())

    init(path: String, framesPerSecond: Double, onFailure: @escaping @Sendable (String) -> Void) {
        self.path = path
        self.framesPerSecond = framesPerSecond
        self.onFailure = onFailure
    }

    /// On the decode thread.
    func write(_ picture: I420Frame) {
        open { (files) throws(MediaDeviceError) in
            if files.pictures == nil {
                let end: @Sendable (MediaDeviceError) -> Void = { [weak self] in self?.end($0) }
                files.pictures = try Y4MWriter(openingLater: "\(path).y4m", framesPerSecond: framesPerSecond, onFailure: end)
            }
            _ = files.pictures?.write(picture)
        }
    }

    /// On the playout thread.
    func write(_ samples: [Int16]) {
        open { (files) throws(MediaDeviceError) in
            if files.sound == nil { files.sound = try WAVWriter(openingLater: "\(path).wav") { [weak self] in self?.end($0) } }
            _ = files.sound?.write(samples)
        }
    }

    /// Waits for no disk: the network thread waits for whoever is here.
    private func open(_ body: (inout Files) throws(MediaDeviceError) -> Void) {
        let failure = files.withLock { files -> MediaDeviceError? in
            guard !files.isOver else { return nil }
            do throws(MediaDeviceError) {
                try body(&files)
                return nil
            } catch {
                return error
            }
        }
        if let failure { end(failure) }
    }

    /// Nothing more is recorded of this one; told once.
    private func end(_ failure: MediaDeviceError) {
        let isNews = files.withLock { files in
            defer { files.isOver = true }
            return !files.isOver
        }
        if isNews { onFailure(failure.description) }
    }

    /// Returns when all is in the files.
    func close() {
        let taken = files.withLock { files in
            defer { files = Files(isOver: true) }
            return files
        }
        taken.pictures?.close()
        taken.sound?.close()
    }
}

/// Which files a session's recordings go to: a member's name, or the id when there is none, made fit for a file; `-2`, `-3` … for each
/// further one of the same.
struct RecordingNames: Sendable {
    /// A run in which members come and go without end must not fill the disk.
    static let most = 1000

    private var used: [String: Int] = [:]
    private var count = 0

    /// Nil: there are too many.
    mutating func next(name: String?, id: CallMemberID) -> String? {
        guard count < Self.most else { return nil }
        count += 1
        let base = Self.fit(name ?? "").flatMap { $0.isEmpty ? nil : $0 } ?? Self.fit(id).flatMap { $0.isEmpty ? nil : $0 } ?? "member"
        var candidate = base
        repeat {
            let number = used[base.lowercased(), default: 0] + 1
            used[base.lowercased()] = number
            candidate = number == 1 ? base : "\(base)-\(number)"
        } while candidate != base && used[candidate.lowercased()] != nil
        if candidate != base { used[candidate.lowercased()] = 1 }
        return candidate
    }

    /// Letters, digits, `-` and `_` of any script; everything else, a leading point too, becomes `_`. At most 64 bytes.
    private static func fit(_ text: String) -> String? {
        var result = ""
        for character in text {
            // A character may hold a letter and a slash.
            let isFit =
                (character.isLetter || character.isNumber || character == "-" || character == "_")
                && !character.utf8.contains(UInt8(ascii: "/"))
            let next = isFit ? String(character) : "_"
            guard result.utf8.count + next.utf8.count <= 64 else { break }
            result += next
        }
        return result
    }
}
