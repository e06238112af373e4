extension MediaSection {
    /// The section's lines in the order in which browsers write them, without line ends.
    var lines: [String] {
        var lines = [
            "m=\(kind) \(port) \(transportProtocol) \(formats.joined(separator: " "))",
            "c=IN IP4 0.0.0.0",
        ]
        if !isRejected && isRTP { lines.append("a=rtcp:9 IN IP4 0.0.0.0") }
        transport.write(to: &lines)
        if let mid { lines.append("a=mid:" + mid) }
        for x in extensions { lines.append("a=extmap:\(x.id) \(x.uri)") }
        if let direction { lines.append("a=" + direction.rawValue) }
        for id in streamIDs { lines.append("a=msid:" + id) }
        if hasRTCPMux { lines.append("a=rtcp-mux") }
        if hasReducedSizeRTCP { lines.append("a=rtcp-rsize") }
        if isBundleOnly { lines.append("a=bundle-only") }
        if let sctpPort { lines.append("a=sctp-port:\(sctpPort)") }
        if let maximumMessageSize { lines.append("a=max-message-size:\(maximumMessageSize)") }
        for codec in codecs where !codec.name.isEmpty { codec.write(to: &lines) }
        for pair in repairPairs { lines.append("a=ssrc-group:FID \(pair.primary) \(pair.repair)") }
        for source in sources {
            if let cname = source.cname { lines.append("a=ssrc:\(source.ssrc) cname:\(cname)") }
            for id in streamIDs { lines.append("a=ssrc:\(source.ssrc) msid:\(id)") }
        }
        return lines
    }
}

extension Codec {
    fileprivate func write(to lines: inout [String]) {
        lines.append("a=rtpmap:\(payloadType) \(name)/\(clockRate)" + (channels > 1 ? "/\(channels)" : ""))
        for text in feedback { lines.append("a=rtcp-fb:\(payloadType) \(text)") }
        if !parameters.isEmpty { lines.append("a=fmtp:\(payloadType) \(parameters)") }
    }
}
