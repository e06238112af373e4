import Glibc
import JSON
import MediaTypes
import Primitives
import TestPattern
import TestSupport
import Testing
import Threading

/// Calls on terminals that take little, or nothing for a while.
@Suite struct SlowTerminalTests {
    /// A call with pictures that no such line could take, so that the budget has to choose; without one's own, which would lie over the
    /// timecode.
    private struct Call {
        let meeting: Meeting
        let other: ProgramRun
        let run: ScreenRun

        init(kind: TerminalKind = .xterm, options: [String] = [], bytesPerSecond: Int? = nil) async throws {
            meeting = try await Meeting()
            let network = ["--server", meeting.url, "--ice-server", "none", "--loopback", "--mic", "test", "--speaker", "none"]
            other = try ProgramRun(
                ["room", "--headless", "--json", "--timeout", "600", "--camera", "test", "--size", "320x240", "--fps", "15"] + network)
            _ = try await other.event("joined")
            run = try ScreenRun(
                ["room", "--name", "ana", "--camera", "none"] + network + options, columns: 120, rows: 36, kind: kind,
                bytesPerSecond: bytesPerSecond)
            _ = try await other.event("connected")
            try await run.until("the other's picture") { $0.pictureCells() > 1000 }
        }

        /// What the other side has heard of us.
        func heard() async throws -> Double { try await other.statistics { _ in true }.number("audio.received") }

        /// The call goes on for a while: so many packets of 20 ms, however long they take.
        func goesOn(packets: Double = 100) async throws {
            let before = try await heard()
            try await other.statistics { $0.number("audio.received") > before + packets }
        }

        /// A picture that was drawn later than what is seen now.
        func seesNewer() async throws {
            var before: Int?
            try await run.until("a picture whose number can be read") {
                before = $0.timecode()?.number
                return before != nil
            }
            try await run.until("a newer picture, whole") { ($0.timecode()?.number ?? -1) > before ?? .max }
        }
    }

    @Test(arguments: [TerminalKind.xterm, .silent]) func thePictureAndTheSoundGoOn(kind: TerminalKind) async throws {
        let call = try await Call(kind: kind, bytesPerSecond: 50_000)
        let before = try await call.heard()
        for _ in 0..<5 { try await call.seesNewer() }
        // Both at once: the sound has gone on beside the pictures, not only after them.
        #expect(try await call.heard() > before)
        try await call.goesOn()
        try await call.seesNewer()
        try await call.run.type("m")
        try await call.run.shows("MIC OFF")
        #expect(call.run.screen.unknown.isEmpty, "\(call.run.screen.unknown)")
    }

    /// Nothing grows, the call goes on, and what has changed meanwhile is seen afterwards.
    @Test(arguments: [TerminalKind.xterm, .silent]) func aStoppedTerminalIsBorne(kind: TerminalKind) async throws {
        let call = try await Call(kind: kind)
        // Buffers have found their sizes; frames that were kept would be a megabyte each second.
        try await call.goesOn(packets: 200)
        call.run.isStopped = true
        try await call.run.type("m")
        try await call.goesOn()
        let memory = residentKilobytes(call.run.process)
        try await call.goesOn(packets: 400)
        let grown = residentKilobytes(call.run.process) - memory
        #expect(grown < 4_000, "\(grown) kB more than \(memory) kB")
        call.run.isStopped = false
        try await call.run.shows("MIC OFF")
        try await call.seesNewer()
        #expect(call.run.screen.unknown.isEmpty, "\(call.run.screen.unknown)")
    }

    @Test func aBudgetSetByHandIsKept() async throws {
        let call = try await Call(options: ["--tty-budget", "20"])
        try await call.seesNewer()
        let (start, before) = (MonotonicClock.now(), call.run.bytesWritten)
        // Two seconds' worth at the least, since such a picture changes all the time.
        try await call.run.until("what may be written") { _ in call.run.bytesWritten > before + 40_000 }
        try await call.seesNewer()
        let time = (MonotonicClock.now() - start).seconds
        #expect(Double(call.run.bytesWritten - before) < 20_000 * (time + 0.5) * 1.1)
    }

    private func residentKilobytes(_ process: pid_t) -> Int {
        guard let file = fopen("/proc/\(process)/statm", "r") else { return 0 }
        defer { fclose(file) }
        var buffer = [UInt8](repeating: 0, count: 256)
        let count = fread(&buffer, 1, buffer.count, file)
        let fields = String(decoding: buffer[..<count], as: UTF8.self).split(separator: " ")
        return fields.count > 1 ? (Int(fields[1]) ?? 0) * 4 : 0
    }
}

extension VirtualTerminal {
    /// What stands in the picture's timecode, read from the cells; nil: it cannot be read.
    fileprivate func timecode() -> Timecode? {
        func luma(_ color: Color) -> Int? {
            switch color {
            case .rgb(let r, let g, let b): return (299 * Int(r) + 587 * Int(g) + 114 * Int(b)) / 1000
            case .indexed(let index) where index >= 232: return 8 + 10 * (Int(index) - 232)
            case .indexed(let index) where index >= 16:
                let (levels, i) = ([0, 95, 135, 175, 215, 255], Int(index) - 16)
                return (299 * levels[i / 36] + 587 * levels[i / 6 % 6] + 114 * levels[i % 6]) / 1000
            default: return nil
            }
        }
        /// The halves of each cell; nil: no picture there.
        let halves: [(Int, Int)?] = (0..<rows * columns).map { index in
            let cell = self[index % columns, index / columns]
            guard let lower = luma(cell.background) else { return nil }
            let upper = luma(cell.foreground) ?? lower
            return switch cell.text {
            case "▀": (upper, lower)
            case "▄": (lower, upper)
            case "█": (upper, upper)
            default: (lower, lower)
            }
        }
        let columnsSeen = (0..<columns).filter { column in (0..<rows - 1).count { halves[$0 * columns + column] != nil } > rows / 3 }
        let rowsSeen = (0..<rows - 1).filter { row in (0..<columns).count { halves[row * columns + $0] != nil } > columns / 3 }
        guard let left = columnsSeen.first, let right = columnsSeen.last, let top = rowsSeen.first, let bottom = rowsSeen.last else {
            return nil
        }
        // Each half becomes a block of samples, since a picture must have 160x120 to carry one.
        let (width, height) = ((right - left + 1) * 4, (bottom - top + 1) * 16)
        var frame = I420Frame(width: width, height: height, time: .zero)
        var bytes = frame.bytes.mutableSpan
        for y in 0..<height {
            for x in 0..<width {
                let (upper, lower) = halves[(top + y / 16) * columns + left + x / 4] ?? (0, 0)
                bytes[y * width + x] = UInt8(clamping: y / 8 % 2 == 0 ? upper : lower)
            }
        }
        return Timecode.read(from: frame)
    }
}
