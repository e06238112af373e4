import Channels
import GuestPage
import NIOHTTP1
import Primitives
import Secrets

/// A whole answer to an HTTP request; its `Content-Length` is among the headers, also where there is no body (HEAD, 304).
struct HTTPAnswer: Sendable, Equatable {
    var status: HTTPResponseStatus
    var headers: HTTPHeaders
    var body: [UInt8]
}

/// One file of the guest page.
struct PageFile: Sendable, Equatable {
    var bytes: [UInt8]
    var contentType: String

    init(bytes: [UInt8], contentType: String) {
        self.bytes = bytes
        self.contentType = contentType
    }
}

/// What a route needs to know of the server at that moment.
struct RouteContext {
    var isStopping = false
    /// Made only when asked for.
    var metrics: () -> [UInt8] = { [] }
}

/// Everything that is not the engine's: the page for guests, whether the server is well, its numbers. Pure.
struct HTTPRoutes: Sendable {
    /// Who gets `/metrics`, beside this machine itself.
    var metricsReaders: [AddressRange] = []
    /// The page's files by their path, `/` for the page itself; nil: a short text for people instead.
    var page: (@Sendable (String) -> PageFile?)?
    /// What goes with every file of it, the caching included.
    var pageHeaders: [(name: String, value: String)] = []

    init() {}

    init(_ configuration: ServerConfiguration) {
        metricsReaders = configuration.metricsReaders
        guard configuration.servesPage else { return }
        page = { path in GuestPage.file(path).map { PageFile(bytes: $0.bytes, contentType: $0.contentType) } }
        pageHeaders = GuestPage.headers
        // Over plain HTTP browsers pass it over, and complain.
        if configuration.tls != nil || !configuration.trustedProxies.isEmpty {
            pageHeaders.append(("Cross-Origin-Opener-Policy", "same-origin"))
        }
    }

    private static let text = "text/plain; charset=utf-8"

    static let welcome = """
        This is a tchat signaling server. People see and hear each other in their terminals:
            tchat CHANNEL --server URL
        where URL is the address of this page.

        """

    /// - Parameters:
    ///   - target: the request's target, with or without a query.
    ///   - client: nil when it is not known; then it gets no numbers.
    func answer(
        method: HTTPMethod, target: String, headers: HTTPHeaders = [:], client: IPAddress?, context: RouteContext = RouteContext()
    ) -> HTTPAnswer {
        let path = String(target.prefix { $0 != "?" && $0 != "#" })
        guard var answer = found(path, client: client, context: context) else {
            return finish(plain(.notFound, "There is nothing here.\n"), method)
        }
        guard method == .GET || method == .HEAD else {
            answer = plain(.methodNotAllowed, "Only GET and HEAD are answered here.\n")
            answer.headers.add(name: "Allow", value: "GET, HEAD")
            return finish(answer, method)
        }
        if let tag = answer.headers.first(name: "ETag"), Self.matches(headers[canonicalForm: "if-none-match"], tag) {
            answer.status = .notModified
            // RFC 9110 section 15.4.5: nothing that describes a body which is not there.
            answer.headers.remove(name: "Content-Type")
            answer.body = []
            return answer
        }
        return finish(answer, method)
    }

    private func found(_ path: String, client: IPAddress?, context: RouteContext) -> HTTPAnswer? {
        switch path {
        case "/healthz": return context.isStopping ? plain(.serviceUnavailable, "stopping\n") : plain(.ok, "ok\n")
        case "/metrics":
            guard let client, client.isLoopback || metricsReaders.contains(where: { $0.contains(client) }) else { return nil }
            return HTTPAnswer(
                status: .ok, headers: ["Content-Type": "text/plain; version=0.0.4; charset=utf-8", "Cache-Control": "no-store"],
                body: context.metrics())
        case "/robots.txt": return plain(.ok, "User-agent: *\nDisallow: /\n")
        case "/": return page == nil ? plain(.ok, Self.welcome) : file("/")
        default:
            if path.hasPrefix("/-/") { return file(path) }
            guard page != nil, Self.channel(inPath: path) != nil else { return nil }
            return file("/")
        }
    }

    /// The channel that an invite link names, such as `/standup`; nil when the path is no such link.
    static func channel(inPath path: String) -> String? {
        guard path.first == "/", !reserved.contains(path), let name = percentDecoded(path.utf8.dropFirst()) else { return nil }
        // Exactly as the page and the members will name it, so not with whitespace around.
        return Naming.channelName(name)
    }

    /// Paths that are never a channel's.
    static let reserved: Set<String> = ["/healthz", "/metrics", "/socket.io", "/engine.io", "/favicon.ico", "/robots.txt", "/-"]

    /// RFC 3986 section 2.1; nil for what is no such text, has further segments, or is no UTF-8.
    private static func percentDecoded(_ text: Substring.UTF8View) -> String? {
        func digit(_ byte: UInt8?) -> UInt8? { byte.flatMap { Character(Unicode.Scalar($0)).hexDigitValue.map { UInt8($0) } } }
        guard text.count <= 1024 else { return nil }
        var bytes: [UInt8] = []
        var rest = text.makeIterator()
        while let byte = rest.next() {
            if byte == UInt8(ascii: "/") { return nil }
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = digit(rest.next()), let low = digit(rest.next()) else { return nil }
            bytes.append(high << 4 | low)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    // MARK: Answers

    private func plain(_ status: HTTPResponseStatus, _ text: String) -> HTTPAnswer {
        HTTPAnswer(status: status, headers: ["Content-Type": Self.text, "Cache-Control": "no-store"], body: Array(text.utf8))
    }

    private func file(_ path: String) -> HTTPAnswer? {
        guard let file = page?(path) else { return nil }
        var headers: HTTPHeaders = ["Content-Type": file.contentType, "ETag": Self.tag(of: file.bytes)]
        for (name, value) in pageHeaders { headers.replaceOrAdd(name: name, value: value) }
        return HTTPAnswer(status: .ok, headers: headers, body: file.bytes)
    }

    private func finish(_ answer: HTTPAnswer, _ method: HTTPMethod) -> HTTPAnswer {
        var answer = answer
        answer.headers.replaceOrAdd(name: "X-Content-Type-Options", value: "nosniff")
        answer.headers.add(name: "Content-Length", value: String(answer.body.count))
        if method == .HEAD { answer.body = [] }
        return answer
    }

    // MARK: Entity tags (RFC 9110 section 8.8.3)

    private static func tag(of bytes: [UInt8]) -> String {
        let letters = Secrets.sha256(bytes).prefix(12).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
        return "\"\(letters.joined())\""
    }

    private static func matches(_ values: [Substring], _ tag: String) -> Bool {
        values.prefix(64).contains { $0 == "*" || ($0.hasPrefix("W/") ? $0.dropFirst(2) : $0) == tag }
    }
}
