import ByteCoding
import Primitives

/// Streams that end and begin again (RFC 6525).
extension Association {
    /// Asks for what is ready. Streams are only reset when the peer has everything that was sent on them, so that it can do so at once.
    mutating func requestResets() {
        guard isUp, resets.request == nil, !resets.wanted.isEmpty, let peer else { return }
        let streams = resets.take { stream in !queue.holdsMessages(of: stream) && !outstanding.holds(stream) }
        guard !streams.isEmpty else { return }
        guard peer.supportsReconfiguration else {
            // Such a peer never learns of it; the stream is free as far as this side is concerned.
            for stream in streams { queue.forget(stream) }
            return events.append(.outgoingReset(streams))
        }
        resets.request = StreamResets.Request(sequence: resets.drawSequence(), streams: streams, due: now + timeout.current)
        sendResetRequest()
    }

    private mutating func sendResetRequest() {
        guard let request = resets.request else { return }
        var body: [UInt8] = []
        ReconfigurationParameter.outgoingReset(
            request: request.sequence, response: resets.peerSequence,
            lastTSN: UInt32(truncatingIfNeeded: outstanding.cumulativeTSN), streams: request.streams
        ).append(to: &body)
        appendControl(ChunkType.reconfiguration, body, isOwn: true)
    }

    mutating func resetTimedOut() {
        guard var request = resets.request else { return }
        request.tries += 1
        failures += 1
        timeout.expired()
        request.due = now + timeout.current
        resets.request = request
        if hasGivenUp() { return }
        sendResetRequest()
    }

    mutating func handleReconfiguration(_ body: Span<UInt8>) throws(WireError) {
        guard peer != nil else { return }
        var offset = 0
        var answers: [UInt8] = []
        // The format allows two parameters at most (section 3.1).
        for _ in 0..<2 where offset < body.count {
            let view = try ParameterView(in: body, at: offset)
            offset = view.next
            guard let parameter = try ReconfigurationParameter(type: view.type, view.value) else { continue }
            switch parameter {
            case .outgoingReset(let sequence, _, let lastTSN, let streams):
                let result = handleResetRequest(sequence, lastTSN: lastTSN, streams: streams)
                ReconfigurationParameter.response(sequence: sequence, result: result).append(to: &answers)
            case .other(let sequence):
                let result = take(sequence, .denied)
                ReconfigurationParameter.response(sequence: sequence, result: result).append(to: &answers)
            case .response(let sequence, let result): handleResetResponse(sequence, result)
            }
        }
        if !answers.isEmpty { appendControl(ChunkType.reconfiguration, answers, isOwn: false) }
    }

    /// The result of a request that is new, of the last one when it comes again, or that it is out of order.
    private mutating func take(_ sequence: UInt32, _ result: @autoclosure () -> ReconfigurationParameter.Result)
        -> ReconfigurationParameter.Result
    {
        if sequence == resets.peerSequence { return resets.peerResult }
        guard sequence == resets.peerSequence &+ 1 else { return .wrongSequenceNumber }
        resets.peerSequence = sequence
        resets.peerResult = result()
        return resets.peerResult
    }

    private mutating func handleResetRequest(_ sequence: UInt32, lastTSN: UInt32, streams: [UInt16]) -> ReconfigurationParameter.Result {
        guard sequence == resets.peerSequence &+ 1 else { return take(sequence, .wrongSequenceNumber) }
        resets.peerSequence = sequence
        let last = received.unwrap(lastTSN)
        if last <= received.cumulative {
            performReset(streams)
        } else {
            resets.deferred = StreamResets.Deferred(sequence: sequence, lastTSN: last, streams: Array(streams.prefix(1024)))
            resets.peerResult = .inProgress
        }
        return resets.peerResult
    }

    private mutating func performReset(_ streams: [UInt16]) {
        resets.deferred = nil
        resets.peerResult = .performed
        // No streams named: all of them, which no data channel does.
        guard !streams.isEmpty else {
            resets.peerResult = .denied
            return
        }
        for stream in streams { reassembly.reset(stream) }
        events.append(.incomingReset(streams))
    }

    /// After data have come: what had to wait for them. The peer is told without asking again.
    mutating func performDeferredReset() {
        guard let deferred = resets.deferred, deferred.lastTSN <= received.cumulative else { return }
        performReset(deferred.streams)
        var body: [UInt8] = []
        ReconfigurationParameter.response(sequence: deferred.sequence, result: resets.peerResult).append(to: &body)
        appendControl(ChunkType.reconfiguration, body, isOwn: false)
    }

    /// Data on a stream that is about to be reset, sent after what the reset is for: not taken before it is done.
    func mustWaitForReset(_ stream: UInt16, _ tsn: Int64) -> Bool {
        guard let deferred = resets.deferred else { return false }
        return tsn > deferred.lastTSN && deferred.streams.contains(stream)
    }

    private mutating func handleResetResponse(_ sequence: UInt32, _ result: ReconfigurationParameter.Result) {
        guard var request = resets.request, request.sequence == sequence else { return }
        failures = 0
        timeout.progressed()
        switch result {
        case .inProgress, .alreadyInProgress, .wrongSequenceNumber:
            // Asked again a little later, as a new request (section 5.2.7).
            request.tries += 1
            guard request.tries < AssociationConfiguration.tries else { return endReset(request) }
            request.sequence = resets.drawSequence()
            request.due = now + timeout.current
            resets.request = request
        case .nothingToDo, .performed, .denied, .wrongStreams:
            // A peer that refuses does not keep the stream alive on this side either.
            endReset(request)
        }
    }

    /// The peer acts as if it had answered the request about a stream; true if there was one.
    mutating func confirmReset(_ stream: UInt16) -> Bool {
        guard let index = resets.request?.streams.firstIndex(of: stream) else { return false }
        resets.request?.streams.remove(at: index)
        queue.reset(stream)
        return true
    }

    private mutating func endReset(_ request: StreamResets.Request) {
        resets.request = nil
        for stream in request.streams { queue.reset(stream) }
        events.append(.outgoingReset(request.streams))
        requestResets()
    }
}
