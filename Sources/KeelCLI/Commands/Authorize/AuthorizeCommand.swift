import ArgumentParser
import KeelBase
import KeelEngine

/// `mailkeel authorize`
struct AuthorizeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "authorize", abstract: "Let a person consent to what accounts need, here or elsewhere.",
        discussion: """
            It shows what would be granted, and to which application. The consent is stored as a candidate; apply proves it with a \
            login and puts it into service (--apply does so at once).

            The one who consents may sit elsewhere: --start prints a link or a code to send them, and --resume finishes it, from \
            any process, with what their browser came back with on standard input, or by asking the provider.
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var variables: VariableOptions
    @OptionGroup var lock: LockOption
    @OptionGroup var parallelism: ParallelismOption

    @Argument(
        help: ArgumentHelp(
            "What to authorize: Authorization/PROFILE:SUBJECT, or an account that needs it.", valueName: "address"))
    var addresses: [String] = []

    @Flag(help: "Everything that waits for somebody, one after the other.")
    var all = false

    @Flag(help: "Ask for a new consent also where one is in service.")
    var again = false

    @Flag(help: "Go on with what was approved and waited for this.")
    var apply = false

    @Flag(help: "Print the link or the code, keep what finishes it in the vault, and end.")
    var start = false

    @Flag(help: "Finish what --start began: with the address from standard input, or by asking the provider.")
    var resume = false

    @Flag(help: "Take a refresh token from standard input, as another program has it, and make it a candidate.")
    var adopt = false

    @Flag(help: "Open no browser; take the address that it ends at from the terminal.")
    var noBrowser = false

    @Flag(help: "Accept that somebody else than before consents, and remember the new one.")
    var acceptIdentity = false

    @Option(
        help: ArgumentHelp("Wait this long for the person; 10m if not given.", valueName: "duration"),
        transform: WaitingTime.parse)
    var timeout = Duration.seconds(600)

    func validate() throws {
        if [start, resume, adopt].filter({ $0 }).count > 1 {
            throw ValidationError("--start, --resume and --adopt exclude each other")
        }
        if all, !addresses.isEmpty { throw ValidationError("--all means everything; leave the addresses out") }
        if all, resume || adopt {
            throw ValidationError("one answer belongs to one authorization; name it instead of --all")
        }
        // It may hold a code that works once, so it is not repeated here.
        if addresses.contains(where: { $0.contains("://") }) {
            throw ValidationError(
                "the address that the browser ended at goes to standard input, never into an argument, which others can read: mailkeel authorize AUTHORIZATION --resume <FILE"
            )
        }
        if adopt, addresses.count != 1 { throw ValidationError("name the one authorization that the token is for") }
        if apply, start {
            throw ValidationError("--start ends before anybody has consented; --apply goes with --resume")
        }
    }

    func run() async throws {
        let context = try CommandContext(global, variables)
        let way: AuthorizeRequest.Way =
            if start { .start } else if resume { .resume } else if adopt { .adopt } else { .here }
        try await AuthorizeSession(
            context: context,
            request: AuthorizeRequest(
                addresses: try addresses.map(context.address), all: all, again: again, way: way, applies: apply,
                opensBrowser: !noBrowser, acceptsIdentity: acceptIdentity, timeout: timeout,
                lockTimeout: lock.lockTimeout, parallelism: parallelism.parallelism)
        ).run()
    }
}

/// What `authorize` is asked to do.
struct AuthorizeRequest {
    /// Where the one who consents is.
    enum Way { case here, start, resume, adopt }

    var addresses: [ResourceAddress] = []
    var all = false
    var again = false
    var way = Way.here
    var applies = false
    var opensBrowser = true
    var acceptsIdentity = false
    var timeout = Duration.seconds(600)
    var lockTimeout = Duration.zero
    var parallelism: Int
}
