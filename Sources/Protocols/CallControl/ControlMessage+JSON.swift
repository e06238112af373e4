import JSON

extension ControlMessage {
    /// Why a text is no message.
    enum Refusal: Error, Equatable {
        case tooLarge
        /// No JSON object with a `type`, or a member of a known type that is missing or of the wrong kind.
        case malformed
        /// Of a later version.
        case unknownType
    }

    /// Never more than 4 KiB.
    public func encoded() -> String {
        let members: [JSONMember] =
            switch self {
            case .hello(let hello):
                [
                    JSONMember("type", "hello"), JSONMember("version", .integer(Int64(hello.version))),
                    JSONMember("program", .string(hello.program)), JSONMember("features", .array(hello.features.map { .string($0) })),
                    JSONMember("name", .string(hello.name)),
                ]
            case .media(let microphone, let camera):
                [JSONMember("type", "media"), JSONMember("microphone", .bool(microphone)), JSONMember("camera", .bool(camera))]
            case .screen(let screen):
                [
                    JSONMember("type", "screen"), JSONMember("columns", .integer(Int64(screen.columns))),
                    JSONMember("rows", .integer(Int64(screen.rows))), JSONMember("width", .integer(Int64(screen.width))),
                    JSONMember("height", .integer(Int64(screen.height))),
                ]
            case .commit(let hash): [JSONMember("type", "commit"), JSONMember("hash", .string(Hexadecimal.text(hash.prefix(64))))]
            case .reveal(let nonce): [JSONMember("type", "reveal"), JSONMember("nonce", .string(Hexadecimal.text(nonce.prefix(64))))]
            }
        return JSONValue.object(members).text
    }

    /// Nil for what is malformed, too large, or of a type that is not known here.
    public init?(_ text: String) {
        do { try self.init(parsing: text) } catch { return nil }
    }

    init(parsing text: String) throws(Refusal) {
        guard text.utf8.count <= Self.maximumBytes else { throw .tooLarge }
        let limits = JSONLimits(maximumBytes: Self.maximumBytes, maximumDepth: 8)
        guard let object = try? RawJSON(validating: Array(text.utf8), limits: limits), let type = object.member("type")?.string else {
            throw .malformed
        }
        switch type {
        case "hello":
            guard let version = object.member("version")?.integer, version >= 1 else { throw .malformed }
            let features = object.member("features")?.elements ?? []
            self = .hello(
                Hello(
                    version: version, program: object.member("program")?.string ?? "",
                    features: features.prefix(Hello.maximumFeatures).compactMap(\.string), name: object.member("name")?.string ?? ""))
        case "media":
            guard let microphone = object.member("microphone")?.decoded.boolValue, let camera = object.member("camera")?.decoded.boolValue
            else { throw .malformed }
            self = .media(microphone: microphone, camera: camera)
        case "screen":
            func number(_ name: String) throws(Refusal) -> Int {
                guard let value = object.member(name)?.integer, value >= 0 else { throw .malformed }
                return value
            }
            self = .screen(
                ReceiverScreen(
                    columns: try number("columns"), rows: try number("rows"), width: try number("width"), height: try number("height")))
        case "commit": self = .commit(hash: object.member("hash")?.string.flatMap(Hexadecimal.bytes) ?? [])
        case "reveal": self = .reveal(nonce: object.member("nonce")?.string.flatMap(Hexadecimal.bytes) ?? [])
        default: throw .unknownType
        }
    }
}
