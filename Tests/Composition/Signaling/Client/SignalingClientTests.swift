import Logging
import Primitives
import Testing

@testable import Signaling

/// The client at our own server.
@Suite(.ownThread, .timeLimit(.minutes(2))) struct SignalingClientTests {
    let server: SignalingServer
    let url: ServerURL

    init() throws {
        server = try startOnOwnPort()
        url = ServerURL(host: "127.0.0.1", port: server.port)
    }

    @Test func threeClientsCallEachOther() async throws {
        let recorders = [Recorder(), Recorder(), Recorder()]
        var clients: [SignalingClient] = []
        var ids: [String] = []
        for (index, recorder) in recorders.enumerated() {
            let client = recorder.client(url, name: ["ana", "bo\u{1b}", "cy"][index])
            // Joined before there is a connection.
            client.join("방")
            client.start()
            let place = try #require(await recorder.joined())
            #expect(place.members.map(\.id) == ids && place.isFirst == (index == 0) && place.isGroup && place.channel == "방")
            ids.append(place.id)
            clients.append(client)
        }
        #expect(await recorders[0].has(.memberJoined(ChannelMember(id: ids[1], name: "bo"))))
        #expect(await recorders[1].has(.memberJoined(ChannelMember(id: ids[2], name: "cy"))))

        clients[0].send(.offer(sdp: "v=0\r\n\"방\"", to: ids[1]))
        clients[0].send(.candidate(candidate: "candidate:1", mid: "0", mLineIndex: 0, to: ids[1]))
        clients[0].send(.candidate(candidate: "", mid: nil, mLineIndex: nil))
        for recorder in recorders.dropFirst() {
            #expect(await recorder.has(.candidate(candidate: "", mid: nil, mLineIndex: nil, from: ids[0])))
        }
        let told = recorders[1].all.drop { $0 != .offer(sdp: "v=0\r\n\"방\"", from: ids[0]) }
        #expect(told.dropFirst().first == .candidate(candidate: "candidate:1", mid: "0", mLineIndex: 0, from: ids[0]))
        #expect(!recorders[2].all.contains { if case .offer = $0 { true } else { false } })
        clients[1].send(.answer(sdp: "v=0", to: ids[0]))
        #expect(await recorders[0].has(.answer(sdp: "v=0", from: ids[1])))

        clients[1].stop()
        let count = recorders[1].count
        for recorder in [recorders[0], recorders[2]] { #expect(await recorder.has(.memberLeft(id: ids[1], name: "bo", reason: "left"))) }
        #expect(recorders[1].count == count)
        clients.forEach { $0.stop() }
        server.stop()
    }

    /// One of the seed's kind is a member as any other, but that the channel holds no more than it and one other then.
    @Test func callsWithAPlainMember() async throws {
        let plain = try #require(RawConnection(port: server.port))
        _ = plain.openWebSocket()
        _ = plain.frame()
        plain.frame("40")
        let id = try #require(plain.frame()?.dropFirst("40{\"sid\":\"".count).prefix(20))
        plain.frame("42[\"create or join\",\"c\"]")
        let recorder = Recorder()
        let client = recorder.client(url)
        client.join("c")
        client.start()
        let place = try #require(await recorder.joined())
        #expect(place.members == [ChannelMember(id: String(id), isPlain: true)])
        plain.frame("42[\"handshake\",{\"channel\":\"c\",\"offer\":{\"type\":\"offer\",\"sdp\":\"v=0\"}}]")
        #expect(await recorder.has(.offer(sdp: "v=0", from: String(id))))
        client.send(.answer(sdp: "v=1", to: String(id)))
        var frames: [String] = []
        while let frame = plain.frame(), frames.count < 20 {
            frames.append(frame)
            if frame.contains("answer") { break }
        }
        #expect(frames.last == "42[\"handshake\",{\"answer\":{\"type\":\"answer\",\"sdp\":\"v=1\"}}]")
        client.stop()
        server.stop()
    }

    @Test func aFullChannelIsRefused() async throws {
        var clients: [SignalingClient] = []
        for index in 0..<3 {
            let recorder = Recorder()
            let client = recorder.client(url)
            client.join("c", capacity: 2)
            client.start()
            clients.append(client)
            if index < 2 {
                #expect(await recorder.joined()?.capacity == 2)
            } else {
                #expect(await recorder.failure()?.code == "full")
            }
        }
        clients.forEach { $0.stop() }
        server.stop()
    }

    @Test func aPasswordIsAskedFor() async throws {
        let (first, second) = (Recorder(), Recorder())
        let owner = first.client(url)
        owner.join("c", password: "sesam")
        owner.start()
        #expect(await first.joined() != nil)
        let guest = second.client(url)
        guest.listChannels()
        guest.join("c")
        guest.start()
        #expect(await second.failure()?.code == "password-needed")
        let list = await second.find { events in
            for case .channels(let list) in events { return list }
            return nil
        }
        #expect(list?.first?.needsPassword == true)
        let count = second.count
        guest.join("c", password: "seam")
        #expect(await second.failure(from: count)?.code == "wrong-password")
        guest.join("c", password: "sesam")
        #expect(await second.joined()?.members.count == 1)
        owner.stop()
        guest.stop()
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
        #expect(await first.has(.channels([ChannelInfo(name: "standup", members: 1, names: ["수진"], capacity: 8)])))
        let seen = first.count
        member.leave("standup")
        #expect(await first.has(.channels([]), from: seen))
        lobby.stop()
        member.stop()
        server.stop()
    }

    @Test func goesFromOneChannelToAnother() async throws {
        let (first, second) = (Recorder(), Recorder())
        let stays = first.client(url)
        stays.join("a")
        stays.start()
        #expect(await first.joined() != nil)
        let moves = second.client(url)
        moves.join("a")
        moves.start()
        let place = try #require(await second.joined())
        let count = second.count
        moves.join("b")
        #expect(await second.joined(from: count)?.channel == "b")
        #expect(await first.has(.memberLeft(id: place.id, name: nil, reason: "left")))
        #expect(!second.all.dropFirst(count).contains { if case .memberJoined = $0 { true } else { false } })
        stays.stop()
        moves.stop()
        server.stop()
    }

    // MARK: Coming back

    /// Three in a channel whose server goes: by a word and on the same port, or by none.
    @Test(arguments: [true, false]) func allComeBackToANewServer(saysSo: Bool) async throws {
        let relay = try Relay(to: server.port)
        let recorders = [Recorder(), Recorder(), Recorder()]
        let names = ["ana", "bo", "cy"]
        let clients = zip(recorders, names).map { recorder, name in
            recorder.client(ServerURL(host: "127.0.0.1", port: saysSo ? server.port : relay.port), name: name)
        }
        var ids: [String] = []
        for (client, recorder) in zip(clients, recorders) {
            client.join("c", password: "p", capacity: 5)
            client.start()
            ids.append(try #require(await recorder.joined()).id)
        }
        for recorder in recorders { #expect(await recorder.others(2, from: 0) != nil) }
        let seen = recorders.map(\.count)

        let next: SignalingServer
        if saysSo {
            server.stop()
            next = try await startAgain(on: server.port)
        } else {
            next = try startOnOwnPort()
            relay.cut(to: next.port)
        }
        for (index, recorder) in recorders.enumerated() {
            #expect(await recorder.disconnected(from: seen[index])?.willRetry == true)
            let place = try #require(await recorder.joined(from: seen[index]))
            #expect(place.id == ids[index] && place.capacity == 5)
            #expect(await recorder.others(2, from: seen[index]) != nil)
        }
        // What each of them says now comes behind all that the server has told.
        for client in clients { client.send(.candidate(candidate: "last", mid: nil, mLineIndex: nil)) }
        for (index, recorder) in recorders.enumerated() {
            let others = ids.enumerated().filter { $0.offset != index }.map(\.element)
            for id in others {
                #expect(await recorder.has(.candidate(candidate: "last", mid: nil, mLineIndex: nil, from: id), from: seen[index]))
            }
            let events = recorder.all.dropFirst(seen[index])
            #expect(Recorder.arrivals(events).sorted() == others.sorted())
            #expect(!events.contains { if case .memberLeft = $0 { true } else { false } })
            #expect(events.contains { if case .serverStopping = $0 { true } else { false } } == saysSo)
        }
        clients.forEach { $0.stop() }
        server.stop()
        next.stop()
    }

    @Test func whoIsLostComesBackAsTheSame() async throws {
        let relay = try Relay(to: server.port)
        let (first, second) = (Recorder(), Recorder())
        let stays = first.client(url)
        stays.join("c", capacity: 2)
        stays.start()
        #expect(await first.joined() != nil)
        let lost = second.client(ServerURL(host: "127.0.0.1", port: relay.port), name: "bo")
        lost.join("c")
        lost.start()
        let place = try #require(await second.joined())
        #expect(await first.has(.memberJoined(ChannelMember(id: place.id, name: "bo"))))
        let (seen, seenByOther) = (second.count, first.count)
        relay.cut()
        // Its place is kept meanwhile: a third gets none, though the channel has room.
        #expect(await first.has(.memberLeft(id: place.id, name: "bo", reason: "disconnected"), from: seenByOther))
        let third = Recorder()
        let stranger = third.client(url)
        stranger.join("c")
        stranger.start()
        let refusal = await third.find { events in
            for case .refused(let failure) in events { return failure }
            return nil
        }
        #expect(refusal?.code == "full" && refusal?.retryAfter != nil)
        let again = try #require(await second.joined(from: seen))
        #expect(again.id == place.id && again.members.count == 1)
        #expect(await first.has(.memberJoined(ChannelMember(id: place.id, name: "bo")), from: seenByOther))
        for client in [stays, lost, stranger] { client.stop() }
        server.stop()
    }

    @Test func aChangeOfTheNetworkBringsItBackAtOnce() async throws {
        let recorder = Recorder()
        server.stop()
        let client = recorder.client(url)
        client.join("c")
        client.start()
        // By now it waits for five seconds, more or less.
        let waits = await recorder.find { events in
            events.count { if case .disconnected = $0 { true } else { false } } >= 2 ? true : nil
        }
        #expect(waits == true)
        let again = try await startAgain(on: server.port)
        client.networkChanged()
        #expect(await recorder.joined() != nil)
        // Connected, it asks for a pong and gets it: nothing is told.
        client.networkChanged()
        client.listChannels()
        #expect(await recorder.has(.channels([ChannelInfo(name: "c", members: 1, names: [], capacity: 8)])))
        client.stop()
        again.stop()
    }

    // MARK: Access

    @Test func aTokenOpensTheServerAndItsChannels() async throws {
        var configuration = ServerConfiguration()
        configuration.port = 0
        configuration.access.tokenSecret = Array("secret of the server".utf8)
        let guarded = try SignalingServer.start(configuration, log: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        let url = ServerURL(host: "127.0.0.1", port: guarded.port)
        let without = Recorder()
        let stranger = without.client(url)
        stranger.join("a")
        stranger.start()
        let end = await without.disconnected()
        #expect(end?.willRetry == false && end?.reason.contains("give it with --token") == true)
        stranger.stop()
        server.stop()
        guarded.stop()
    }

    // MARK: Beginnings

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
