import ArgumentParser
import KeelBase
import KeelDiagnostics
import KeelEngine

/// `mailkeel test`
struct TestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test",
        abstract: "Log in to committed accounts with what is in service, or prove OAuth profiles. Changes nothing.",
        discussion: """
            Each login goes through seven stages: dns, tcp, tls, greeting, capability, auth, proof. A failure names the \
            stage, what the server said, what it means and whose move it is; one that may pass is tried again twice.

            An OAuth profile is proven as its manifest declares it, before any account uses it: its issuer is found, its \
            client is accepted, and a token comes where nobody has to consent.
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var variables: VariableOptions
    @OptionGroup var parallelism: ParallelismOption
    @OptionGroup var selection: SelectorOption

    @Option(
        help: ArgumentHelp(
            "Only accounts that were not proven within this time.", valueName: "duration"),
        transform: WaitingTime.parse)
    var since: Duration?

    @Option(
        help: ArgumentHelp(
            "Let each named SMTP account send a message there, and wait for it where a committed account opens that mailbox.",
            valueName: "address"))
    var sendTo: String?

    @Option(
        help: ArgumentHelp("How long to wait for such a message.", valueName: "duration"),
        transform: WaitingTime.parse)
    var arrivalTimeout = Duration.seconds(120)

    @Option(help: ArgumentHelp("Write a JUnit report to this file as well.", valueName: "file"))
    var junit: String?

    @Flag(help: "Keep a wire transcript of each login, without credentials, as debug: true does.")
    var debug = false

    @Flag(help: "Offer passwords again that a server refused, because the server was mended and not the password.")
    var retryRefused = false

    @Flag(name: .shortAndLong, help: "Show the stages of each login.")
    var verbose = false

    @Argument(
        help: "What to test: EmailAccount/NAME or NAME, OAuthProfile/NAME; all active accounts when none is named.")
    var names: [String] = []

    func validate() throws {
        if selection.selector != nil, !names.isEmpty {
            throw ValidationError("--selector and names both say which accounts are meant; give one of them")
        }
        // Hundreds of accounts would send what nobody meant them to.
        if sendTo != nil, names.isEmpty, selection.selector == nil {
            throw ValidationError("--send-to wants the accounts that are to send: name them, or give --selector")
        }
        if let sendTo, !sendTo.utf8.contains(UInt8(ascii: "@")) {
            throw ValidationError("--send-to wants a mail address, as in desk@example.com")
        }
    }

    func run() async throws {
        let context = try CommandContext(global, variables)
        let addresses = try names.map(context.address)
        let profiles = addresses.filter { $0.kind == .oauthProfile }
        let stop = StopRequest()
        var outcome = TestOutcome()
        do {
            outcome = try await test(addresses, profiles, context, stop)
            if let junit { try write(outcome.report, to: junit, context) }
        } catch let code as ExitCode {
            // Why is said already; machines get a last object nonetheless.
            let status = ExitStatus(rawValue: code.rawValue) ?? .failed
            if global.json { try context.console.output(outcome.summary([status])) }
            throw code
        }
        try finish(outcome, stop.status, context)
    }

    private func test(
        _ addresses: [ResourceAddress], _ profiles: [ResourceAddress], _ context: CommandContext, _ stop: StopRequest
    ) async throws -> TestOutcome {
        try await stop.whileWatching {
            var outcome = TestOutcome()
            if !profiles.isEmpty { outcome.profiles = try await ProfileTests(context: context).run(profiles) }
            if profiles.isEmpty || profiles.count < addresses.count {
                let accounts = AccountTests(
                    context: context, selector: selection.selector, since: since,
                    parallelism: parallelism.parallelism, keepsTranscripts: debug, retriesRefused: retryRefused,
                    verbose: verbose, sendTo: sendTo, arrivalTimeout: arrivalTimeout, stop: stop)
                outcome.accounts = try await accounts.run(addresses.filter { $0.kind != .oauthProfile })
            }
            return outcome
        }
    }

    private func write(_ text: String, to file: String, _ context: CommandContext) throws {
        do throws(FileFailure) {
            try context.files.replace(context.located(file: file), with: Array(text.utf8))
        } catch {
            try context.fail(
                Diagnostic(
                    .error, "file.\(error.code.rawValue)", error.description, help: "check the path of --junit",
                    responsible: .operatorHere))
        }
    }

    private func finish(_ outcome: TestOutcome, _ stop: ExitStatus?, _ context: CommandContext) throws {
        // Said already: there was nothing to test.
        if outcome.isEmpty, !global.json, stop == nil { return }
        let failures = outcome.failures
        var applying = Set(failures.map(\.status))
        if let stop, !outcome.notReached.isEmpty { applying.insert(stop) }
        let statuses = ExitStatus.ordered(applying)
        if global.json {
            try context.console.output(outcome.summary(statuses))
        } else {
            try context.console.output("\(outcome.passed) passed, \(failures.count) failed\n")
        }
        if let status = statuses.first, status != .done { throw status.exit }
    }
}

/// What came of a whole test.
private struct TestOutcome: Sendable {
    var profiles: [ProfileTester.Result] = []
    var accounts: AccountTests.Outcome?

    var isEmpty: Bool { profiles.isEmpty && accounts?.results.isEmpty != false }
    var untested: [ResourceAddress] { accounts?.untested ?? [] }
    var notReached: [ResourceAddress] { accounts?.notReached ?? [] }
    var failures: [StepFailure] {
        profiles.flatMap(\.failures) + (accounts?.results.compactMap(\.failure) ?? [])
    }
    var passed: Int {
        profiles.count { $0.verdict != .failed } + (accounts?.results.count { $0.failure == nil } ?? 0)
    }

    /// The last object.
    func summary(_ statuses: [ExitStatus]) -> JSON {
        .object(
            [
                .init("type", "summary"), .init("operation", "test"), .init("passed", .integer(passed)),
                .init("failed", .integer(failures.count)), .init("provenLately", .integer(accounts?.provenLately ?? 0)),
                .init("untested", .array(untested.map { .string($0.description) })),
                .init("notReached", .array(notReached.map { .string($0.description) })),
            ] + ExitStatus.members(statuses))
    }

    /// For CI servers.
    var report: String {
        var suites = TestSuites()
        suites.add(profiles: profiles)
        suites.add(accounts: accounts?.results ?? [], untested: untested, notReached: notReached)
        return suites.text
    }
}
