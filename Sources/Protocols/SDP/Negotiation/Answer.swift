extension SessionDescription {
    /// The answer to a peer's offer (RFC 8829 section 5.3): its sections in its order, with its payload types and extension ids;
    /// what is not spoken here is rejected by port 0.
    public static func answer(to offer: SessionDescription, _ local: LocalParameters) throws(SDPError) -> SessionDescription {
        let bundle = offer.bundle(accepting: offer.media.indices.filter { offer.isUsable($0) })
        guard let base = bundle.first else { throw .nothingInCommon }
        let setup = try local.answeredSetup(to: offer.transport(of: base).setup)
        var answer = SessionDescription(sessionID: local.sessionID, sessionVersion: local.sessionVersion)
        answer.streamSemantic = " WMS " + local.streamID
        for (index, offered) in offer.media.enumerated() {
            guard let kind = MediaKind(rawValue: offered.kind), bundle.contains(index) else {
                answer.media.append(offered.rejection)
                continue
            }
            var section = kind == .application ? offered.acceptedDataChannels : offered.accepted(as: kind)
            section.transport = local.transport(setup: setup, isBase: index == base)
            guard kind != .application else {
                answer.media.append(section)
                continue
            }
            let theirs = offer.direction(of: index)
            let sends = kind == .audio ? local.sendsAudio : local.sendsVideo
            section.direction = Direction(sends: sends && theirs.receives, receives: theirs.sends)
            section.announce(local, kind: kind)
            answer.media.append(section)
        }
        if !offer.bundleGroups.isEmpty { answer.bundleGroups = [bundle.compactMap { offer.media[$0].mid }] }
        return answer
    }

    func isUsable(_ index: Int) -> Bool {
        let section = media[index]
        if section.isRejected { return false }
        return section.isDataChannel || section.isRTP && MediaKind(rawValue: section.kind)?.codec(in: section) != nil
    }

    /// Which of these sections share one path, the one that carries it first: at most one of each kind. Without a group only the first.
    func bundle(accepting indices: [Int]) -> [Int] {
        var groups = bundleGroups.map { group in group.compactMap { mid in indices.first { media[$0].mid == mid } } }
        groups.append(Array(indices.prefix(1)))
        guard let group = groups.first(where: { !$0.isEmpty }) else { return [] }
        var chosen: [Int] = []
        for index in group where !chosen.contains(where: { media[$0].kind == media[index].kind }) { chosen.append(index) }
        return chosen
    }
}

extension LocalParameters {
    fileprivate func answeredSetup(to offered: SetupRole?) throws(SDPError) -> SetupRole {
        if let isDTLSClient { return isDTLSClient ? .active : .passive }
        switch offered {
        case .holdconn: throw .unusableSetup
        case .active: return .passive
        // Active when there is a choice: the handshake then starts as soon as the answer is sent (RFC 5763 section 5).
        case .actpass, .passive, nil: return .active
        }
    }
}

extension MediaSection {
    fileprivate var rejection: MediaSection {
        var section = MediaSection(kind: kind, port: 0, transportProtocol: transportProtocol, formats: formats)
        section.mid = mid
        if isRTP { section.direction = .inactive }
        return section
    }

    fileprivate var acceptedDataChannels: MediaSection {
        var section = MediaSection(kind: kind, port: 9, transportProtocol: transportProtocol, formats: formats)
        section.mid = mid
        section.announceDataChannels()
        return section
    }

    /// The offered section cut down to the one codec, its retransmission and what feedback both know.
    fileprivate func accepted(as kind: MediaKind) -> MediaSection {
        var codecs: [Codec] = []
        if var codec = kind.codec(in: self) {
            codec.feedback = codec.feedback.filter { kind.feedback.contains($0) }
            codec.parameters = kind == .audio ? "minptime=10;useinbandfec=1" : ""
            let repair = MediaKind.repair(of: codec, in: self)?.payloadType
            codecs = [codec]
            if let repair { codecs.append(SessionDescription.rtx(payloadType: repair, of: codec.payloadType)) }
            if let redundancy = MediaKind.redundancy(of: codec, in: self)?.payloadType {
                codecs.append(SessionDescription.red(payloadType: redundancy, of: codec.payloadType))
            }
        }
        var section = MediaSection(
            kind: self.kind, port: 9, transportProtocol: transportProtocol, formats: codecs.map { String($0.payloadType) })
        section.mid = mid
        section.codecs = codecs
        // One-byte headers (RFC 8285 section 4.2) are all that is sent here.
        for known in kind.extensions {
            section.extensions += extensions.filter { $0.uri == known.uri && $0.id <= 14 }.prefix(1)
        }
        section.chooseFeedback()
        section.hasRTCPMux = hasRTCPMux
        section.hasReducedSizeRTCP = hasReducedSizeRTCP
        return section
    }

    /// Where there is transport-wide feedback, an estimate of the receiver's and the times for it would only take room.
    private mutating func chooseFeedback() {
        guard codecs.first?.feedback.contains("transport-cc") == true,
            extensions.contains(where: { $0.uri == HeaderExtensionURI.transportSequence })
        else { return }
        codecs[0].feedback.removeAll { $0 == "goog-remb" }
        extensions.removeAll { $0.uri == HeaderExtensionURI.sendTime }
    }
}
