import Channels
import FuzzServerSupport
import FuzzSupport
import JSON
import Primitives
import SocketIO

/// A packet alone; then a server with three clients and channels behind it, or a client and its server, as the script has them.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOne(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    var input = FuzzInput(data, count)
    readAlone(Array(String(decoding: input.rest, as: UTF8.self).utf8))
    readAlone(input.rest, isText: false)
    let flags = input.byte()
    if flags & 1 == 0 {
        var server = FuzzedServer(flags)
        server.run(&input)
    } else {
        var client = FuzzedClient(flags)
        client.run(&input)
    }
    return 0
}

private func readAlone(_ bytes: [UInt8], isText: Bool = true) {
    guard let packet = try? SocketIOPacket(parsing: bytes), isText else { return }
    guard let again = try? SocketIOPacket(parsing: packet.encoded()) else { violated("what was read is written so that it cannot be read") }
    if again != packet { violated("what was read is written differently") }
    _ = packet.event
    _ = packet.data?.placeholder
}
