import Signaling
import Synchronization
import TestSupport

/// A screen in a call with a headless program, through a server of their own.
struct ScreenCall {
    /// So small and slow that a dozen calls fit beside each other.
    static let media = ["--camera", "test", "--mic", "test", "--speaker", "none", "--size", "160x120", "--fps", "5", "--bitrate", "150"]

    let meeting: Meeting
    let other: ProgramRun
    let run: ScreenRun

    /// Returns when there is a picture.
    init(
        columns: Int = 100, rows: Int = 30, language: String = "en_US.UTF-8", name: String = "bo", channel: String = "room",
        kind: TerminalKind = .xterm, options: [String] = [],
        environment: [String: String] = [:], underShell: Bool = false, typedTo interactive: [String]? = nil,
        bytesPerSecond: Int? = nil
    ) async throws {
        meeting = try await Meeting()
        let network = ["--server", meeting.url, "--ice-server", "none", "--loopback"]
        other = try ProgramRun([channel, "--headless", "--json", "--timeout", "600", "--name", name] + network + Self.media)
        _ = try await other.event("joined")
        run = try ScreenRun(
            [channel, "--name", "ana"] + network + Self.media + options, columns: columns, rows: rows, language: language, kind: kind,
            environment: environment, underShell: underShell, typedTo: interactive, bytesPerSecond: bytesPerSecond)
        _ = try await other.event("first-frame")
    }

    func seesPicture() async throws {
        try await run.until("the other's picture") { $0.pictureCells() > $0.columns * $0.rows / 3 }
    }
}

extension Meeting {
    /// Someone in a channel with whom nobody can talk; to be stopped.
    func member(_ name: String, in channel: String, password: String? = nil) async throws -> SignalingClient {
        final class Flag: Sendable { let isSet = Atomic(false) }
        let isThere = Flag()
        let member = SignalingClient(url: ServerURL(host: "127.0.0.1", port: port), options: SignalingOptions(name: name)) { event in
            if case .joined = event { isThere.isSet.store(true, ordering: .relaxed) }
        }
        member.start()
        member.join(channel, password: password, capacity: 8)
        _ = try await server.wait("\(name) in the channel") { isThere.isSet.load(ordering: .relaxed) ? true : nil }
        return member
    }
}
