import ArgumentParser
import KeelBase
import KeelDiagnostics
import KeelEngine
import KeelModel
import KeelPlan
import KeelState
import KeelSystem

/// What an apply or destroy is asked to do.
struct ApplyRequest {
    /// Where the approval comes from.
    enum Approval {
        /// From the person at the terminal, who sees the plan and is asked.
        case question
        /// From whoever called the command.
        case given
        /// From a saved plan.
        case saved(SavedPlan)
        /// From whoever knew the intent of the plan.
        case intent(String)
        /// From an earlier run, which left something that waited for a person.
        case pending
    }

    var operation: RunOperation
    var approval: Approval
    var replacing: Set<ResourceAddress> = []
    /// Whether the grants of what is removed are to end at the provider as well.
    var revokes = false
    /// The accounts that are meant; nil: all.
    var selector: LabelSelector?
    var parallelism: Int
    var lockTimeout: Duration
    var offersRefused = false
    var allowsPending: Bool
    /// Whether a person at the terminal is asked, once all else is done, for the consents that it waits for.
    var asksPeople = false
}

/// One apply or destroy, from the plan to the last line.
struct ApplySession {
    let context: CommandContext
    let request: ApplyRequest

    private var console: Console { context.console }

    /// What is going to be done, and what is known for saying so.
    private struct Work {
        var operation: RunOperation
        var proposal: Proposal
        /// What was approved, or is to be.
        var plan: Plan
        var sources: SourceMap
        var explanation: FailureExplanation
        /// Whether it is the rest of an earlier run.
        var isRemainder = false
    }

    func run() async throws {
        if case .question = request.approval, console.isJSON {
            throw ValidationError(
                "--json cannot ask; use it with --auto-approve, --plan-hash, --pending or a saved plan")
        }
        let summary: RunSummary
        let waiting: [ResourceAddress]
        do {
            guard let done = try await execute() else { return }
            (summary, waiting) = done
        } catch let code as ExitCode {
            // What ended before the run did is explained already; machines get a last object nonetheless.
            if console.isJSON, let status = ExitStatus(rawValue: code.rawValue) {
                try console.output(RunSummary(request.operation, endedBy: status).json)
            }
            throw code
        }
        if request.asksPeople, summary.status == .pending, !waiting.isEmpty, context.hasSomebody {
            return try await ask(for: waiting)
        }
        if summary.status != .done { throw summary.status.exit }
    }

    /// Asks the person who sits here for what is left, and then does it. The lock is free meanwhile: a person takes minutes.
    private func ask(for waiting: [ResourceAddress]) async throws {
        console.remark(
            "\nNow to \(counted(waiting.count, "consent")) that only a person can give. Ctrl-C leaves them for later.")
        try await AuthorizeSession(
            context: context,
            request: AuthorizeRequest(
                addresses: waiting, applies: true, lockTimeout: request.lockTimeout, parallelism: request.parallelism)
        ).run()
    }

    /// What came of it, and the slots that wait for a person; nil: there was nothing to do, which was said.
    private func execute() async throws -> (RunSummary, [ResourceAddress])? {
        guard let work = try await work() else { return nil }
        try show(work)
        try checkIntent(work)
        if case .question = request.approval, !work.plan.isEmpty {
            try await confirm(work.operation, revokes: work.proposal.revokes)
        }
        if !work.plan.isEmpty { try await context.preparePassphrase() }
        let stop = StopRequest()
        let progress = ProgressReporter.make(plan: work.plan, console: console, sources: work.sources)
        stop.announce(by: progress.remark)
        let report = try await stop.whileWatching {
            try await context.withPorts { ports in
                try await context.reporting(work.sources) { try await apply(work, ports, stop, progress) }
            }
        }
        let summary = RunSummary(
            work.operation, report, stop: stop.status, allowsPending: request.allowsPending)
        try finish(summary, report, work)
        return (summary, report.pending.filter { $0.kind == .authorization })
    }

    // MARK: The plan

    private func work() async throws -> Work? {
        var earlier: Approval?
        switch request.approval {
        case .question, .given, .intent: break
        case .saved(let file): earlier = try await context.reporting { try file.read() }
        case .pending:
            earlier = try await context.reporting { try PendingStore(context.paths, files: context.files).load() }
            if earlier == nil {
                try sayNothingPending()
                return nil
            }
        }
        let destroys = earlier?.destroys ?? (request.operation == .destroy)
        // In another directory than the one that is meant everything would seem destroyed.
        if destroys { _ = try context.requireState() }
        let project = destroys ? Project.empty : try context.loadProject()
        var proposal = try await context.plan(
            project, destroying: destroys, replacing: earlier?.replacing ?? request.replacing,
            revoking: earlier?.revokes ?? request.revokes)
        if let selector = request.selector { proposal = try context.select(selector, proposal, of: project.set) }
        let found = proposal
        let plan = try await context.reporting(project.sources) {
            if let earlier { try found.remainder(of: earlier) } else { found.plan }
        }
        var work = Work(
            operation: destroys ? .destroy : .apply, proposal: proposal, plan: plan, sources: project.sources,
            explanation: FailureExplanation { project.place($0, $1) })
        if case .pending = request.approval { work.isRemainder = true }
        return work
    }

