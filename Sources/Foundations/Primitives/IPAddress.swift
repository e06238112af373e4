/// An IPv4 or IPv6 address, without a zone.
public enum IPAddress: Hashable, Sendable {
    /// In host order: 127.0.0.1 is 0x7f000001.
    case v4(UInt32)
    /// The upper and lower eight bytes in host order.
    case v6(UInt64, UInt64)

    public static let loopback4 = IPAddress.v4(0x7f00_0001)
    public static let loopback6 = IPAddress.v6(0, 1)
    public static let any4 = IPAddress.v4(0)
    public static let any6 = IPAddress.v6(0, 0)

    public var isIPv4: Bool { if case .v4 = self { true } else { false } }

    public var isLoopback: Bool {
        switch self {
        case .v4(let a): a >> 24 == 127
        case .v6(let high, let low): high == 0 && low == 1
        }
    }

    /// 169.254/16 (RFC 3927) or fe80::/10 (RFC 4291).
    public var isLinkLocal: Bool {
        switch self {
        case .v4(let a): a >> 16 == 0xa9fe
        case .v6(let high, _): high >> 54 == 0x3fa
        }
    }

    public var isUnspecified: Bool { self == .any4 || self == .any6 }

    public var isMulticast: Bool {
        switch self {
        case .v4(let a): a >> 28 == 0xe
        case .v6(let high, _): high >> 56 == 0xff
        }
    }

    /// Network order, 4 or 16 bytes.
    public var bytes: [UInt8] {
        switch self {
        case .v4(let a): (0..<4).map { UInt8(truncatingIfNeeded: a >> (24 - 8 * $0)) }
        case .v6(let high, let low):
            (0..<8).map { UInt8(truncatingIfNeeded: high >> (56 - 8 * $0)) }
                + (0..<8).map { UInt8(truncatingIfNeeded: low >> (56 - 8 * $0)) }
        }
    }

    /// From 4 or 16 bytes in network order; nil for another count.
    @inlinable
    public init?(bytes: some Collection<UInt8>) {
        var (high, low, count) = (UInt64(0), UInt64(0), 0)
        for byte in bytes {
            high = high << 8 | low >> 56
            low = low << 8 | UInt64(byte)
            count += 1
            if count > 16 { return nil }
        }
        switch count {
        case 4: self = .v4(UInt32(truncatingIfNeeded: low))
        case 16: self = .v6(high, low)
        default: return nil
        }
    }

    /// Dotted decimal, or RFC 4291 text (with `::` and a dotted tail); no zone, no brackets.
    public init?(_ text: some StringProtocol) {
        if let v4 = Self.parse4(text) {
            self = .v4(v4)
        } else if let groups = Self.parse6(text) {
            self = .v6(groups[0..<4].reduce(0) { $0 << 16 | UInt64($1) }, groups[4..<8].reduce(0) { $0 << 16 | UInt64($1) })
        } else {
            return nil
        }
    }

    private static func parse4(_ text: some StringProtocol) -> UInt32? {
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var value: UInt32 = 0
        for part in parts {
            guard (1...3).contains(part.count), part.allSatisfy({ (48...57).contains($0) }) else { return nil }
            let number = part.reduce(0) { $0 * 10 + UInt32($1 - 48) }
            guard number <= 255, part.count == 1 || part.first != 48 else { return nil }
            value = value << 8 | number
        }
        return value
    }

    private static func parse6(_ text: some StringProtocol) -> [UInt16]? {
        guard text.utf8.count <= 45, text.utf8.contains(UInt8(ascii: ":")) else { return nil }
        var halves: [[UInt16]] = [[]]
        var rest = Array(text.utf8)[...]
        if rest.starts(with: [58, 58]) {
            halves.append([])
            rest = rest.dropFirst(2)
        } else if rest.first == 58 {
            return nil
        }
        while !rest.isEmpty {
            let end = rest.firstIndex(of: 58) ?? rest.endIndex
            let group = rest[rest.startIndex..<end]
            if end == rest.endIndex, group.contains(UInt8(ascii: ".")) {
                guard let v4 = parse4(String(decoding: group, as: UTF8.self)) else { return nil }
                halves[halves.count - 1] += [UInt16(v4 >> 16), UInt16(truncatingIfNeeded: v4)]
                break
            }
            guard (1...4).contains(group.count), let value = UInt16(String(decoding: group, as: UTF8.self), radix: 16),
                group.first != UInt8(ascii: "+")
            else { return nil }
            halves[halves.count - 1].append(value)
            rest = rest[end...]
            guard !rest.isEmpty else { break }
            if rest.starts(with: [58, 58]) {
                guard halves.count == 1 else { return nil }
                halves.append([])
                rest = rest.dropFirst(2)
            } else {
                rest = rest.dropFirst()
                if rest.isEmpty { return nil }
            }
        }
        let count = halves.reduce(0) { $0 + $1.count }
        if halves.count == 1 { return count == 8 ? halves[0] : nil }
        guard count < 8 else { return nil }
        return halves[0] + Array(repeating: 0, count: 8 - count) + halves[1]
    }
}

extension IPAddress: CustomStringConvertible {
    /// Dotted decimal, or RFC 5952's canonical form.
    public var description: String {
        switch self {
        case .v4(let a): return "\(a >> 24).\(a >> 16 & 255).\(a >> 8 & 255).\(a & 255)"
        case .v6(let high, let low):
            let groups = [high, low].flatMap { half in (0..<4).map { UInt16(truncatingIfNeeded: half >> (48 - 16 * UInt64($0))) } }
            var best = 0..<0
            var start = 0
            while start < 8 {
                var end = start
                while end < 8, groups[end] == 0 { end += 1 }
                if end - start > best.count, end - start > 1 { best = start..<end }
                start = max(end, start + 1)
            }
            func text(_ part: ArraySlice<UInt16>) -> String { part.map { String($0, radix: 16) }.joined(separator: ":") }
            return best.isEmpty ? text(groups[...]) : text(groups[..<best.lowerBound]) + "::" + text(groups[best.upperBound...])
        }
    }
}

/// An address and a UDP or TCP port.
public struct SocketAddress: Hashable, Sendable, CustomStringConvertible {
    public var ip: IPAddress
    public var port: UInt16

    public init(_ ip: IPAddress, port: UInt16) {
        self.ip = ip
        self.port = port
    }

    public var description: String { ip.isIPv4 ? "\(ip):\(port)" : "[\(ip)]:\(port)" }
}
