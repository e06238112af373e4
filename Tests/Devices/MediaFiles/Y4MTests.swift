import Glibc
import MediaFiles
import MediaTypes
import Primitives
import TestSupport
import Testing
import Threading

@Suite struct Y4MTests {
    private let scratch = Scratch()

    private func clip(_ header: String = "YUV4MPEG2 W4 H2 F25:1 Ip A1:1 C420jpeg\n", frames: Int = 3) -> [UInt8] {
        var bytes = Array(header.utf8)
        for number in 0..<frames { bytes += Array("FRAME\n".utf8) + Array(repeating: UInt8(16 + number), count: 12) }
        return bytes
    }

    private func failure(_ path: String) -> MediaDeviceError? {
        do {
            _ = try Y4MReader(path: path, looped: false)
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: [(64, 48), (5, 3)])
    func whatIsWrittenIsRead(size: (Int, Int)) throws {
        let frames = (0..<5).map { syntheticFrame(width: size.0, height: size.1, number: $0) }
        let writer = try Y4MWriter(path: scratch.file("a.y4m"), framesPerSecond: 29.97)
        for frame in frames { #expect(writer.write(frame)) }
        writer.close()
        #expect(writer.framesWritten == 5 && writer.dropped == 0 && writer.failure == nil)
        let reader = try Y4MReader(path: scratch.file("a.y4m"), looped: false, paced: false)
        #expect(reader.format == VideoFormat(width: size.0, height: size.1, framesPerSecond: 29.97))
        #expect(reader.name == "a.y4m" && reader.frameCount == 5)
        for frame in frames { #expect(try reader.next()?.bytes == frame.bytes) }
        #expect(try reader.next() == nil)
        #expect(try reader.next() == nil)
    }

    /// A pipe that nobody reads is opened as little as a file on a disk that hangs.
    @Test func aDiskThatHangsHoldsUpNobody() throws {
        let path = scratch.file("pipe.y4m")
        try #require(mkfifo(path, 0o600) == 0)
        let failures = BoundedRing<MediaDeviceError>(capacity: 4)
        let writer = try Y4MWriter(openingLater: path) { failures.push($0) }
        for number in 0..<200 { writer.write(syntheticFrame(width: 16, height: 16, number: number)) }
        #expect(writer.dropped > 0)
        let reader = open(path, O_RDONLY)
        try #require(reader >= 0)
        writer.close()
        try #require(writer.framesWritten >= 60)
        // All of it is in the pipe.
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let total = read(reader, &bytes, bytes.count)
        close(reader)
        #expect(failures.pop() == nil && total > writer.framesWritten * 384)
    }

    @Test func whatCannotBeOpenedLaterIsToldOnce() throws {
        let failures = BoundedRing<MediaDeviceError>(capacity: 4)
        let writer = try Y4MWriter(openingLater: "/nowhere/a.y4m") { failures.push($0) }
        writer.write(syntheticFrame(width: 16, height: 16, number: 0))
        writer.write(syntheticFrame(width: 16, height: 16, number: 1))
        writer.close()
        #expect(failures.pop()?.kind == .notFound && failures.pop() == nil && writer.framesWritten == 0)
    }

    @Test func aLoopedFileBeginsAgain() throws {
        let reader = try Y4MReader(path: scratch.write(clip(), as: "c.y4m"), looped: true, paced: false)
        let lumas = try (0..<7).map { _ in try reader.next()?.bytes[0] }
        #expect(lumas == [16, 17, 18, 16, 17, 18, 16])
    }

    @Test func aStoppedReaderIsAtItsEnd() throws {
        let reader = try Y4MReader(path: scratch.write(clip("YUV4MPEG2 W4 H2 F1:10\n"), as: "c.y4m"), looped: true)
        #expect(try reader.next() != nil)
        // The next one would be due in ten seconds.
        reader.stop()
        #expect(try reader.next() == nil)
    }

    @Test(arguments: ["C420", "C420jpeg", "C420mpeg2", "C420paldv", "", "C420jpeg XYSCSS=420JPEG XCOLORRANGE=LIMITED"])
    func everyKindOf420IsRead(tag: String) throws {
        let path = scratch.write(clip("YUV4MPEG2 W4 H2 F30000:1001 \(tag)\n"), as: "c.y4m")
        let reader = try Y4MReader(path: path, looped: false, paced: false)
        #expect(reader.format.framesPerSecond == 30000.0 / 1001)
        #expect(try reader.next()?.width == 4)
    }

    @Test func frameHeadersMayHaveParameters() throws {
        let bytes = Array("YUV4MPEG2 W4 H2\nFRAME Ip XNOTE=1\n".utf8) + Array(repeating: 99, count: 12)
        let reader = try Y4MReader(path: scratch.write(bytes, as: "c.y4m"), looped: false, paced: false)
        #expect(try reader.next()?.bytes == Array(repeating: 99, count: 12))
    }

    @Test func aCutFrameIsNamedWithItsPlace() {
        let whole = clip()
        let header = 39
        #expect(whole.count == header + 3 * 18)
        #expect(failure(scratch.write(whole[..<80], as: "clip.y4m"))?.description == "clip.y4m: frame 3 is cut short at byte 80.")
        #expect(failure(scratch.write(whole[..<77], as: "clip.y4m"))?.description == "clip.y4m: frame 3 is cut short at byte 77.")
        #expect(failure(scratch.write(whole[..<header], as: "clip.y4m"))?.description == "clip.y4m: it holds no frame.")
        var wrong = whole
        wrong[header + 18] = UInt8(ascii: "X")
        #expect(failure(scratch.write(wrong, as: "clip.y4m"))?.description == "clip.y4m: frame 2 does not begin with FRAME at byte 57.")
    }

    @Test func everyTruncationIsRefusedUnlessItEndsWithAFrame() {
        let whole = clip()
        for count in 0..<whole.count where count != 39 + 18 && count != 39 + 36 {
            let error = failure(scratch.write(whole[..<count], as: "t.y4m"))
            #expect(error?.kind == .malformed, "\(count) bytes")
        }
    }

    @Test(arguments: [
        ("RIFF W4 H2\n", "clip.y4m: it does not begin with YUV4MPEG2, so it is no Y4M file."),
        ("YUV4MPEG2 W4\n", "clip.y4m: its header names no size from 1x1 to 16384x16384."),
        ("YUV4MPEG2 W-4 H2\n", "clip.y4m: its header names no size from 1x1 to 16384x16384."),
        ("YUV4MPEG2 W99999999999999999999 H2\n", "clip.y4m: its header names no size from 1x1 to 16384x16384."),
        ("YUV4MPEG2 W4 H2 F30\n", "clip.y4m: its frame rate is no fraction."),
        ("YUV4MPEG2 W4 H2 F30:0\n", "clip.y4m: its frame rate is no fraction."),
        ("YUV4MPEG2 W4 H2 F1:1000\n", "clip.y4m: its frame rate is not between 0.1 and 1000."),
        ("YUV4MPEG2 W4 H2 C444\n", "clip.y4m: its pixels are C444; only 4:2:0 with 8 bits (C420) can be used."),
        ("YUV4MPEG2 W4 H2 C420p10\u{1b}[2J\n", "clip.y4m: its pixels are C420p10??2J; only 4:2:0 with 8 bits (C420) can be used."),
    ])
    func aHeaderThatCannotBeIsExplained(header: String, text: String) {
        #expect(failure(scratch.write(clip(header), as: "clip.y4m"))?.description == text)
    }

    @Test func damagedHeadersAreSurvived() {
        let seed: UInt64 = 31
        var random = RandomSource.seeded(seed)
        for _ in 0..<300 {
            var bytes = clip()
            for _ in 0..<3 { bytes[Int(random.next() % 40)] = UInt8(truncatingIfNeeded: random.next()) }
            _ = failure(scratch.write(bytes, as: "d.y4m"))
        }
    }

    @Test func whatIsNoFileIsExplained() {
        #expect(failure(scratch.file("none.y4m"))?.kind == .notFound)
        #expect(failure(scratch.path)?.kind == .unsupported)
        #expect(throws: MediaDeviceError.self) { _ = try Y4MWriter(path: scratch.file("no/such.y4m")) }
    }

    @Test func pictureOfAnotherSizeIsFittedToTheFirst() throws {
        let writer = try Y4MWriter(path: scratch.file("s.y4m"))
        writer.write(I420Frame(width: 8, height: 6, y: 50, u: 60, v: 70, time: .zero))
        writer.write(I420Frame(width: 16, height: 13, y: 150, u: 160, v: 170, time: .zero))
        writer.close()
        let reader = try Y4MReader(path: scratch.file("s.y4m"), looped: false, paced: false)
        #expect(try reader.next()?.bytes[0] == 50)
        #expect(try reader.next()?.bytes == I420Frame(width: 8, height: 6, y: 150, u: 160, v: 170, time: .zero).bytes)
    }
}