    private func sayNothingPending() throws {
        if console.isJSON {
            try console.output(RunSummary(request.operation, endedBy: .done).json)
        } else {
            try console.output("Nothing is pending: no earlier run left something that waits for a person.\n")
        }
    }

    private func show(_ work: Work) throws {
        if console.isJSON {
            try console.output(work.plan.json { $0.json(in: work.sources) })
        } else if work.operation == .destroy, work.plan.isEmpty {
            try console.output("\(console.outputStyle.green("No changes.")) No objects need to be destroyed.\n")
        } else {
            try console.output(PlanText(style: console.outputStyle).render(work.plan))
        }
    }

    /// Whether the plan is the one whose intent the caller knew.
    private func checkIntent(_ work: Work) throws {
        guard case .intent(let expected) = request.approval else { return }
        let intent = work.proposal.approval.intent
        guard intent != expected else { return }
        try context.fail(
            Diagnostic(
                .error, "plan.other-intent",
                "this is not the plan that was approved: its intent is \(intent), and --plan-hash names \(expected)",
                help:
                    "the plan above is what would be done now; review it, then name its intent, or apply it without --plan-hash",
                responsible: .operatorHere), status: .stalePlan)
    }

    private func confirm(_ operation: RunOperation, revokes: Bool) async throws {
        let bold = console.outputStyle.bold
        let question =
            switch operation {
            case .apply:
                bold("Do you want to perform these actions?")
                    + "\n  Mailkeel will perform the actions described above.\n  Only 'yes' will be accepted to approve.\n"
            case .destroy:
                bold("Do you really want to destroy all resources?")
                    + "\n  Mailkeel will forget all accounts and retire their grants here\(revokes ? ", and revoke them at the provider" : "").\n  Only 'yes' will be accepted to confirm.\n"
            }
        try console.output("\n\(question)\n  \(bold("Enter a value:")) ")
        let answer = await Terminal.readLine()
        try console.output("\n")
        guard answer == "yes" else {
            console.remark("\(operation.name) cancelled.")
            throw ExitStatus.failed.exit
        }
    }

    // MARK: The run

    private func apply(
        _ work: Work, _ ports: EnginePorts, _ stop: StopRequest, _ progress: ProgressReporter
    ) async throws -> RunReport {
        var options = context.runOptions(work.operation.rawValue)
        options.parallelism = request.parallelism
        options.lockTimeout = request.lockTimeout
        options.offersRefused = request.offersRefused
        options.isRemainder = work.isRemainder
        var applier = Applier(
            paths: context.paths, ports: ports, secrets: context.secrets, explanation: work.explanation,
            options: options)
        applier.isStopping = { stop.isRequested }
        applier.waitsForLock = { holder in
            stop.mayBeCutOffAtOnce(true)
            try? context.sayWaiting(for: holder)
        }
        do {
            let report = try await applier.apply(work.proposal.approved(work.plan)) { events in
                stop.mayBeCutOffAtOnce(false)
                await progress.show(events)
            }
            await progress.finish()
            return report
        } catch {
            await progress.finish()
            guard error.reason == .locked, let status = stop.status else { throw error }
            console.remark("Interrupted while waiting for the state lock. Nothing was changed.")
            throw status.exit
        }
    }

    // MARK: After

    private func finish(_ summary: RunSummary, _ report: RunReport, _ work: Work) throws {
        let failures = DiagnosticReport(report.failures.map(\.diagnostic)).sorted(in: work.sources)
        if console.isJSON {
            try console.show(failures, sources: work.sources)
            let lines = (summary.results + [summary.json]).map { $0.text() + "\n" }
            return try console.output(lines.joined())
        }
        for finding in report.findings { console.remark(finding) }
        try console.output(summary.table(console.outputStyle))
        if !failures.isEmpty { console.remark("") }
        try console.show(failures, sources: work.sources)
        for instruction in summary.instructions { console.remark("Note: \(instruction).") }
        try console.output(
            summary.sentence(
                console.outputStyle, pending: context.commandLine("apply", "--pending"), isRemainder: work.isRemainder))
    }
}
