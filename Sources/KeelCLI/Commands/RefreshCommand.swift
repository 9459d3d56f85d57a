import ArgumentParser
import KeelBase
import KeelDiagnostics
import KeelEngine
import KeelSystem
import KeelVault

/// `mailkeel refresh`
struct RefreshCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "refresh",
        abstract: "Renew the grants that are due, once, for cron. Reads the vault only.",
        discussion: """
            Every quarter of an hour is often enough: */15 * * * * /usr/local/bin/mailkeel refresh --chdir DIR

            Exit codes: 0 all is well, 6 something is tried again by itself, 8 somebody must authorize, 1 somebody must mend \
            something.
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var parallelism: ParallelismOption

    @Option(
        help: ArgumentHelp(
            "Renew what falls due within this time too: as long as lies between two passes.", valueName: "duration"),
        transform: WaitingTime.parse)
    var within = Duration.seconds(900)

    @Option(help: ArgumentHelp("Renew so many grants at most, the most urgent first.", valueName: "n"))
    var max = 1000

    @Option(
        help: ArgumentHelp("Begin no renewal after this time; what is left stays due.", valueName: "duration"),
        transform: WaitingTime.parse)
    var timeout = Duration.seconds(120)

    @Flag(help: "Say nothing where all is well. With --json everything is said all the same.")
    var quiet = false

    @Flag(help: "Ask once more for grants that the provider has refused to renew.")
    var retryRefused = false

    func validate() throws {
        guard (1...100_000).contains(max) else { throw ValidationError("--max must be from 1 to 100000") }
    }

    func run() async throws {
        let context = try CommandContext(global, readsManifests: false)
        try await context.preparePassphrase()
        let stop = StopRequest()
        let report: RefreshReport
        do {
            report = try await stop.whileWatching {
                try await context.withPorts { ports in
                    try await context.reporting { try await pass(context, ports, stop) }
                }
            }
        } catch let code as ExitCode {
            // Why is said already; machines get a last object nonetheless.
            let status = ExitStatus(rawValue: code.rawValue) ?? .failed
            if global.json { try context.console.output(RefreshSummary(RefreshReport(), endedBy: status).json) }
            throw code
        }
        let summary = RefreshSummary(report, stop: stop.status)
        try context.console.show(summary.diagnostics, sources: SourceMap())
        if global.json {
            try context.console.output(lines: summary.waiting + [summary.json])
        } else if saysSomething(summary) {
            try context.console.output(summary.text(context.console.outputStyle) { context.commandLine($0) })
        }
        if summary.status != .done { throw summary.status.exit }
    }

    /// Cron mails whatever is printed: that nothing was due is told to people only.
    private func saysSomething(_ summary: RefreshSummary) -> Bool {
        guard summary.status == .done else { return true }
        return !quiet && (!summary.isIdle || Terminal.isTerminal(1))
    }

    private func pass(
        _ context: CommandContext, _ ports: EnginePorts, _ stop: StopRequest
    ) async throws -> RefreshReport {
        let vault = try await VaultAccessor(paths: context.paths, files: context.files, time: context.time).open()
        var options = RefreshOptions()
        options.within = within.components.seconds
        options.most = max
        options.limit = timeout.components.seconds
        options.parallelism = parallelism.parallelism
        options.offersRefused = retryRefused
        var pass = RefreshPass(
            paths: context.paths, ports: ports, secrets: context.secrets,
            explanation: FailureExplanation(ofService: { _ in true }), options: options, actor: context.who)
        pass.isStopping = { stop.isRequested }
        let console = context.console
        let report = try await pass.run(in: vault) { row in
            if console.isJSON {
                // A reader that has gone does not stop the pass.
                try? console.output(RefreshSummary.object(row))
            } else if !quiet || row.meaning != .fine {
                console.remark(RefreshSummary.line(row, console.errorStyle))
            }
        }
        await vault.close()
        return report
    }
}
