import JSON
import Primitives
import Synchronization
import TLSClient

@testable import Signaling

/// Collects a client's events, and waits for what it is asked for (at most twenty seconds).
final class Recorder: Sendable {
    private let events = Mutex<[SignalingEvent]>([])
    private let news: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() { (news, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1)) }

    var all: [SignalingEvent] { events.withLock { $0 } }
    var count: Int { events.withLock { $0.count } }

    private func record(_ event: SignalingEvent) {
        events.withLock { $0.append(event) }
        continuation.yield()
    }

    func client(_ url: ServerURL, name: String? = nil) -> SignalingClient { client(url, SignalingOptions(name: name)) }

    func client(_ url: ServerURL, _ options: SignalingOptions) -> SignalingClient {
        SignalingClient(url: url, options: options) { self.record($0) }
    }

    func client(_ url: ServerURL, trust: TrustRoots) -> SignalingClient {
        SignalingClient(url: url, options: SignalingOptions(), trust: trust) { self.record($0) }
    }

    /// What `find` finds in the events from `start` on, as soon as it does.
    func find<Found>(from start: Int = 0, _ find: (ArraySlice<SignalingEvent>) -> Found?) async -> Found? {
        let late = Task {
            try? await Task.sleep(for: .seconds(20))
            if !Task.isCancelled { self.continuation.finish() }
        }
        defer { late.cancel() }
        if let found = find(all.dropFirst(start)) { return found }
        for await _ in news {
            if let found = find(all.dropFirst(start)) { return found }
        }
        return nil
    }

    func has(_ event: SignalingEvent, from start: Int = 0) async -> Bool {
        await find(from: start) { $0.contains(event) ? true : nil } ?? false
    }

    func joined(from start: Int = 0) async -> JoinedChannel? {
        await find(from: start) { events in
            for case .joined(let place) in events { return place }
            return nil
        }
    }

    func failure(from start: Int = 0) async -> JoinFailure? {
        await find(from: start) { events in
            for case .joinFailed(let failure, _) in events { return failure }
            return nil
        }
    }

    func disconnected(from start: Int = 0) async -> (reason: String, willRetry: Bool)? {
        await find(from: start) { events in
            for case .disconnected(let reason, let willRetry) in events { return (reason, willRetry) }
            return nil
        }
    }

    /// Once so many others have been in the channel since `start`: each of them as often as it was told of.
    func others(_ count: Int, from start: Int) async -> [String]? {
        await find(from: start) { events in
            let ids = Recorder.arrivals(events)
            return ids.count >= count ? ids : nil
        }
    }

    static func arrivals(_ events: ArraySlice<SignalingEvent>) -> [String] {
        events.flatMap { event -> [String] in
            switch event {
            case .joined(let place): place.members.map(\.id)
            case .memberJoined(let member): [member.id]
            default: []
            }
        }
    }
}

func arguments(_ text: String) -> [RawJSON] { (try? RawJSON(validating: Array(text.utf8)).elements) ?? [] }
