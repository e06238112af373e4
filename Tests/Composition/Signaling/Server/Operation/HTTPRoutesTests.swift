import NIOHTTP1
import Primitives
import Testing

@testable import Signaling

@Suite struct HTTPRoutesTests {
    private var routes = HTTPRoutes()

    init() {
        routes.metricsReaders = [AddressRange("192.0.2.0/24")].compactMap { $0 }
        routes.page = { path in
            switch path {
            case "/": PageFile(bytes: Array("<!doctype html>".utf8), contentType: "text/html; charset=utf-8")
            case "/-/app.js": PageFile(bytes: Array("'use strict'".utf8), contentType: "text/javascript; charset=utf-8")
            default: nil
            }
        }
        routes.pageHeaders = [("Content-Security-Policy", "default-src 'none'"), ("Cache-Control", "no-cache")]
    }

    private func get(_ target: String, _ method: HTTPMethod = .GET, _ headers: HTTPHeaders = [:], client: IPAddress? = .loopback4)
        -> HTTPAnswer
    {
        routes.answer(method: method, target: target, headers: headers, client: client)
    }

    private func body(_ answer: HTTPAnswer) -> String { String(decoding: answer.body, as: UTF8.self) }

    @Test(arguments: ["/", "/?x", "/standup", "/%EB%B0%A9-1", "/a%20b", "/a%2Fb", "/방", "/a?token=b", "/.", "/index.html"])
    func thePageForEveryChannel(target: String) {
        let answer = get(target)
        #expect(answer.status == .ok && body(answer) == "<!doctype html>")
        #expect(answer.headers.first(name: "Content-Type") == "text/html; charset=utf-8")
        #expect(answer.headers["Content-Security-Policy"] == ["default-src 'none'"])
        #expect(answer.headers["Cache-Control"] == ["no-cache"])
        #expect(answer.headers["X-Content-Type-Options"] == ["nosniff"])
        #expect(!answer.headers.contains(name: "Access-Control-Allow-Origin"))
    }

    @Test func otherWindowsAreKeptOutWhereBrowsersTakeThat() {
        func policy(_ configuration: ServerConfiguration) -> [String] {
            HTTPRoutes(configuration).answer(method: .GET, target: "/", client: nil).headers["Cross-Origin-Opener-Policy"]
        }
        var configuration = ServerConfiguration()
        #expect(policy(configuration) == [])
        configuration.tls = TLSFiles(certificate: "c.pem", key: "k.pem")
        #expect(policy(configuration) == ["same-origin"])
    }

    @Test(arguments: [
        "/a/b", "/standup/", "/%zz", "/%4", "/%", "/%FF", "/%00", "/a%0Ab", "/" + String(repeating: "x", count: 65), "/-", "/-/",
        "/-/nothing.js",
        "/-/../app.js", "/socket.io", "/engine.io", "/socket.io/x", "/favicon.ico", "standup", "*", "", "http://x/y", "/%20",
        "/" + String(repeating: "%41", count: 400),
    ])
    func nothingElse(target: String) {
        let answer = get(target)
        #expect(answer.status == .notFound && body(answer) == "There is nothing here.\n")
    }

    @Test func aChannelsNameIsThatOfTheLink() {
        #expect(HTTPRoutes.channel(inPath: "/%EB%B0%A9-1") == "방-1")
        #expect(HTTPRoutes.channel(inPath: "/a+b") == "a+b")
        #expect(HTTPRoutes.channel(inPath: "/metrics") == nil)
    }

    @Test func aFileAndItsTag() throws {
        let first = get("/-/app.js")
        #expect(first.status == .ok && body(first) == "'use strict'")
        let tag = try #require(first.headers.first(name: "ETag"))
        #expect(tag.hasPrefix("\"") && tag.hasSuffix("\"") && tag.count > 10)
        #expect(get("/").headers.first(name: "ETag") != tag)
        for condition in [tag, "\"x\", \(tag)", "W/\(tag)", "*"] {
            let again = get("/-/app.js", .GET, ["If-None-Match": condition])
            #expect(again.status == .notModified && again.body.isEmpty, "\(condition)")
            #expect(again.headers.first(name: "ETag") == tag && again.headers["Cache-Control"] == ["no-cache"])
        }
        #expect(get("/-/app.js", .GET, ["If-None-Match": "\"x\""]).status == .ok)
    }

    @Test func headHasTheHeadersAlone() {
        for target in ["/", "/-/app.js", "/healthz", "/nothing/here"] {
            let (get, head) = (get(target), get(target, .HEAD))
            #expect(head.body.isEmpty && head.status == get.status && head.headers == get.headers)
            #expect(head.headers.first(name: "Content-Length") == String(get.body.count))
        }
    }

    @Test(arguments: ["/", "/standup", "/-/app.js", "/healthz", "/metrics"])
    func otherMethodsAreRefused(target: String) {
        for method in [HTTPMethod.POST, .PUT, .DELETE, .OPTIONS, .RAW(value: "BREW")] {
            let answer = get(target, method)
            #expect(answer.status == .methodNotAllowed && answer.headers["Allow"] == ["GET, HEAD"])
        }
    }

    @Test func saysWhetherItIsWell() {
        #expect(body(get("/healthz")) == "ok\n" && get("/healthz").status == .ok)
        let stopping = routes.answer(method: .GET, target: "/healthz", client: nil, context: RouteContext(isStopping: true))
        #expect(stopping.status == .serviceUnavailable)
    }

    @Test func numbersGoToThoseWhoMayHaveThem() {
        let context = RouteContext(metrics: { Array("tchat_sessions 1\n".utf8) })
        func answer(_ client: IPAddress?) -> HTTPAnswer {
            routes.answer(method: .GET, target: "/metrics", client: client, context: context)
        }
        for client in [IPAddress.loopback4, .loopback6, .v4(0xc000_0207)] {
            #expect(answer(client).status == .ok)
            #expect(answer(client).headers.first(name: "Content-Type") == "text/plain; version=0.0.4; charset=utf-8")
            #expect(body(answer(client)) == "tchat_sessions 1\n")
        }
        for client in [IPAddress.v4(0xcb00_7101), nil] {
            #expect(answer(client).status == .notFound)
            #expect(body(answer(client)) == "There is nothing here.\n")
        }
    }

    @Test func withoutAPageThereIsAShortText() {
        var routes = routes
        routes.page = nil
        #expect(routes.answer(method: .GET, target: "/", client: nil).body.starts(with: Array("This is a tchat signaling server.".utf8)))
        #expect(routes.answer(method: .GET, target: "/standup", client: nil).status == .notFound)
        #expect(routes.answer(method: .GET, target: "/-/app.js", client: nil).status == .notFound)
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func whateverIsAskedIsAnswered(seed: UInt64) {
        var random = RandomSource.seeded(seed)
        let pieces = ["/", "%", "-", "metrics", "healthz", "2F", "..", "?", "#", "é", "\u{0}", "%E0", "socket.io", "방", "*", " "]
        for _ in 0..<500 {
            let target = (0..<Int.random(in: 0...12, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
            let answer = routes.answer(method: .GET, target: target, client: .v4(0xcb00_7101))
            #expect(answer.status == .ok || answer.status == .notFound, "seed \(seed), \(target)")
            #expect(answer.headers["Content-Length"] == [String(answer.body.count)], "seed \(seed), \(target)")
        }
    }
}
