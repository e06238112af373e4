import Primitives

/// Tells which stream a packet belongs to: by its MID, else by its source, else by a payload type that only one medium has
/// (RFC 8843 section 9.2).
struct StreamRouter: Sendable {
    enum Route: Sendable, Equatable { case video, videoRTX, audio }
    private enum Section: Sendable { case video, audio }

    /// Sources learnt beyond this push out the oldest.
    static let capacity = 16

    var media: NegotiatedMedia { didSet { declare() } }
    private var known: [(ssrc: UInt32, section: Section)] = []

    init(media: NegotiatedMedia) {
        self.media = media
        declare()
    }

    private mutating func declare() {
        if let ssrc = media.remoteVideoSSRC { learn(ssrc, .video) }
        if let ssrc = media.remoteVideoRTXSSRC { learn(ssrc, .video) }
        if let ssrc = media.remoteAudioSSRC { learn(ssrc, .audio) }
    }

    private mutating func learn(_ ssrc: UInt32, _ section: Section) {
        if let index = known.firstIndex(where: { $0.ssrc == ssrc }) {
            known[index].section = section
            return
        }
        if known.count >= Self.capacity { known.removeFirst() }
        known.append((ssrc, section))
    }

    mutating func route(_ header: RTPHeader, _ bytes: Span<UInt8>) -> Route? {
        guard let section = section(header, bytes) else { return nil }
        let route: Route
        switch section {
        case .video where header.payloadType == media.videoPayloadType: route = .video
        case .video where header.payloadType == media.videoRTXPayloadType: route = .videoRTX
        case .audio where isAudio(header.payloadType): route = .audio
        default: return nil
        }
        if !known.contains(where: { $0.ssrc == header.ssrc && $0.section == section }) { learn(header.ssrc, section) }
        return route
    }

    private func section(_ header: RTPHeader, _ bytes: Span<UInt8>) -> Section? {
        if let id = media.midExtensionID, let range = header.headerExtension(id: id, in: bytes), !range.isEmpty {
            if Self.matches(media.videoMID, bytes, range) { return .video }
            if Self.matches(media.audioMID, bytes, range) { return .audio }
            return nil
        }
        if let found = known.first(where: { $0.ssrc == header.ssrc }) { return found.section }
        let isVideo = header.payloadType == media.videoPayloadType || header.payloadType == media.videoRTXPayloadType
        let isAudio = isAudio(header.payloadType)
        return isVideo == isAudio ? nil : isVideo ? .video : .audio
    }

    private func isAudio(_ payloadType: UInt8) -> Bool {
        payloadType == media.audioPayloadType || payloadType == media.audioREDPayloadType
    }

    private static func matches(_ mid: String?, _ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        guard let mid, mid.utf8.count == range.count else { return false }
        return zip(mid.utf8, range).allSatisfy { $0 == bytes[$1] }
    }
}
