import Primitives

/// Whose request this is: the peer's own, or, when the peer is a trusted proxy, the right-most address of `X-Forwarded-For` that is none.
///
/// Every proxy adds at the right whom it was asked by, so only what trusted ones have added is believed. When all are trusted it is the
/// left-most. What is no address where one should be makes the header worthless: then it is the peer.
/// - Parameters:
///   - peer: the other end of the connection.
///   - forwardedFor: the values of the `X-Forwarded-For` headers in the order in which they came; each may hold several addresses, an
///     address may have a port.
func clientAddress(peer: IPAddress, forwardedFor: [String], trusted: [AddressRange]) -> IPAddress {
    func isTrusted(_ address: IPAddress) -> Bool { trusted.contains { $0.contains(address) } }
    guard isTrusted(peer) else { return peer }
    var client = peer
    var hops = 0
    for value in forwardedFor.reversed() {
        for entry in value.split(separator: ",", omittingEmptySubsequences: false).reversed() {
            hops += 1
            guard hops <= 32, let address = forwardedAddress(entry) else { return peer }
            client = address
            guard isTrusted(address) else { return address }
        }
    }
    return client
}

/// `1.2.3.4`, `1.2.3.4:5`, `::1`, `[::1]` or `[::1]:5`, with blanks around it.
private func forwardedAddress(_ entry: Substring) -> IPAddress? {
    let blank: (Character) -> Bool = { $0 == " " || $0 == "\t" }
    var text = entry.drop(while: blank)
    while let last = text.last, blank(last) { text.removeLast() }
    guard text.utf8.count <= 64 else { return nil }
    var port: Substring?
    if text.first == "[" {
        guard let end = text.firstIndex(of: "]") else { return nil }
        let rest = text[text.index(after: end)...]
        guard rest.isEmpty || rest.first == ":" else { return nil }
        if !rest.isEmpty { port = rest.dropFirst() }
        text = text[text.index(after: text.startIndex)..<end]
        guard text.contains(":") else { return nil }
    } else if text.contains("."), let colon = text.firstIndex(of: ":"), text.lastIndex(of: ":") == colon {
        port = text[text.index(after: colon)...]
        text = text[..<colon]
    }
    if let port, UInt16(port) == nil || !port.utf8.allSatisfy({ (0x30...0x39).contains($0) }) { return nil }
    return IPAddress(text)?.unmapped
}
