/// Keeps the last payloads that were sent, and puts as many of them into each packet as the loss asks for.
public struct REDPacketizer: Sendable {
    /// One copy from this loss on, two from that; each goes again at half of it.
    static let oneCopy = 0.03
    static let twoCopies = 0.08
    static let maximumCopies = 2
    /// A report, or feedback about a tenth of a second, says little alone: 128 packets smooth it.
    private static let memory = 1.0 / 128
    /// What fits a path along with all headers.
    static let maximumPacket = 1150

    private var past: [(timestamp: UInt32, payload: [UInt8])] = []
    /// Smoothed; begins where copies do, until more is known.
    private var loss = oneCopy
    /// At most so many, 0 to 2: what a narrow path has room for.
    public var limit = maximumCopies
    /// How many copies each packet carries; 0: packets go as they are.
    public private(set) var copies = 1

    public init() {}

    /// To be told once for each packet.
    /// - Parameter loss: of what this side sends, 0...1, as it was heard last.
    public mutating func follow(_ loss: Double) {
        self.loss += (loss - self.loss) * Self.memory
        setLoss(self.loss)
    }

    mutating func setLoss(_ fraction: Double) {
        if fraction >= Self.twoCopies {
            copies = 2
        } else if fraction >= Self.oneCopy {
            copies = copies == 2 && fraction >= Self.twoCopies / 2 ? 2 : 1
        } else if fraction < Self.oneCopy / 2 {
            copies = 0
        } else {
            copies = min(copies, 1)
        }
    }

    /// What to send for a payload; nil: the payload as it is, under its own type. Every payload must pass through here, so that there is
    /// something to repeat when the loss begins.
    public mutating func wrap(_ payload: [UInt8], timestamp: UInt32, payloadType: UInt8) -> [UInt8]? {
        defer {
            past.append((timestamp, payload))
            if past.count > Self.maximumCopies { past.removeFirst() }
        }
        let copies = min(copies, limit)
        guard copies > 0 else { return nil }
        var chosen: [(timestampOffset: UInt32, payload: [UInt8])] = []
        var size = payload.count + 1
        for (old, copy) in past.suffix(copies).reversed() {
            size += copy.count + 4
            let offset = timestamp &- old
            // The nearest copy is worth most, and one that is older than the head can say ends the row.
            guard size <= Self.maximumPacket, offset <= RED.maximumOffset, copy.count <= RED.maximumLength else { break }
            chosen.append((offset, copy))
        }
        chosen.reverse()
        return chosen.isEmpty ? nil : RED.write(chosen, payload, payloadType: payloadType)
    }
}
