import Signaling

/// A server on a port that no other program is given by chance: below the range from which the system takes ports for those who ask
/// for any. So it can be stopped and started again on the same one while other tests run.
func startOnOwnPort() throws -> SignalingServer {
    for _ in 0..<100 {
        if let server = try? SignalingServer.start(port: Int.random(in: 10_000..<30_000)) { return server }
    }
    return try SignalingServer.start(port: 0)
}

/// A server on a port that has just been left: a program that another test starts at this moment may hold it until it runs.
func startAgain(on port: Int) async throws -> SignalingServer {
    for _ in 0..<500 {
        do {
            return try SignalingServer.start(port: port)
        } catch {
            guard error.kind == .portBusy else { throw error }
        }
        try await Task.sleep(for: .milliseconds(20))
    }
    return try SignalingServer.start(port: port)
}
