/// A datagram's handshake messages in pieces of `size` bytes at the most, each in a datagram of its own.
///
/// Only unencrypted records can be cut (RFC 6347 section 4.2.2). Their sequence numbers are spread, so that the pieces find room between.
func refragmented(_ datagram: [UInt8], size: Int) -> [[UInt8]] {
    let spread = 16
    var result: [[UInt8]] = []
    var rest = datagram[...]
    while rest.count >= 13 {
        let record = Array(rest.prefix(13 + Int(rest[rest.startIndex + 11]) << 8 + Int(rest[rest.startIndex + 12])))
        rest = rest.dropFirst(record.count)
        guard record[3] == 0, record[4] == 0 else {
            result.append(record)
            continue
        }
        let sequence = record[5..<11].reduce(0) { $0 << 8 | Int($1) } * spread
        // Type, length, message number; then the fragment's offset and length; then the fragment.
        let isWholeMessage = record[0] == 22 && record.count > 25 && record[14..<17] == record[22..<25]
        guard isWholeMessage else {
            result.append(Array(record[0..<5]) + number(sequence, 6) + record[11...])
            continue
        }
        let message = Array(record[25...])
        let starts = Array(stride(from: 0, to: message.count, by: max(size, (message.count + spread - 1) / spread)))
        for (index, start) in starts.enumerated() {
            let end = index + 1 < starts.count ? starts[index + 1] : message.count
            result.append(
                Array(record[0..<5]) + number(sequence + index, 6) + number(12 + end - start, 2) + record[13..<19] + number(start, 3)
                    + number(end - start, 3) + message[start..<end])
        }
    }
    return result
}

private func number(_ value: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * (count - 1 - $0))) }
}
