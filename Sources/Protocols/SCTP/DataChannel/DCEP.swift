import ByteCoding
import Primitives

/// What messages on a stream are (RFC 8831, section 8).
enum PayloadType {
    static let control: UInt32 = 50
    static let text: UInt32 = 51
    static let binary: UInt32 = 53
    /// SCTP cannot carry nothing: an empty message is one byte under a type of its own.
    static let emptyText: UInt32 = 56
    static let emptyBinary: UInt32 = 57
}

/// The Data Channel Establishment Protocol (RFC 8832).
///
///     |  Message Type |  Channel Type |            Priority           |
///     |                    Reliability Parameter                      |
///     |         Label Length          |       Protocol Length         |
///     |                             Label                             |
///     |                            Protocol                           |
enum DCEPMessage: Equatable, Sendable {
    case open(DataChannelOptions)
    case ack

    private static let ackType: UInt8 = 2
    private static let openType: UInt8 = 3
    private static let unorderedBit: UInt8 = 0x80
    /// "Normal" of RFC 8832, section 8.2.2.
    private static let priority: UInt16 = 256

    init(_ bytes: Span<UInt8>) throws(WireError) {
        var reader = ByteReader(bytes)
        switch try reader.readUInt8() {
        case Self.ackType: self = .ack
        case Self.openType:
            let type = try reader.readUInt8()
            try reader.skip(2)
            let parameter = try reader.readUInt32()
            let labelLength = Int(try reader.readUInt16())
            let protocolLength = Int(try reader.readUInt16())
            let label = try reader.readSpan(labelLength)
            let name = try reader.readSpan(protocolLength)
            let reliability: DataChannelOptions.Reliability
            switch type & ~Self.unorderedBit {
            case 0: reliability = .reliable
            case 1: reliability = .maximumRetransmits(UInt16(clamping: parameter))
            case 2: reliability = .maximumLifetime(.milliseconds(Int(parameter)))
            default: throw .malformed("DATA_CHANNEL_OPEN of an unknown type")
            }
            self = .open(
                DataChannelOptions(
                    label: String(repairing: label), protocolName: String(repairing: name), isOrdered: type & Self.unorderedBit == 0,
                    reliability: reliability))
        default: throw .malformed("DCEP message of an unknown type")
        }
    }

    var encoded: [UInt8] {
        switch self {
        case .ack: return [Self.ackType]
        case .open(let options):
            var type: UInt8 = options.isOrdered ? 0 : Self.unorderedBit
            var parameter: UInt32 = 0
            switch options.reliability {
            case .reliable: break
            case .maximumRetransmits(let count):
                type |= 1
                parameter = UInt32(count)
            case .maximumLifetime(let lifetime):
                type |= 2
                parameter = UInt32(clamping: lifetime.wholeMilliseconds)
            }
            let label = Array(options.label.utf8)
            let name = Array(options.protocolName.utf8)
            var bytes: [UInt8] = [Self.openType, type]
            bytes.append(uint16: Self.priority)
            bytes.append(uint32: parameter)
            bytes.append(uint16: UInt16(clamping: label.count))
            bytes.append(uint16: UInt16(clamping: name.count))
            return bytes + label + name
        }
    }
}

extension String {
    /// Whatever is not UTF-8 becomes U+FFFD.
    fileprivate init(repairing bytes: Span<UInt8>) {
        self = bytes.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
    }
}
