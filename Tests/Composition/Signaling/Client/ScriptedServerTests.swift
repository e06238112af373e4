import Primitives
import Synchronization
import TestSupport
import Testing

@testable import Signaling

/// The client against servers that do what ours does not.
@Suite(.timeLimit(.minutes(2))) struct ScriptedServerTests {
    private let recorder = Recorder()

    // MARK: What answers is no signaling server

    @Test(arguments: [
        ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", "no signaling server (HTTP status 200)"),
        ("HTTP/1.1 404 Not Found\r\n\r\n", "no signaling server (HTTP status 404)"),
        ("HTTP/1.1 403 Forbidden\r\n\r\n", "does not let this client in"),
        ("HTTP/1.1 429 Too Many Requests\r\n\r\n", "takes no more connections from here"),
        ("HTTP/1.1 503 Service Unavailable\r\n\r\n", "does not serve at the moment"), ("SSH-2.0-OpenSSH_9.2\r\n", "no signaling server"),
        ("\u{0}\u{1}\u{2}", "no signaling server"), ("", "no signaling server"),
        (
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: AAAA\r\n\r\n",
            "no signaling"
        ),
        ("HTTP/1.1 101 Switching Protocols\r\n\r\n", "no signaling"),
        ("HTTP/1.1 200 OK\r\nX: " + String(repeating: "x", count: 300_000), "no signaling server"),
    ])
    func isSaidToBeNone(_ answer: String, _ why: String) async throws {
        let server = try ScriptedServer { _, input in input == .request ? [.raw(Array(answer.utf8)), .end] : [] }
        let client = recorder.client(server.url)
        client.start()
        let end = await recorder.disconnected()
        #expect(end?.reason.contains(why) == true && end?.willRetry == true, "\(end?.reason ?? "")")
        client.stop()
    }

    // MARK: What comes is nonsense

    static let nonsense: [(String, [ScriptedServer.Output])] = [
        ("an RSV bit", [.frame(0xc1, [0x32])]), ("an unknown opcode", [.frame(0x83, [])]),
        ("a continuation of nothing", [.frame(0x80, [1])]),
        ("a new message within another", [.frame(0x01, [0x34]), .frame(0x81, [0x34])]), ("a fragmented ping", [.frame(0x09, [])]),
        ("a ping that is too long", [.frame(0x89, [UInt8](repeating: 0, count: 200))]),
        ("a length beyond all", [.raw([0x81, 127, 0x7f, 255, 255, 255, 255, 255, 255, 255])]),
        ("a negative length", [.raw([0x81, 127, 255, 255, 255, 255, 255, 255, 255, 255])]),
        ("more than is taken", [.raw([0x81, 127, 0, 0, 0, 0, 0, 0x20, 0, 0])]),
        ("fragments without end", Array(repeating: .frame(0x00, [UInt8](repeating: 0x34, count: 300_000)), count: 5)),
        ("no UTF-8", [.frame(0x81, [0x34, 0x32, 0xff])]), ("no packet", [.text("9")]), ("nothing", [.text("")]),
        ("half a packet", [.text("42[")]),
        ("a deep packet", [.text("42" + String(repeating: "[", count: 100_000))]), ("a goodbye", [.text("1")]),
        ("a close", [.frame(0x88, [3, 0xe8])]),
        ("an end", [.end]),
    ]

    @Test(arguments: nonsense.indices)
    func nonsenseEndsTheConnectionAndNotTheClient(_ index: Int) async throws {
        let (name, outputs) = Self.nonsense[index]
        let first: [ScriptedServer.Output] = name == "fragments without end" ? [.frame(0x01, [0x34])] : []
        let server = try ScriptedServer(
            ScriptedServer.admitting { number, input in
                if case .text(let text) = input, text.hasPrefix("40"), number == 1 { first + outputs } else { [] }
            })
        let client = recorder.client(server.url)
        client.start()
        let end = await recorder.disconnected()
        #expect(end?.willRetry == true, "\(name)")
        // It comes back, and the second connection stands.
        #expect(await recorder.has(.connected(id: "S"), from: 1), "\(name)")
        client.stop()
    }

    /// Everything that a server says in a call, with one byte wrong or cut off: the client goes on or comes back.
    @Test func brokenTwinsOfWhatAServerSays() async throws {
        let answer = #"431[{"ok":true,"id":"ME","channel":"c","members":[{"id":"A"}]}]"#
        let texts = [
            ScriptedServer.greeting, #"40{"sid":"S"}"#, #"42["connect success","ME"]"#, answer,
            #"427["member joined",{"channel":"c","id":"B"}]"#,
            #"42["handshake",{"channel":"c","from":"B","offer":{"type":"offer","sdp":"v=0"}}]"#, "2",
        ]
        let bytes = texts.flatMap { ScriptedServer.frame(0x81, Array($0.utf8)) }
        var twins: [[UInt8]] = []
        brokenTwins(bytes) { twin in twins.append((0..<twin.count).map { twin[$0] }) }
        let seed = UInt64.random(in: 0 ... .max)
        var random = RandomSource.seeded(seed)
        let chosen = (0..<300).compactMap { _ in twins.randomElement(using: &random) }
        let server = try ScriptedServer { number, input in
            switch input {
            case .request: [.upgrade, .raw(number <= chosen.count ? chosen[number - 1] : bytes), .end]
            default: []
            }
        }
        for index in chosen.indices {
            let recorder = Recorder()
            let client = recorder.client(server.url)
            client.join("c")
            client.start()
            #expect(await recorder.disconnected() != nil, "seed \(seed), twin \(index)")
            client.stop(flushingLeave: false)
        }
    }

    // MARK: Slowness

    @Test func aServerThatDoesNotReadIsGivenUp() async throws {
        let server = try ScriptedServer(
            ScriptedServer.admitting { number, input in
                guard case .text(let text) = input, let id = ScriptedServer.acknowledgement(text, "create or join") else { return [] }
                let answer = #"43\#(id)[{"ok":true,"id":"ME","channel":"c","members":[{"id":"A"}]}]"#
                return number == 1 ? [.text(answer), .stall] : [.text(answer)]
            })
        let client = recorder.client(server.url)
        client.join("c")
        client.start()
        #expect(await recorder.joined() != nil)
        let sdp = String(repeating: "x", count: 100_000)
        // More than the two systems' buffers and ours hold.
        for _ in 0..<400 { client.send(.offer(sdp: sdp, to: "A")) }
        #expect(await recorder.disconnected()?.reason == "The server does not take what is sent to it.")
        #expect(await recorder.joined(from: 2) != nil)
        client.stop(flushingLeave: false)
    }

    @Test func aListThatComesLateIsToldAllTheSame() async throws {
        let server = try ScriptedServer(
            ScriptedServer.admitting { _, input in
                // The list is sent when the client asks for something that it asks for after its patience has ended.
                guard case .text(let text) = input, ScriptedServer.acknowledgement(text, "create or join") != nil else { return [] }
                return [.text(#"431[[{"name":"c","members":1}]]"#)]
            })
        let client = recorder.client(server.url)
        client.listChannels()
        client.start()
        #expect(await recorder.has(.listUnsupported))
        client.join("d")
        #expect(await recorder.has(.channels([ChannelInfo(name: "c", members: 1, names: [], capacity: 0)])))
        client.stop()
    }

    // MARK: Coming back

    @Test func afterAChangeOfTheNetworkADeadConnectionIsReplaced() async throws {
        let pings = PingCount()
        let server = try ScriptedServer(
            ScriptedServer.admitting { _, input in
                // The first ping is answered, and what comes behind its pong shows that it has come.
                input == .ping && pings.next() == 1 ? [.pong, .text(#"42["channels",[]]"#)] : []
            })
        let client = recorder.client(server.url)
        client.start()
        #expect(await recorder.has(.connected(id: "S")))
        client.networkChanged()
        #expect(await recorder.has(.channels([])))
        client.networkChanged()
        let end = await recorder.disconnected()
        #expect(end?.reason.contains("change of the network") == true && end?.willRetry == true)
        #expect(await recorder.has(.connected(id: "S"), from: 1))
        #expect(server.inputs(1).count { $0 == .ping } == 2)
        client.stop()
    }

    @Test func itSaysWhoItIsEachTimeAndAsksForTheSame() async throws {
        let script = ScriptedServer.admitting { number, input in
            guard case .text(let text) = input, let id = ScriptedServer.acknowledgement(text, "create or join") else { return [] }
            let answer = ScriptedServer.Output.text(#"43\#(id)[{"ok":true,"id":"ME","channel":"c","members":[{"id":"A"}]}]"#)
            return number < 3 ? [answer, .end] : [answer]
        }
        let server = try ScriptedServer(script)
        let client = recorder.client(server.url, SignalingOptions(name: "ada", token: "to.ken", resume: "0123456789abcdefXYZ"))
        client.join("c", password: "secret", capacity: 5)
        client.start()
        let isBack = await recorder.find { events in
            events.count { if case .joined = $0 { true } else { false } } == 3 ? true : nil
        }
        #expect(isBack == true)
        for number in 1...3 {
            #expect(
                server.texts(number).prefix(2) == [
                    #"40{"name":"ada","features":["group"],"resume":"0123456789abcdefXYZ","token":"to.ken"}"#,
                    #"42\#(number)["create or join","c",{"capacity":5,"password":"secret"}]"#,
                ])
        }
        client.stop()
    }

    @Test func aHeldPlaceIsWaitedFor() async throws {
        let server = try ScriptedServer(
            ScriptedServer.admitting { _, input in
                guard case .text(let text) = input, let id = ScriptedServer.acknowledgement(text, "create or join") else { return [] }
                return id < 3
                    ? [.text(#"43\#(id)[{"ok":false,"code":"full","message":"c is full.","retryAfter":0.1}]"#)]
                    : [.text(#"43\#(id)[{"ok":true,"id":"ME","channel":"c","members":[]}]"#)]
            })
        let client = recorder.client(server.url)
        client.join("c")
        client.start()
        #expect(await recorder.joined() != nil)
        let refusals = recorder.all.filter { if case .refused = $0 { true } else { false } }
        #expect(refusals == [.refused(JoinFailure(code: "full", message: "c is full.", retryAfter: .milliseconds(100)))])
        client.stop()
    }

    @Test func aServerThatStopsIsLookedForAgain() async throws {
        let server = try ScriptedServer(
            ScriptedServer.admitting { number, input in
                guard case .text(let text) = input, text.hasPrefix("40"), number == 1 else { return [] }
                return [.text(#"42["server stopping",{"message":"Back soon."}]"#), .text("41")]
            })
        let client = recorder.client(server.url)
        client.start()
        #expect(await recorder.disconnected()?.willRetry == true)
        #expect(recorder.all.contains(.serverStopping("Back soon.")))
        #expect(await recorder.has(.connected(id: "S"), from: 1))
        client.stop()
    }

    // MARK: Refusals

    @Test func aTokenThatIsOverEndsItWithWhatToDo() async throws {
        let server = try ScriptedServer { _, input in
            switch input {
            case .request: [.upgrade, .text(ScriptedServer.greeting)]
            case .text: [.text(#"44{"message":"The token has expired.","data":{"code":"token-expired"}}"#)]
            default: []
            }
        }
        let client = recorder.client(server.url)
        client.start()
        let end = await recorder.disconnected()
        #expect(end?.reason == "The server refused: The token has expired. Ask whoever runs the server for a new token.")
        #expect(end?.willRetry == false)
        client.stop()
    }

    @Test func whoAsksForAnAnswerGetsOne() async throws {
        let server = try ScriptedServer(
            ScriptedServer.admitting { _, input in
                guard case .text(let text) = input else { return [] }
                if text.hasPrefix("40") {
                    return [.text(#"4217["who",1]"#), .text(#"451-18["who",{"_placeholder":true,"num":0}]"#), .frame(0x82, [1])]
                }
                return text == "4318[]" ? [.text(#"42["channels",[]]"#)] : []
            })
        let client = recorder.client(server.url)
        client.start()
        #expect(await recorder.has(.channels([])))
        #expect(server.texts().suffix(2) == ["4317[]", "4318[]"])
        client.stop()
    }
}

private final class PingCount: Sendable {
    private let count = Mutex(0)
    func next() -> Int {
        count.withLock {
            $0 += 1
            return $0
        }
    }
}
