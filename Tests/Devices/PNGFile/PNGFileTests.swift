import CPNG
import Glibc
import MediaTypes
import Primitives
import TestSupport
import Testing

@testable import PNGFile

@Suite struct PNGFileTests {
    /// Red, green and blue of every pixel, as libpng reads them.
    private func read(_ path: String) throws -> (width: Int, height: Int, pixels: [UInt8]) {
        var image = png_image()
        image.version = png_uint_32(PNG_IMAGE_VERSION)
        try #require(png_image_begin_read_from_file(&image, path) != 0)
        image.format = png_uint_32(PNG_FORMAT_FLAG_COLOR)
        var pixels = [UInt8](repeating: 0, count: Int(image.width * image.height) * 3)
        try #require(png_image_finish_read(&image, nil, &pixels, 0, nil) != 0)
        return (Int(image.width), Int(image.height), pixels)
    }

    @Test(arguments: [
        (16, 128, 128, [0, 0, 0]), (235, 128, 128, [255, 255, 255]), (126, 128, 128, [128, 128, 128]), (81, 90, 240, [254, 0, 0]),
        (145, 54, 34, [0, 255, 1]), (41, 240, 110, [0, 0, 255]), (255, 255, 255, [255, 125, 255]), (0, 0, 0, [0, 135, 0]),
    ])
    func coloursAreThoseOfTheStandard(y: Int, u: Int, v: Int, rgb: [Int]) {
        let pixels = PNGFile.rgb(I420Frame(width: 3, height: 3, y: UInt8(y), u: UInt8(u), v: UInt8(v), time: .zero))
        #expect(pixels.count == 27)
        for (index, value) in pixels.enumerated() { #expect(abs(Int(value) - rgb[index % 3]) <= 1) }
    }

    /// In a folder of its own, which is gone afterwards; gives the names of what is in it at the end.
    @discardableResult
    private func inFolder(_ body: (String) throws -> Void) throws -> [String] {
        let folder = "/tmp/tchat-png-\(getpid())-\(UInt64.random(in: 0...UInt64.max))"
        try #require(mkdir(folder, 0o700) == 0)
        var names: [String] = []
        defer {
            for name in names { unlink(folder + "/" + name) }
            rmdir(folder)
        }
        defer { names = list(folder) }
        try body(folder)
        return list(folder)
    }

    private func list(_ folder: String) -> [String] {
        guard let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            names.append(withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) })
        }
        return names.filter { $0 != "." && $0 != ".." }.sorted()
    }

    private func flat(_ size: Int) -> I420Frame { I420Frame(width: size, height: size, time: .zero) }

    @Test func whatIsReadIsWhatWasWritten() throws {
        let frame = syntheticFrame(width: 81, height: 47, number: 3, time: .zero)
        let left = try inFolder { folder in
            let path = try PNGFile.write(frame, in: folder, as: ["a.png"])
            #expect(path == folder + "/a.png")
            let found = try read(path)
            #expect(found.width == 81 && found.height == 47)
            #expect(found.pixels == PNGFile.rgb(frame))
            var status = stat()
            #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o600 && status.st_nlink == 1)
        }
        #expect(left == ["a.png"])
    }

    @Test func aFileThatIsThereStays() throws {
        let left = try inFolder { folder in
            let path = try PNGFile.write(flat(4), in: folder, as: ["a.png"])
            do throws(PNGFile.Failure) {
                _ = try PNGFile.write(flat(8), in: folder, as: ["a.png"])
                Issue.record("written over")
            } catch {
                #expect(error.isTaken)
                #expect(error.description == "The picture \(path) cannot be written: there is such a file already.")
            }
            #expect(try PNGFile.write(flat(8), in: folder, as: ["a.png", "b.png", "c.png"]) == folder + "/b.png")
            #expect(try read(path).width == 4)
        }
        #expect(left == ["a.png", "b.png"])
    }

    /// Whoever looks meanwhile, or ends the program, finds no half picture.
    @Test func aFileHasItsNameOnceItIsWhole() throws {
        let left = try inFolder { folder in
            _ = try PNGFile.create(in: folder, as: ["a.png"]) { _ in
                let found = list(folder)
                #expect(found.count == 1 && found.allSatisfy { $0.hasPrefix(".tchat-") && $0.hasSuffix(".part") })
                return nil
            }
        }
        #expect(left == ["a.png"])
    }

    @Test func withoutLinksNothingIsWrittenOverEither() throws {
        try inFolder { folder in
            let (new, old) = (try PNGFile.write(flat(8), in: folder, as: ["new"]), try PNGFile.write(flat(4), in: folder, as: ["old"]))
            #expect(PNGFile.reserve(new, at: old) == EEXIST)
            #expect(try read(old).width == 4 && read(new).width == 8)
            #expect(PNGFile.reserve(new, at: folder + "/next") == 0)
            #expect(try read(folder + "/next").width == 8 && list(folder) == ["next", "old"])
            #expect(PNGFile.reserve(new, at: folder + "/none") == ENOENT && list(folder) == ["next", "old"])
        }
    }

    @Test func aFolderThatIsNotThereIsTold() {
        do throws(PNGFile.Failure) {
            _ = try PNGFile.write(flat(4), in: "/nowhere/at", as: ["all.png"])
            Issue.record("written")
        } catch {
            #expect(error.description == "The picture /nowhere/at/all.png cannot be written: No such file or directory." && !error.isTaken)
        }
    }

    @Test func nothingStaysOfHalfAFile() throws {
        let left = try inFolder { folder in
            do throws(PNGFile.Failure) {
                _ = try PNGFile.create(in: folder, as: ["a.png", "b.png"]) { file in
                    fputs("half", file)
                    return "the disk is full"
                }
                Issue.record("no failure")
            } catch {
                #expect(error.description == "The picture \(folder)/a.png cannot be written: the disk is full.")
            }
        }
        #expect(left.isEmpty)
    }
}
