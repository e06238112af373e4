import ArgumentParser
import Glibc

/// Every option also as `TCHAT_…` in the environment: `--ice-server` is `TCHAT_ICE_SERVER`, a flag is set by 1, true, yes or on.
///
/// What the call's file and then the environment say is put in front of what was typed: the parser lets the last one win and reports a
/// bad value of any kind in the same words.
enum Environment {
    struct Setting: Equatable {
        enum Kind {
            case value, flag
            /// A flag that can be typed both ways: `--flip`, `--no-flip`.
            case choice
            /// May be given several times; in the environment separated by spaces. Gives way to those typed.
            case list
            /// The same, but each stands for itself: those typed come on top.
            case pairs
        }

        let option: String
        let kind: Kind
        /// The file's name for it, where that is another one.
        var key: String { kind == .pairs ? option + "s" : option }
        var variable: String { "TCHAT_" + option.uppercased().replacing("-", with: "_") }
    }

    private static let repeated: Set<String> = ["ice-server", "turn-url", "stun-url", "trusted-proxy", "metrics-from"]

    private static func options(_ names: String) -> [Setting] {
        names.split(separator: " ").map { Setting(option: String($0), kind: repeated.contains(String($0)) ? .list : .value) }
    }
    private static func flags(_ names: String, _ kind: Setting.Kind = .flag) -> [Setting] {
        names.split(separator: " ").map { Setting(option: String($0), kind: kind) }
    }

    static let media = options("camera mic speaker tone size fps bitrate")
    static let picture = options("render color fit quality tty-budget brightness contrast") + flags("dither") + flags("flip", .choice)
    static let screen = options("lang") + flags("plain no-bell no-title") + [Setting(option: "key", kind: .pairs)]
    static let config = options("config")
    static let log = options("log-file log-level log-format")
    static let run = options("seconds timeout members screen video-out audio-out record") + flags("headless json") + log
    static let channel = options("password token capacity")
    static let network = options("name ice-server ice-policy") + flags("loopback ephemeral")

    static let serve =
        options("host port capacity max-channels tls-cert tls-key token-secret turn-url turn-secret turn-lifetime stun-url trusted-proxy")
        + options("metrics-from max-connections max-address-connections event-rate event-burst address-event-rate address-event-burst")
        + options("join-rate join-burst") + flags("limit-loopback no-page")

    /// What each command takes, by its name.
    static let byCommand: [String: [Setting]] = [
        "call": options("server") + config + media + picture + screen + channel + network + run,
        "serve": config + serve + log,
        "token": [],
        "demo": config + media + picture + screen + run,
        "mirror": config + options("frames") + flags("unpaced") + media + picture,
        "devices": [],
    ]

    /// The arguments to parse: the command's name, the file's settings, the environment's, then what was typed.
    /// - Throws: a sentence when the call's file cannot be used.
    static func arguments(typed: [String], environment: (String) -> String?) throws(PlainFailure) -> [String] {
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
        func variable(_ setting: Setting) -> String? { environment(setting.variable).flatMap { $0.isEmpty ? nil : $0 } }
        var file: [String: [String]] = [:]
        if CallFile.commands.contains(command), !own.contains("--help"), !own.contains("-h") {
            file = try CallFile.settings(named: value(of: "config", in: own) ?? variable(config[0]), environment: environment)
        }
        var result = [command]
        let settings = byCommand[command] ?? []
        for setting in settings {
            guard let words = file[setting.key] else { continue }
            switch setting.kind {
            case .value, .choice, .pairs: result += words
            case .flag: if variable(setting) == nil { result += words }
            case .list: if variable(setting) == nil, !isTyped(setting, own) { result += words }
            }
        }
        for setting in settings {
            guard let value = variable(setting) else { continue }
            let isYes = ["1", "true", "yes", "on"].contains(value.lowercased())
            switch setting.kind {
            case .value: result.append("--\(setting.option)=\(value)")
            case .flag: if isYes { result.append("--\(setting.option)") }
            case .choice: result.append(isYes ? "--\(setting.option)" : "--no-\(setting.option)")
            case .list, .pairs:
                guard setting.kind == .pairs || !isTyped(setting, own) else { continue }
                for part in value.split(separator: " ") { result.append("--\(setting.option)=\(part)") }
            }
        }
        return result + typed
    }

    private static func isTyped(_ setting: Setting, _ typed: ArraySlice<String>) -> Bool {
        typed.contains { $0 == "--\(setting.option)" || $0.hasPrefix("--\(setting.option)=") }
    }

    /// The last one typed.
    private static func value(of option: String, in typed: ArraySlice<String>) -> String? {
        var found: String?
        for (index, word) in zip(typed.indices, typed) {
            if word.hasPrefix("--\(option)=") { found = String(word.dropFirst(option.count + 3)) }
            if word == "--\(option)", typed.indices.contains(index + 1) { found = typed[index + 1] }
        }
        return found
    }

    static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
}
