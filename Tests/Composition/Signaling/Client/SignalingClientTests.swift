import Primitives
import Signaling
import Synchronization
import Testing

/// Collects a client's events, and waits for one of them (at most ten seconds).
final class Recorder: Sendable {
    private let events = Mutex<[SignalingEvent]>([])
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() { (stream, continuation) = AsyncStream.makeStream() }

    var all: [SignalingEvent] { events.withLock { $0 } }

    func client(_ url: ServerURL, name: String? = nil) -> SignalingClient {
        SignalingClient(url: url, options: SignalingOptions(name: name)) { event in
            self.events.withLock { $0.append(event) }
            self.continuation.yield()
        }
    }

    /// The first event that matches, from `start` on.
    func wait(from start: Int = 0, _ matches: @escaping @Sendable (SignalingEvent) -> Bool) async -> SignalingEvent? {
        let late = Task {
            try? await Task.sleep(for: .seconds(10))
            if !Task.isCancelled { self.continuation.finish() }
        }
        defer { late.cancel() }
        if let found = all.dropFirst(start).first(where: matches) { return found }
        for await _ in stream {
            if let found = all.dropFirst(start).first(where: matches) { return found }
        }
        return nil
    }

    func hasJoined(_ channel: String, isFirst: Bool, from start: Int = 0) async -> Bool {
        await wait(from: start) { if case .joined(let place) = $0 { place.channel == channel && place.isFirst == isFirst } else { false } }
            != nil
    }

    func has(_ event: SignalingEvent) async -> Bool { await wait { $0 == event } != nil }
}

@Suite struct SignalingClientTests {
    let server: SignalingServer
    let url: ServerURL

    init() throws {
        server = try startOnOwnPort()
        url = ServerURL(host: "127.0.0.1", port: server.port)
    }

    @Test func twoClientsCallEachOther() async throws {
        let (first, second) = (Recorder(), Recorder())
        let a = first.client(url, name: "ana")
        let b = second.client(url, name: "bo\u{1b}")
        // Joined before there is a connection.
        a.join("방")
        a.start()
        #expect(await first.hasJoined("방", isFirst: true))
        b.start()
        b.join("방")
        #expect(await second.has(.ready(channel: "방")))
        #expect(await first.has(.ready(channel: "방")))
        #expect(await second.hasJoined("방", isFirst: false))
        guard case .connected(let idA)? = first.all.first, case .connected(let idB)? = second.all.first else {
            Issue.record("no id")
            return
        }
        #expect(await first.has(.memberJoined(ChannelMember(id: idB, name: "bo"))))
        #expect(await second.has(.memberJoined(ChannelMember(id: idA, name: "ana"))))

        a.send(.offer(sdp: "v=0\r\n\"방\""))
        a.send(.candidate(candidate: "candidate:1", mid: "0", mLineIndex: 0))
        a.send(.candidate(candidate: "", mid: nil, mLineIndex: nil))
        b.send(.answer(sdp: "v=0"))
        #expect(await second.has(.candidate(candidate: "", mid: nil, mLineIndex: nil, from: idA)))
        #expect(await first.has(.answer(sdp: "v=0", from: idB)))
        let relayed = second.all.drop { $0 != .offer(sdp: "v=0\r\n\"방\"", from: idA) }
        #expect(relayed.dropFirst().first == .candidate(candidate: "candidate:1", mid: "0", mLineIndex: 0, from: idA))

        b.stop()
        let count = second.all.count
        #expect(await first.has(.wait(channel: "방")))
        #expect(first.all.contains(.memberLeft(id: idB, name: "bo", reason: "left")))
        #expect(first.all.contains(.closeConnection))
        #expect(second.all.count == count)
        a.stop()
        server.stop()
    }

    @Test func aFullChannelIsRefused() async {
        let recorders = [Recorder(), Recorder(), Recorder()]
        var clients: [SignalingClient] = []
        for (index, recorder) in recorders.enumerated() {
            let client = recorder.client(url)
            client.join("c")
            client.start()
            clients.append(client)
            if index < 2 { #expect(await recorder.wait { if case .joined = $0 { true } else { false } } != nil) }
        }
        #expect(await recorders[2].has(.joinFailed(JoinFailure(message: "c is full"))))
        clients.forEach { $0.stop() }
        server.stop()
    }

    @Test func listsChannelsAndHearsOfChanges() async {
        let (first, second) = (Recorder(), Recorder())
        let lobby = first.client(url)
        lobby.listChannels()
        lobby.start()
        #expect(await first.has(.channels([])))
        let member = second.client(url, name: "수진")
        member.join("standup")
        member.start()
        #expect(await first.has(.channels([ChannelInfo(name: "standup", members: 1, names: ["수진"], capacity: 2)])))
        let seen = first.all.count
        member.leave("standup")
        #expect(await first.wait(from: seen) { $0 == .channels([]) } != nil)
        lobby.stop()
        member.stop()
        server.stop()
    }

    @Test func comesBackAndJoinsAgain() async throws {
        let recorder = Recorder()
        let client = recorder.client(url)
        client.join("c")
        client.start()
        #expect(await recorder.hasJoined("c", isFirst: true))
        let seen = recorder.all.count
        server.stop()
        #expect(await recorder.wait(from: seen) { if case .disconnected(_, true) = $0 { true } else { false } } != nil)
        let again = try await startAgain(on: server.port)
        #expect(await recorder.hasJoined("c", isFirst: true, from: seen))
        client.stop()
        again.stop()
    }

    @Test func sayWhyTheyCannotConnect() async {
        server.stop()
        let recorder = Recorder()
        let client = recorder.client(url)
        client.start()
        #expect(await recorder.has(.disconnected(reason: "Nothing answers at \(url).", willRetry: true)))
        client.stop()
    }

    @Test func aServerIsRecognised() {
        #expect(SignalingClient.answers(url: url))
        server.stop()
        #expect(!SignalingClient.answers(url: url))
    }
}
