import DTLS
import FuzzSupport
import ICE
import SDP

private func local() -> LocalParameters {
    LocalParameters(
        sessionID: 1, ufrag: "ours", password: "ourpasswordourpassword22",
        fingerprint: "sha-256 " + Array(repeating: "AB", count: 32).joined(separator: ":"), cname: "us", streamID: "stream",
        audio: .init(id: "a", ssrc: 1), video: .init(id: "v", ssrc: 2, repairSSRC: 3))
}

/// A description: written again, answered, taken as an answer, and its candidates one by one.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOne(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let text = String(decoding: FuzzInput(data, count).all, as: UTF8.self)
    if let candidate = Candidate(sdp: text) { checkCandidate(candidate) }
    if let fingerprint = CertificateFingerprint(sdp: text), CertificateFingerprint(sdp: fingerprint.sdp) != fingerprint {
        violated("a fingerprint is written differently")
    }
    guard let description = try? SessionDescription(parsing: text) else { return 0 }
    guard let again = try? SessionDescription(parsing: description.text) else {
        violated("what was read is written so that it cannot be read")
    }
    if again.text != description.text { violated("what was read is written differently") }
    if let answer = try? SessionDescription.answer(to: description, local()) {
        if let session = try? NegotiatedSession(offer: description, answer: answer, isOfferer: false) { check(session) }
        if (try? SessionDescription(parsing: answer.text)) == nil { violated("our answer cannot be read") }
        _ = SessionDescription.offer(local(), renewing: description)
    }
    if let session = try? NegotiatedSession(offer: .offer(local()), answer: description, isOfferer: true) { check(session) }
    return 0
}

private func check(_ session: NegotiatedSession) {
    for line in session.remoteCandidates { if let candidate = Candidate(sdp: line) { checkCandidate(candidate) } }
    for line in session.remoteFingerprints { _ = CertificateFingerprint(sdp: line) }
}

private func checkCandidate(_ candidate: Candidate) {
    if let again = Candidate(sdp: candidate.sdp), again.sdp != candidate.sdp { violated("a candidate is written differently") }
}
