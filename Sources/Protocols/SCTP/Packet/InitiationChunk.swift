import ByteCoding

/// INIT and INIT ACK (RFC 9260, sections 3.3.2 and 3.3.3).
///
///     |                         Initiate Tag                          |
///     |           Advertised Receiver Window Credit (a_rwnd)          |
///     |  Number of Outbound Streams   |   Number of Inbound Streams   |
///     |                          Initial TSN                          |
///     |              Optional / variable-length parameters            |
struct InitiationChunk: Equatable, Sendable {
    enum Parameter {
        static let cookie: UInt16 = 7
        static let unrecognized: UInt16 = 8
        /// RFC 5061, section 4.2.7: which chunks of extensions are understood.
        static let supportedExtensions: UInt16 = 0x8008
        /// RFC 3758, section 3.1.
        static let forwardTSNSupported: UInt16 = 0xc000
        /// Addresses and the like, which mean nothing inside DTLS and are not worth a report.
        static let ignored: Set<UInt16> = [5, 6, 9, 11, 12]
    }

    private static let reportLimit = 256

    var tag: UInt32
    var window: UInt32
    var outboundStreams: UInt16
    var inboundStreams: UInt16
    var initialTSN: UInt32
    var supportsForwardTSN = true
    var supportsReconfiguration = true
    /// In INIT ACK only.
    var cookie: [UInt8] = []
    /// Whole parameters that the sender wants to hear about, in wire form.
    var unrecognized: [UInt8] = []

    init(tag: UInt32, window: UInt32, outboundStreams: UInt16, inboundStreams: UInt16, initialTSN: UInt32) {
        self.tag = tag
        self.window = window
        self.outboundStreams = outboundStreams
        self.inboundStreams = inboundStreams
        self.initialTSN = initialTSN
    }

    init(_ body: Span<UInt8>) throws(WireError) {
        var reader = ByteReader(body)
        tag = try reader.readUInt32()
        window = try reader.readUInt32()
        outboundStreams = try reader.readUInt16()
        inboundStreams = try reader.readUInt16()
        initialTSN = try reader.readUInt32()
        guard tag != 0, outboundStreams != 0, inboundStreams != 0 else { throw .malformed("INIT with a zero tag or stream count") }
        supportsForwardTSN = false
        supportsReconfiguration = false
        var offset = 16
        // What is left of a parameter that is cut off is not the chunk's fault; an attacker gains nothing by it.
        while offset < body.count {
            let parameter = try ParameterView(in: body, at: offset)
            switch parameter.type {
            case Parameter.cookie: cookie = Array(copying: parameter.value)
            case Parameter.forwardTSNSupported: supportsForwardTSN = true
            case Parameter.supportedExtensions:
                for i in 0..<parameter.value.count {
                    if parameter.value[i] == ChunkType.forwardTSN { supportsForwardTSN = true }
                    if parameter.value[i] == ChunkType.reconfiguration { supportsReconfiguration = true }
                }
            case Parameter.unrecognized: break
            case let type where Parameter.ignored.contains(type): break
            default:
                let rule = UnknownTypeRule(parameter: parameter.type)
                let end = min(parameter.next, body.count)
                if rule.isReported, unrecognized.count + end - offset <= Self.reportLimit {
                    unrecognized.append(span: body.extracting(offset..<end))
                    unrecognized.pad()
                }
                if !rule.isSkipped { return }
            }
            offset = parameter.next
        }
    }

    /// The chunk's body.
    var encoded: [UInt8] {
        var body: [UInt8] = []
        body.append(uint32: tag)
        body.append(uint32: window)
        body.append(uint16: outboundStreams)
        body.append(uint16: inboundStreams)
        body.append(uint32: initialTSN)
        if !cookie.isEmpty { body.appendParameter(Parameter.cookie, cookie) }
        if supportsForwardTSN { body.appendParameter(Parameter.forwardTSNSupported) }
        var extensions: [UInt8] = []
        if supportsForwardTSN { extensions.append(ChunkType.forwardTSN) }
        if supportsReconfiguration { extensions.append(ChunkType.reconfiguration) }
        if !extensions.isEmpty { body.appendParameter(Parameter.supportedExtensions, extensions) }
        if !unrecognized.isEmpty { body.appendParameter(Parameter.unrecognized, unrecognized) }
        return body
    }
}
