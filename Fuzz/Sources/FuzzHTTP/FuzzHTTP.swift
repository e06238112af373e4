import FuzzSupport
import NIOHTTP1
import Primitives

@testable import Signaling

private let trusted = [AddressRange(.v4(0x0a00_0000), bits: 8), AddressRange(.v6(0xfd00 << 48, 0), bits: 8)].compactMap { $0 }
private let routes = HTTPRoutes(ServerConfiguration())

/// What is read of a request alone; then a whole server on a loop that stands still, and connections to it as the script uses them.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOne(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    var input = FuzzInput(data, count)
    readAlone(String(decoding: input.all, as: UTF8.self))
    var server = FuzzedServer(input.byte())
    for _ in 0..<64 where !input.isAtEnd { server.step(&input) }
    server.end()
    return 0
}

private func readAlone(_ text: String) {
    let lines = text.split(separator: "\n", maxSplits: 8, omittingEmptySubsequences: false).map(String.init)
    let peer = IPAddress.v4(0x0a00_0001)
    let client = clientAddress(peer: peer, forwardedFor: lines, trusted: trusted)
    // An outsider who is not believed is the client.
    if clientAddress(peer: .v4(0x0808_0808), forwardedFor: lines, trusted: trusted) != .v4(0x0808_0808) {
        violated("a stranger is believed")
    }
    if let range = AddressRange(text) {
        if !range.contains(range.address) { violated("a range without its own address") }
        if AddressRange("\(range)") != range { violated("a range is written differently") }
    }
    for (method, reader) in [(.GET, client), (.HEAD, nil), (.POST, .loopback4)] as [(HTTPMethod, IPAddress?)] {
        let answer = routes.answer(method: method, target: text, headers: ["If-None-Match": text], client: reader)
        // RFC 9110 section 15.4.5: 304 has no body, whatever is said of its length.
        if answer.status != .notModified, answer.headers.first(name: "Content-Length") == nil { violated("an answer without a length") }
        if method == .HEAD, !answer.body.isEmpty { violated("an answer to HEAD with a body") }
        for header in answer.headers where !header.value.utf8.allSatisfy({ $0 >= 0x20 }) {
            violated("a control character in \(header.name)")
        }
    }
    if let channel = HTTPRoutes.channel(inPath: text), channel.isEmpty || channel.utf8.contains(where: { $0 < 0x20 }) {
        violated("a channel's name that is none")
    }
}
