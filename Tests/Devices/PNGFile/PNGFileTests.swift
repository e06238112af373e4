import CPNG
import Glibc
import MediaTypes
import Primitives
import TestSupport
import Testing

@testable import PNGFile

@Suite struct PNGFileTests {
    private func path() -> String { "/tmp/tchat-png-\(getpid())-\(UInt64.random(in: 0...UInt64.max)).png" }

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

    @Test func whatIsReadIsWhatWasWritten() throws {
        let frame = syntheticFrame(width: 81, height: 47, number: 3, time: .zero)
        let path = path()
        defer { unlink(path) }
        try PNGFile.write(frame, to: path)
        let found = try read(path)
        #expect(found.width == 81 && found.height == 47)
        #expect(found.pixels == PNGFile.rgb(frame))
        var status = stat()
        #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o600)
    }

    @Test func aFileThatIsThereStays() throws {
        let path = path()
        defer { unlink(path) }
        try PNGFile.write(I420Frame(width: 4, height: 4, time: .zero), to: path)
        do throws(PNGFile.Failure) {
            try PNGFile.write(I420Frame(width: 8, height: 8, time: .zero), to: path)
            Issue.record("written over")
        } catch {
            #expect(error.isTaken)
            #expect(error.description == "The picture \(path) cannot be written: there is such a file already.")
        }
        #expect(try read(path).width == 4)
    }

    @Test func aFolderThatIsNotThereIsTold() {
        let path = "/nowhere/at/all.png"
        do throws(PNGFile.Failure) {
            try PNGFile.write(I420Frame(width: 4, height: 4, time: .zero), to: path)
            Issue.record("written")
        } catch {
            #expect(error.description == "The picture \(path) cannot be written: No such file or directory." && !error.isTaken)
        }
    }

    @Test func nothingStaysOfHalfAFile() {
        let path = path()
        do throws(PNGFile.Failure) {
            try PNGFile.create(path) { file in
                fputs("half", file)
                return "the disk is full"
            }
            Issue.record("no failure")
        } catch {
            #expect(error.description == "The picture \(path) cannot be written: the disk is full.")
        }
        #expect(access(path, F_OK) != 0)
    }
}
