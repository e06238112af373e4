/// Why a channel could not be joined.
public struct ChatRefusal: Equatable, Sendable {
    /// The server's word for it, such as `full`; nil where it has none.
    public var code: String?
    /// What has happened and what to do.
    public var sentence: String

    public init(code: String? = nil, sentence: String) {
        self.code = code
        self.sentence = sentence
    }

    /// Asking for the password (again) is the way on.
    var wantsPassword: Bool { code == "password-needed" || code == "wrong-password" }
}
