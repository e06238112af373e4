/// One object of a call's statistics, with the names and units of the W3C's webrtc-stats.
public struct RTCStats: Sendable, Equatable {
    public enum Value: Sendable, Equatable {
        case string(String)
        case integer(Int)
        case number(Double)
        case bool(Bool)
        case record([Member])
    }

    public struct Member: Sendable, Equatable {
        public var name: String
        public var value: Value

        public init(name: String, value: Value) {
            self.name = name
            self.value = value
        }
    }

    /// Unique within one report, and the same in the next.
    public let id: String
    /// `inbound-rtp`, `candidate-pair` …
    public let type: String
    /// Milliseconds since 1970.
    public let timestamp: Double
    /// In the order in which they were set.
    public private(set) var members: [Member] = []

    public init(id: String, type: String, timestamp: Double) {
        self.id = id
        self.type = type
        self.timestamp = timestamp
    }

    public subscript(name: String) -> Value? {
        get { members.first { $0.name == name }?.value }
        set {
            members.removeAll { $0.name == name }
            if let newValue { members.append(Member(name: name, value: newValue)) }
        }
    }

    public mutating func set(_ name: String, _ value: String?) { self[name] = value.map { .string($0) } }
    public mutating func set(_ name: String, _ value: Int?) { self[name] = value.map { .integer($0) } }
    public mutating func set(_ name: String, _ value: Bool?) { self[name] = value.map { .bool($0) } }
    /// What is no number is left out.
    public mutating func set(_ name: String, _ value: Double?) { self[name] = value.flatMap { $0.isFinite ? .number($0) : nil } }
}
