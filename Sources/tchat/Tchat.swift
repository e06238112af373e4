import ArgumentParser
import Glibc

@main
struct Tchat: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tchat",
        abstract: "Video chat in the terminal.",
        discussion: """
            tchat CHANNEL joins a channel at once; tchat alone opens the lobby. Whoever else is in the channel is seen and heard: \
            another tchat, or any browser. Every option can also be set in the environment, as TCHAT_ICE_SERVER for --ice-server, and in a file \
            (--config); what is typed wins over the environment, and that over the file.
            """,
        version: tchatVersion,
        subcommands: [CallCommand.self, ServeCommand.self, TokenCommand.self, DemoCommand.self, MirrorCommand.self, DevicesCommand.self],
        defaultSubcommand: CallCommand.self)

    static func main() {
        signal(SIGPIPE, SIG_IGN)
        do {
            let arguments = try Environment.arguments(
                typed: Array(CommandLine.arguments.dropFirst()), environment: Environment.variable)
            var command = try parseAsRoot(arguments)
            try command.run()
        } catch let failure as PlainFailure {
            complain(failure.description)
            Glibc.exit(1)
        } catch {
            exit(withError: error)
        }
    }
}

let tchatVersion = "0.1.0"
