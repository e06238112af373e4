import ArgumentParser
import Glibc

/// Every option also as `TCHAT_…` in the environment: `--ice-server` is `TCHAT_ICE_SERVER`, a flag is set by 1, true, yes or on.
///
/// What the environment says is put in front of what was typed: the parser lets the last one win and reports a bad value
/// of either kind in the same words.
enum Environment {
    struct Setting: Equatable {
        let option: String
        let isFlag: Bool
        let repeats: Bool
        var variable: String { "TCHAT_" + option.uppercased().replacing("-", with: "_") }
    }

    /// Options that may be given several times; in the environment their values are separated by spaces.
    private static let repeated: Set<String> = ["ice-server", "turn-url", "stun-url", "trusted-proxy", "metrics-from"]

    private static func options(_ names: String) -> [Setting] {
        names.split(separator: " ").map { Setting(option: String($0), isFlag: false, repeats: repeated.contains(String($0))) }
    }
    private static func flags(_ names: String) -> [Setting] {
        names.split(separator: " ").map { Setting(option: String($0), isFlag: true, repeats: false) }
    }

    static let media = options("camera mic speaker tone size fps bitrate")
    static let picture = options("render color fit")
    static let log = options("log-file log-level log-format")
    static let run = options("seconds timeout members video-out audio-out record") + flags("headless json") + log
    static let channel = options("password token capacity")
    static let network = options("name ice-server ice-policy") + flags("loopback")

    static let serve =
        options("host port capacity max-channels tls-cert tls-key token-secret turn-url turn-secret turn-lifetime stun-url trusted-proxy")
        + options("metrics-from max-connections max-address-connections event-rate event-burst address-event-rate address-event-burst")
        + options("join-rate join-burst") + flags("limit-loopback no-page")

    /// What each command takes, by its name.
    static let byCommand: [String: [Setting]] = [
        "call": options("server") + media + picture + channel + network + run,
        "serve": options("config") + serve + log,
        "token": [],
        "demo": media + picture + run,
        "mirror": options("frames") + flags("unpaced") + media + picture,
        "devices": [],
    ]

    /// The arguments to parse: the command's name, the environment's settings, then what was typed.
    static func arguments(typed: [String], environment: (String) -> String?) -> [String] {
        var typed = typed
        // Help, version, completion scripts and the manual belong to the program, not to the command it would run by default.
        let programs = ["help", "--help", "-h", "--version", "--generate-completion-script", "--experimental-dump-help"]
        if let first = typed.first, programs.contains(first) { return typed }
        var command = "call"
        if let first = typed.first, byCommand[first] != nil {
            command = first
            typed.removeFirst()
        }
        let own = typed.prefix { $0 != "--" }
        var result = [command]
        for setting in byCommand[command] ?? [] {
            guard let value = environment(setting.variable), !value.isEmpty else { continue }
            let isTyped = own.contains { $0 == "--\(setting.option)" || $0.hasPrefix("--\(setting.option)=") }
            if setting.isFlag {
                if ["1", "true", "yes", "on"].contains(value.lowercased()) { result.append("--\(setting.option)") }
            } else if setting.repeats {
                guard !isTyped else { continue }
                for part in value.split(separator: " ") { result.append("--\(setting.option)=\(part)") }
            } else {
                result.append("--\(setting.option)=\(value)")
            }
        }
        return result + typed
    }

    static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
}
