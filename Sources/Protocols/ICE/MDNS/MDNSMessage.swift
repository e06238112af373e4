import ByteCoding
import Primitives

/// The little of DNS that asking for one name needs (RFC 1035 §4.1, RFC 6762 §18).
enum MDNSMessage {
    private static let headerLength = 12
    private static let typeA: UInt16 = 1
    private static let typeAAAA: UInt16 = 28
    private static let classInternet: UInt16 = 1
    /// In a question: answer to me alone. In an answer: forget what you knew.
    private static let topBit: UInt16 = 0x8000
    private static let recordLimit = 256

    /// A question for both kinds of addresses. The labels are the caller's to have checked.
    static func query(_ name: String) -> [UInt8] {
        var bytes: [UInt8] = []
        // Identifier and flags are zero; two questions.
        for field in [0, 0, 2, 0, 0, 0] as [UInt16] { bytes.append(uint16: field) }
        for type in [typeA, typeAAAA] {
            for label in name.split(separator: ".") {
                bytes.append(UInt8(truncatingIfNeeded: label.utf8.count))
                bytes += Array(label.utf8)
            }
            bytes.append(0)
            bytes.append(uint16: type)
            bytes.append(uint16: classInternet | topBit)
        }
        return bytes
    }

    /// The addresses in a response, by names in lower case; nil: not a response that can be read.
    static func answers(_ message: Span<UInt8>) -> [(name: String, address: IPAddress)]? {
        var reader = ByteReader(message)
        var found: [(String, IPAddress)] = []
        do throws(WireError) {
            try reader.skip(2)
            let flags = try reader.readUInt16()
            // A response, a standard query's, without error.
            guard flags & 0xf80f == 0x8000 else { return nil }
            let questions = Int(try reader.readUInt16())
            let records = Int(try reader.readUInt16()) + Int(try reader.readUInt16()) + Int(try reader.readUInt16())
            guard questions + records <= recordLimit else { return nil }
            for _ in 0..<questions {
                _ = try readName(&reader)
                try reader.skip(4)
            }
            for _ in 0..<records {
                let name = try readName(&reader)
                let type = try reader.readUInt16()
                let recordClass = try reader.readUInt16() & ~topBit
                let lifetime = try reader.readUInt32()
                let data = try reader.readBytes(Int(try reader.readUInt16()))
                let isAddress = type == typeA && data.count == 4 || type == typeAAAA && data.count == 16
                // A lifetime of zero says that the name is gone.
                guard isAddress, recordClass == classInternet, lifetime > 0, let name, let address = IPAddress(bytes: data) else {
                    continue
                }
                found.append((name, address))
            }
        } catch { return nil }
        return found
    }

    /// The name at the reader, which is moved past it; nil when it is none that could have been asked for.
    private static func readName(_ reader: inout ByteReader) throws(WireError) -> String? {
        let bytes = reader.bytes
        var offset = reader.offset
        /// Where the name ends in the record itself, once a pointer has led away.
        var end: Int?
        /// Pointers lead only backwards, so that they come to an end.
        var limit = offset
        var name: [UInt8] = []
        while true {
            guard offset < bytes.count else { throw .truncated }
            let length = Int(bytes[offset])
            switch length {
            case 0:
                try reader.skip((end ?? offset + 1) - reader.offset)
                return name.allSatisfy({ $0 < 0x80 }) ? String(decoding: name, as: UTF8.self).lowercased() : nil
            case 1...63:
                guard offset + 1 + length <= bytes.count else { throw .truncated }
                if !name.isEmpty { name.append(UInt8(ascii: ".")) }
                for i in offset + 1...offset + length { name.append(bytes[i]) }
                guard name.count <= 255 else { throw .malformed("name") }
                offset += 1 + length
            case 0xc0...:
                guard offset + 1 < bytes.count else { throw .truncated }
                let target = Int(bytes.uint16(at: offset) & 0x3fff)
                guard target < limit else { throw .malformed("pointer forwards") }
                end = end ?? offset + 2
                limit = target
                offset = target
            default: throw .malformed("label")
            }
        }
    }
}
