import QRCode

/// How others come into a channel.
public struct Invitation: Equatable, Sendable {
    public enum Reach: Sendable, Equatable {
        case everybody
        /// The server answers this machine alone.
        case thisMachine
        /// Browsers give no camera to pages that come unencrypted.
        case noBrowser
        /// There is no link to a channel of this name.
        case byNameAlone
    }

    /// Empty: there is none.
    public let link: String
    public let reach: Reach
    /// The link holds what lets this side in.
    public let hasToken: Bool
    /// Nil: it is too long.
    let code: QRCode?

    public init(link: String, reach: Reach, hasToken: Bool) {
        self.link = link
        self.reach = reach
        self.hasToken = hasToken
        code = link.isEmpty ? nil : try? QRCode(link)
    }
}
