import ByteCoding
import DTLS
import DatagramSocket
import Primitives
import SRTP
import Threading

/// Protects RTP packets and sends them to a port of this machine, as fast as it goes.
func sendSRTP(_ options: Options) {
    let size = max(20, options.number("size", 1200))
    let payload = [UInt8](repeating: 0x55, count: size - 20)
    let profile = SRTPProfile.aeadAES128GCM
    let key = [UInt8](repeating: 7, count: profile.keyLength + profile.saltLength)
    guard let socket = try? DatagramSocket(binding: .loopback4),
        var context = try? SRTPContext(keys: SRTPKeys(profile: profile, localKey: key, remoteKey: key))
    else { end("There is no socket, or libsrtp cannot do AES-GCM.") }
    let destination = SocketAddress(.loopback4, port: UInt16(truncatingIfNeeded: options.number("port", 9)))
    var sequence: UInt16 = 0
    var packets = 0
    let stop = MonotonicClock.now() + .seconds(options.number("seconds", 3))
    let began = cpuSeconds()
    while MonotonicClock.now() < stop {
        // As many as a large frame has.
        var batch: [OutgoingDatagram] = []
        batch.reserveCapacity(32)
        for _ in 0..<32 {
            // A header as a sender writes it, with the mid in its one-byte extension (RFC 8285).
            var packet: [UInt8] = []
            packet.reserveCapacity(size + 160)
            packet.append(uint16: 0x9060)
            packet.append(uint16: sequence)
            packet.append(uint32: UInt32(sequence) &* 3000)
            packet.append(uint32: 1)
            packet.append(uint32: 0xbede_0001)
            packet.append(uint32: 0x1030_0000)
            packet.append(contentsOf: payload)
            sequence &+= 1
            guard (try? context.protectRTP(&packet)) != nil else { end("A packet could not be protected.") }
            batch.append(OutgoingDatagram(packet, to: destination))
        }
        packets += socket.sendBatch(batch) { _, code in end("There is no way to \(destination): \(code).") }
    }
    let used = cpuSeconds() - began
    say(json(["packets": "\(packets)", "cpuSeconds": "\(used)", "perCPUSecond": "\(Double(packets) / used)"]))
}
