import ArgumentParser
import Glibc

extension ConfigFile where Options == ServeOptions {
    static var serve: ConfigFile {
        ConfigFile(kinds: [
            ("host", .text), ("port", .whole), ("capacity", .whole), ("max-channels", .whole), ("tls-cert", .text), ("tls-key", .text),
            ("token-secret", .text), ("turn-url", .texts), ("turn-secret", .text), ("turn-lifetime", .duration), ("stun-url", .texts),
            ("trusted-proxy", .texts), ("metrics-from", .texts), ("max-connections", .whole), ("max-address-connections", .whole),
            ("event-rate", .number), ("event-burst", .whole), ("address-event-rate", .number), ("address-event-burst", .whole),
            ("join-rate", .number), ("join-burst", .whole), ("limit-loopback", .flag), ("no-page", .flag), ("log-file", .text),
            ("log-level", .text), ("log-format", .text),
        ])
    }
}

/// What may stand in the call's file: the options of `tchat CHANNEL`. How it is run this once, as `--headless`, is none of them.
struct CallFileOptions: ParsableArguments {
    @OptionGroup var signaling: SignalingOptions
    @OptionGroup var media: MediaOptions
    @OptionGroup var picture: PictureOptions
    @OptionGroup var screen: ScreenOptions
    @OptionGroup var access: ChannelOptions
    @OptionGroup var network: NetworkOptions
    @OptionGroup var run: RunOptions
}

extension ConfigFile where Options == CallFileOptions {
    static var call: ConfigFile {
        ConfigFile(
            kinds: [
                ("server", .text), ("camera", .text), ("mic", .text), ("speaker", .text), ("tone", .number), ("size", .text),
                ("fps", .whole), ("bitrate", .whole), ("render", .text), ("color", .textOrWhole), ("fit", .text), ("flip", .choice),
                ("quality", .text), ("dither", .flag), ("tty-budget", .whole), ("brightness", .whole), ("contrast", .whole),
                ("plain", .flag), ("no-bell", .flag), ("no-title", .flag), ("lang", .text), ("keys", .bindings), ("password", .text),
                ("token", .text), ("capacity", .whole), ("name", .text), ("ice-server", .texts), ("ice-policy", .text),
                ("loopback", .flag), ("ephemeral", .flag), ("seconds", .number), ("timeout", .number), ("members", .whole),
                ("json", .flag), ("screen", .text), ("video-out", .text), ("audio-out", .text), ("record", .text), ("log-file", .text),
                ("log-level", .text), ("log-format", .text),
            ],
            hint: { key in
                guard ConfigFile<ServeOptions>.serve.kinds.contains(where: { $0.key == key }) || key == "serve" else { return nil }
                return "It is one of tchat serve, which takes a file of its own: tchat serve --config FILE."
            })
    }
}

/// The call's file: the one that is named, else the person's own, if there is one.
enum CallFile {
    /// The commands that take options from it.
    static let commands: Set<String> = ["call", "demo", "mirror"]

    /// By option, as it would be typed.
    /// - Parameter named: by `--config` or the environment; nil: the usual place is looked at.
    static func settings(named: String?, environment: (String) -> String?) throws(PlainFailure) -> [String: [String]] {
        guard let path = named ?? usual(environment) else { return [:] }
        if named == nil, access(path, F_OK) != 0, errno == ENOENT || errno == ENOTDIR { return [:] }
        return try ConfigFile.call.read(path).words
    }

    /// By the XDG Base Directory Specification, where a relative path counts as none.
    static func usual(_ environment: (String) -> String?) -> String? {
        if let home = environment("XDG_CONFIG_HOME"), home.hasPrefix("/") { return home + "/tchat/config.toml" }
        if let home = environment("HOME"), home.hasPrefix("/") { return home + "/.config/tchat/config.toml" }
        return nil
    }
}
