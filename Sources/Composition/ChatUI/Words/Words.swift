/// Which language the screen speaks.
public enum Language: String, Sendable, CaseIterable {
    case english = "en"
    case korean = "ko"

    /// By the first of LC_ALL, LC_MESSAGES and LANG that is set; English for all but Korean.
    public init(environment: (String) -> String?) {
        let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].lazy.compactMap(environment).first { !$0.isEmpty } ?? ""
        self = locale.lowercased().hasPrefix("ko") ? .korean : .english
    }
}

/// Everything that the screen says, in its language. Each view's sentences are in an extension of their own.
public struct Words: Equatable, Sendable {
    public var language: Language

    public init(_ language: Language = .english) { self.language = language }

    /// Both languages side by side, so that none is forgotten.
    func callAsFunction(_ english: @autoclosure () -> String, _ korean: @autoclosure () -> String) -> String {
        switch language {
        case .english: english()
        case .korean: korean()
        }
    }
}
