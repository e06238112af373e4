import CPNG
import Glibc
import MediaTypes

/// A picture as a PNG file (libpng's simplified API).
public enum PNGFile {
    /// A sentence for a person.
    public struct Failure: Error, Equatable, CustomStringConvertible {
        public let description: String
        /// There is a file of that name already.
        public let isTaken: Bool
    }

    /// Writes a whole picture, 8 bits each of red, green and blue, to be read by its owner alone. Waits for the disk.
    ///
    /// A file that is there already is left as it is, and none has its name before it is whole.
    /// - Parameters:
    ///   - folder: without a slash at the end.
    ///   - names: the first that is not taken is the file's.
    /// - Returns: the file's path.
    /// - Throws: why there is no such file now.
    public static func write(_ frame: borrowing I420Frame, in folder: String, as names: [String]) throws(Failure) -> String {
        let pixels = rgb(frame)
        var image = png_image()
        image.version = png_uint_32(PNG_IMAGE_VERSION)
        image.width = png_uint_32(frame.width)
        image.height = png_uint_32(frame.height)
        image.format = png_uint_32(PNG_FORMAT_FLAG_COLOR)
        return try create(in: folder, as: names) { file in
            errno = 0
            guard png_image_write_to_stdio(&image, file, 0, pixels, 0, nil) == 0 else { return nil }
            let reason = errno
            return reason != 0 ? String(cString: strerror(reason)) : message(of: image)
        }
    }

    /// Gives a new file to `body`, which says why it failed, or nothing.
    static func create(
        in folder: String, as names: [String], _ body: (UnsafeMutablePointer<FILE>) -> String?
    ) throws(Failure) -> String {
        let paths = names.map { folder + "/" + $0 }
        guard let first = paths.first, let last = paths.last else { throw failure(folder, "it has no name") }
        let temporary = "\(folder)/.tchat-\(getpid())-\(UInt32.random(in: 0...UInt32.max)).part"
        // What was seen in a call is for those who were in it.
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure(first, String(cString: strerror(errno))) }
        defer { unlink(temporary) }
        guard let file = fdopen(descriptor, "wb") else {
            let reason = String(cString: strerror(errno))
            close(descriptor)
            throw failure(first, reason)
        }
        var reason = body(file)
        if fclose(file) != 0, reason == nil { reason = String(cString: strerror(errno)) }
        if let reason { throw failure(first, reason) }
        for path in paths {
            let status = place(temporary, at: path)
            if status == 0 { return path }
            guard status == EEXIST else { throw failure(path, String(cString: strerror(status))) }
        }
        throw failure(last, "there is such a file already", isTaken: true)
    }

    /// Gives a file its name, unless it is another one's; gives what `errno` says, 0: done.
    private static func place(_ temporary: String, at path: String) -> Int32 {
        // Unlike a rename, a link takes nobody's place.
        if link(temporary, path) == 0 { return 0 }
        guard errno == EPERM || errno == EOPNOTSUPP || errno == ENOSYS else { return errno }
        return reserve(temporary, at: path)
    }

    /// The same on a disk without links, such as a memory card: an empty file holds the name for a moment.
    static func reserve(_ temporary: String, at path: String) -> Int32 {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return errno }
        close(descriptor)
        guard rename(temporary, path) != 0 else { return 0 }
        let status = errno
        unlink(path)
        return status
    }

    private static func failure(_ path: String, _ reason: String, isTaken: Bool = false) -> Failure {
        Failure(description: "The picture \(path) cannot be written: \(reason).", isTaken: isTaken)
    }

    private static func message(of image: png_image) -> String {
        withUnsafeBytes(of: image.message) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }

    /// `width * height` times red, green, blue, from BT.601 of limited range.
    static func rgb(_ frame: borrowing I420Frame) -> [UInt8] {
        let (width, height, chromaWidth) = (frame.width, frame.height, frame.chromaWidth)
        let bytes = frame.bytes.span
        let (u, v) = (frame.chromaOffset, frame.chromaOffset + frame.chromaCount)
        return [UInt8](unsafeUninitializedCapacity: width * height * 3) { out, count in
            var at = 0
            for row in 0..<height {
                let chroma = row / 2 * chromaWidth
                for column in 0..<width {
                    // In 65536ths.
                    let y = 76309 * (Int(bytes[row * width + column]) - 16) + 32768
                    let cb = Int(bytes[u + chroma + column / 2]) - 128
                    let cr = Int(bytes[v + chroma + column / 2]) - 128
                    out[at] = UInt8(max(0, min(255, (y + 104597 * cr) >> 16)))
                    out[at + 1] = UInt8(max(0, min(255, (y - 25675 * cb - 53279 * cr) >> 16)))
                    out[at + 2] = UInt8(max(0, min(255, (y + 132201 * cb) >> 16)))
                    at += 3
                }
            }
            count = at
        }
    }
}
