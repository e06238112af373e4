/// What two tchats tell each other on the data channel `control` (ordered, reliable): one JSON object a message, text, at most 4 KiB.
///
/// `type` says what it is; unknown types and members are ignored, so that later versions can say more.
public enum ControlMessage: Equatable, Sendable {
    public static let channelLabel = "control"
    public static let channelProtocol = "tchat-control-1"
    static let maximumBytes = 4096

    /// The first message of each side.
    case hello(Hello)
    /// What the sender lets the other hear and see.
    case media(microphone: Bool, camera: Bool)
    case screen(ReceiverScreen)
    /// 32 bytes. What is no hexadecimal number arrives as no bytes at all, so that `VerificationExchange` fails aloud.
    case commit(hash: [UInt8])
    /// The same.
    case reveal(nonce: [UInt8])

    public struct Hello: Equatable, Sendable {
        /// Of what is said on this channel.
        public static let currentVersion = 1
        static let maximumFeatures = 16

        public let version: Int
        /// Name and version, such as "tchat 1.0".
        public let program: String
        /// What the sender can do besides; see `Feature`.
        public let features: [String]
        /// The person's; empty when there is none. Anybody can claim any name.
        public let name: String

        /// Cuts and cleans what is too long or unfit to be shown.
        public init(version: Int = Self.currentVersion, program: String, features: [String] = [], name: String = "") {
            self.version = max(1, min(version, 1_000_000))
            self.program = CleanText.line(program, characters: 64, bytes: 128)
            self.features = features.prefix(Self.maximumFeatures).map { CleanText.line($0, characters: 32, bytes: 32) }
            self.name = CleanText.line(name, characters: 32, bytes: 128)
        }

        /// Features of version 1.
        public enum Feature {
            /// Takes part in a `VerificationExchange`.
            public static let words = "words"
            /// The certificate is for this run alone, so there is nothing to remember it for.
            public static let ephemeral = "ephemeral"
        }
    }

    /// The receiver's terminal, so that the sender need not send more than it can show.
    public struct ReceiverScreen: Equatable, Sendable {
        static let pixels = 16...4096
        static let cells = 1...4096

        public let columns: Int
        public let rows: Int
        /// Picture samples that the terminal can tell apart; 0 by 0: no picture is wanted, otherwise 16 to 4096 each.
        public let width: Int
        public let height: Int

        /// Clamps to what is possible.
        public init(columns: Int, rows: Int, width: Int, height: Int) {
            self.columns = Self.cells.clamp(columns)
            self.rows = Self.cells.clamp(rows)
            let wanted = width > 0 && height > 0
            self.width = wanted ? Self.pixels.clamp(width) : 0
            self.height = wanted ? Self.pixels.clamp(height) : 0
        }

        public var wantsPicture: Bool { width > 0 }
    }
}

extension ClosedRange<Int> {
    fileprivate func clamp(_ value: Int) -> Int { Swift.max(lowerBound, Swift.min(upperBound, value)) }
}
