import ArgumentParser
import ChatUI
import Glibc

extension Language: ExpressibleByArgument {}

/// How a call looks, sounds and is steered in the terminal.
struct ScreenOptions: ParsableArguments {
    @Flag(help: "Events as lines, commands as typed lines, no picture: for screen readers, logs and plain terminals.")
    var plain = false

    @Flag(help: "Never ring the terminal's bell.")
    var noBell = false

    @Flag(help: "Leave the terminal's title as it is.")
    var noTitle = false

    @Option(help: "Language of the screen: en or ko. (default: that of $LANG)")
    var lang: Language?

    @Option(
        name: .customLong("key"),
        help: ArgumentHelp(
            "Bind an action of a call to keys, such as microphone=u or chat='t z'. May be repeated.", valueName: "action=keys"),
        transform: KeyBinding.parse)
    var keys: [KeyBinding] = []

    func validate() throws {
        do { _ = try keyMap() } catch { throw ValidationError("--key: \(error.description)") }
    }

    /// Headless there is no screen anyway.
    func check(_ run: RunOptions) throws {
        if plain, !run.headless, run.castFile != nil {
            throw ValidationError("--plain has no screen to record: --record takes a folder there.")
        }
    }

    var language: Language { lang ?? Language(environment: Environment.variable) }

    /// The standard keys with what was bound over them; of several bindings of an action the last counts.
    func keyMap() throws(KeyMap.Problem) -> KeyMap {
        var bound: [ChatAction: [Unicode.Scalar]] = [:]
        for binding in keys { bound[binding.action] = binding.keys }
        return try KeyMap(binding: bound)
    }
}

/// The file that the options above come from; read before the rest is parsed (see `CallFile`).
struct ConfigOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Take options and keys from this TOML file. (default: $XDG_CONFIG_HOME/tchat/config.toml, if there is one)", valueName: "file"))
    var config: String?
}

/// `ACTION=KEY KEY…`: what an action is bound to; nothing behind `=`: to no key.
struct KeyBinding: Equatable, Sendable {
    var action: ChatAction
    var keys: [Unicode.Scalar]

    /// For an option.
    static func parse(_ argument: String) throws -> KeyBinding {
        do { return try KeyBinding(argument) } catch { throw ValidationError(error.description) }
    }

    init(_ argument: String) throws(KeyMap.Problem) {
        // The first "=" parts; a second one is a key.
        let name = argument.prefix { $0 != "=" }
        guard name.endIndex < argument.endIndex else {
            throw KeyMap.Problem("A binding is written as ACTION=KEY, such as microphone=u.")
        }
        let names = argument[argument.index(after: name.endIndex)...].split(separator: " ").map(String.init)
        try self.init(action: String(name), keys: names)
    }

    init(action name: String, keys names: [String]) throws(KeyMap.Problem) {
        action = try KeyMap.action(named: name)
        keys = []
        for name in names { keys.append(try KeyMap.scalar(named: name)) }
    }

    /// As it would be typed.
    var argument: String { "\(action.rawValue)=\(keys.map(KeyMap.name(of:)).joined(separator: " "))" }
}
