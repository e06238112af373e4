/// The page for guests who have a browser and no terminal: the files of Assets/web, kept inside the binary.
public enum GuestPage {
    public struct File: Sendable {
        public let bytes: [UInt8]
        /// The value of Content-Type.
        public let contentType: String
    }

    /// Where all files but the page itself live, so that no channel's name is taken: `/-/app.js`.
    public static let folder = "/-/"

    /// All paths that `file` answers.
    public static let paths: [String] = files.keys.sorted()

    /// A file by the path of a request, without its query; `/` is the page, which is the same for every channel.
    public static func file(_ path: String) -> File? { files[path] }

    /// Content-Security-Policy of every answer. `connect-src 'self'` covers ws: and wss: to the page's own origin (CSP 3, section 6.7.2.8).
    public static let contentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; connect-src 'self'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"

    /// All headers that an answer with a file should have besides Content-Type and Content-Length.
    ///
    /// The address may hold a token, which is nobody else's business: no referrer. `no-cache` asks each time, so that page and server are
    /// of one version.
    public static let headers: [(name: String, value: String)] = [
        ("Content-Security-Policy", contentSecurityPolicy),
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "no-referrer"),
        ("Permissions-Policy", "camera=(self), microphone=(self)"),
        ("Cache-Control", "no-cache"),
    ]

    private static let files: [String: File] = [
        "/": File(bytes: PackageResources.index_html, contentType: "text/html; charset=utf-8"),
        folder + "style.css": File(bytes: PackageResources.style_css, contentType: "text/css; charset=utf-8"),
        folder + "icon.svg": File(bytes: PackageResources.icon_svg, contentType: "image/svg+xml"),
        folder + "app.js": script(PackageResources.app_js),
        folder + "call.js": script(PackageResources.call_js),
        folder + "descriptions.js": script(PackageResources.descriptions_js),
        folder + "media.js": script(PackageResources.media_js),
        folder + "memory.js": script(PackageResources.memory_js),
        folder + "peer.js": script(PackageResources.peer_js),
        folder + "signaling.js": script(PackageResources.signaling_js),
        folder + "talk.js": script(PackageResources.talk_js),
        folder + "ui.js": script(PackageResources.ui_js),
        folder + "words.js": script(PackageResources.words_js),
    ]

    private static func script(_ bytes: [UInt8]) -> File { File(bytes: bytes, contentType: "text/javascript; charset=utf-8") }
}
