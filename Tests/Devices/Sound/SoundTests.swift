import Glibc
import MediaTypes
import Testing
import Threading

@testable import Sound

/// Real libasound calls on devices that need no card: "null" is always ready, "file:" writes down what is played.
@Suite struct SoundTests {
    @Test func whatIsPlayedReachesTheDeviceUnchanged() throws {
        let path = "/tmp/tchat-sound-\(getpid())-\(UInt32.random(in: 0...UInt32.max)).raw"
        defer { unlink(path) }
        let ramp = (0..<9600).map { Int16(truncatingIfNeeded: $0 &* 7) }
        do {
            let speaker = try ALSASpeaker(device: "file:'\(path)',raw")
            for start in stride(from: 0, to: ramp.count, by: 960) { try speaker.write(Array(ramp[start..<start + 960])) }
            speaker.stop()
            try speaker.write([1, 2, 3])
        }
        let file = open(path, O_RDONLY)
        try #require(file >= 0)
        defer { close(file) }
        var played = [Int16](repeating: 0, count: ramp.count + 100)
        let count = played.withUnsafeMutableBytes { read(file, $0.baseAddress, $0.count) }
        #expect(count == ramp.count * 2)
        #expect(Array(played[..<ramp.count]) == ramp)
    }

    /// Somebody may be about to open the same card by another name.
    @Test(arguments: [false, true]) func afterStopTheDeviceIsFree(isPlaying: Bool) throws {
        let path = "/tmp/tchat-sound-\(getpid())-\(UInt32.random(in: 0...UInt32.max)).raw"
        defer { unlink(path) }
        let speaker = try ALSASpeaker(device: "file:'\(path)',raw")
        let block = [Int16](repeating: 7, count: 480)
        try speaker.write(block)
        #expect(isOpen(path))
        let (played, ended) = (BoundedRing<Bool>(capacity: 1), StopSignal())
        let thread = WorkerThread()
        if isPlaying {
            thread.start(name: "player") {
                while !ended.isStopped {
                    try? speaker.write(block)
                    played.push(true)
                }
            }
            _ = played.wait(until: nil)
        }
        speaker.stop()
        #expect(!isOpen(path))
        ended.stop()
        thread.join()
        speaker.stop()
        #expect(!isOpen(path))
    }

    private func isOpen(_ path: String) -> Bool {
        guard let folder = opendir("/proc/self/fd") else { return false }
        defer { closedir(folder) }
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            var target = [CChar](repeating: 0, count: 4096)
            let count = readlink("/proc/self/fd/\(name)", &target, target.count)
            if count > 0, String(decoding: target[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self) == path { return true }
        }
        return false
    }

    @Test(arguments: [0, 1, 480, 960, 100_000])
    func aMicrophoneTakesAnyCount(count: Int) throws {
        let microphone = try ALSAMicrophone(device: "null")
        var samples = [Int16](repeating: 0, count: count)
        #expect(try microphone.read(into: &samples))
        #expect(samples.count == count)
    }

    @Test func stopEndsAReaderOfAnotherThread() throws {
        let microphone = try ALSAMicrophone(device: "null")
        let thread = MediaThread.start(name: "reader") {
            var samples = [Int16](repeating: 0, count: 480)
            while (try? microphone.read(into: &samples)) == true {}
        }
        microphone.stop()
        thread?.join()
        var samples = [Int16](repeating: 0, count: 480)
        #expect(try microphone.read(into: &samples) == false)
    }

    @Test func aMissingDeviceIsOneSentenceThatSaysWhatToDo() {
        for name in ["no-such-device", "hw:31,7"] {
            do throws(MediaDeviceError) {
                _ = try ALSAMicrophone(device: name)
                Issue.record("\(name) opened")
            } catch {
                #expect(error.kind == .notFound, "\(name): \(error)")
                #expect(error.description.contains("There is no microphone \"\(name)\""))
                #expect(error.description.contains("tchat devices"))
            }
        }
    }

    @Test func eachErrorSaysWhatItIs() {
        let sentences: [(Int32, MediaDeviceError.Kind, String)] = [
            (-EACCES, .permission, "usermod -aG audio"), (-EBUSY, .busy, "another program"), (-EIO, .failed, "Input/output error"),
        ]
        for (status, kind, text) in sentences {
            let error = MediaDeviceError.sound("default", .playback, error: status, while: "running")
            #expect(error.kind == kind)
            #expect(error.description.contains(text))
            #expect(error.description.hasSuffix("."))
        }
    }

    @Test func listingOpensNothing() {
        for device in ALSAMicrophone.list() { #expect(device.canCapture) }
        for device in ALSASpeaker.list() { #expect(device.canPlay) }
    }
}
