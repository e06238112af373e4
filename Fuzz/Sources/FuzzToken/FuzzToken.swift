import Channels
import FuzzServerSupport
import FuzzSupport
import Primitives

private let secret = Array("the server's secret".utf8)

/// A token as it came; then claims of any kind under the right signature, and what was signed with a byte changed.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOne(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    var input = FuzzInput(data, count)
    if verify(String(decoding: input.all, as: UTF8.self)) != nil { violated("a token without the secret") }
    let place = Int(input.uint16()), change = input.byte()
    let signed = Base64.encodeURL(input.rest)
    let signature = Base64.encodeURL(ChannelCrypto.plain.hmacSHA256(secret, signed))
    let text = signed + [UInt8(ascii: ".")] + signature
    if let token = verify(String(decoding: text, as: UTF8.self)) {
        let again = AccessToken.make(token, secret: secret, crypto: .plain)
        if again.utf8.count <= AccessToken.maximumLength, verify(again) != token { violated("a token is made differently") }
    }
    var bent = text
    bent[place % bent.count] ^= change
    if change != 0, verify(String(decoding: bent, as: UTF8.self)) != nil { violated("a token that was changed is good") }
    return 0
}

private func verify(_ text: String) -> AccessToken? {
    try? AccessToken.verify(text, secret: secret, unixTime: 1_800_000_000, crypto: .plain)
}
