import ArgumentParser
import KeelBase
import KeelDiagnostics
import KeelEngine
import KeelPlan
import KeelState
import KeelSystem

/// One apply or destroy, from the plan to the last line.
struct ApplySession {
    enum Operation: String {
        case apply, destroy
    }

    let context: CommandContext
    let project: Project
    let operation: Operation
    let parallelism: Int
    let autoApprove: Bool
    let replacing: [String]

    private var console: Console { context.console }

    func run() async throws {
        guard autoApprove || !console.isJSON else {
            throw ValidationError("--json cannot ask; use it with --auto-approve")
        }
        let (plan, input) = try await context.plan(project, destroying: operation == .destroy, replacing: replacing)
        try show(plan)
        if !plan.isEmpty, !autoApprove { try await confirm() }
        let stop = StopRequest()
        let report = try await stop.whileWatching {
            try await context.withPorts { ports in
                try await context.reporting(project.sources) { try await apply(plan, input, ports, stop) }
            }
        }
        try finish(report, stop)
    }

    private func apply(
        _ plan: Plan, _ input: @escaping @Sendable (StateDocument?, VaultObservation) -> PlanInput,
        _ ports: EnginePorts,
        _ stop: StopRequest
    ) async throws -> RunReport {
        let project = project
        var applier = Applier(
            paths: context.paths, ports: ports, secrets: context.secrets,
            explanation: FailureExplanation { project.place($0, $1) })
        applier.parallelism = parallelism
        applier.isStopping = { stop.isRequested }
        let progress = ProgressLines(plan: plan, console: console, sources: project.sources)
        return try await applier.apply(
            plan, operation: operation.rawValue, who: context.who, version: MailkeelVersion.current, input: input
        ) { await progress.show($0) }
    }

    // MARK: Before

    private func show(_ plan: Plan) throws {
        if console.isJSON {
            try console.output(plan.json { $0.json(in: project.sources) })
        } else if operation == .destroy, plan.isEmpty {
            try console.output("\(console.outputStyle.green("No changes.")) No objects need to be destroyed.\n")
        } else {
            try console.output(PlanText(style: console.outputStyle).render(plan))
        }
    }

    private func confirm() async throws {
        let bold = console.outputStyle.bold
        let question =
            switch operation {
            case .apply:
                bold("Do you want to perform these actions?")
                    + "\n  Mailkeel will perform the actions described above.\n  Only 'yes' will be accepted to approve.\n"
            case .destroy:
                bold("Do you really want to destroy all resources?")
                    + "\n  Mailkeel will forget all accounts and retire their grants here.\n  Only 'yes' will be accepted to confirm.\n"
            }
        try console.output("\n\(question)\n  \(bold("Enter a value:")) ")
        let answer = await Terminal.readLine()
        try console.output("\n")
        guard answer == "yes" else {
            console.remark(operation == .apply ? "Apply cancelled." : "Destroy cancelled.")
            throw ExitStatus.failed.exit
        }
    }

    // MARK: After

    private func finish(_ report: RunReport, _ stop: StopRequest) throws {
        for finding in report.findings where !console.isJSON { console.remark(finding) }
        let failures = DiagnosticReport(report.failures.map(\.diagnostic)).sorted(in: project.sources)
        if !failures.isEmpty, !console.isJSON { console.remark("") }
        try console.show(failures, sources: project.sources)
        for skipped in report.skipped where !console.isJSON {
            console.remark("\(skipped.address) was left as it is: it waits for \(skipped.because), which failed.")
        }
        for address in report.notReached where !console.isJSON { console.remark("\(address) was not reached.") }
        let status = status(report, stop)
        if console.isJSON { try console.output(summary(report, status)) } else { try console.output(sentence(report)) }
        if status != .done { throw status.exit }
    }

    private func status(_ report: RunReport, _ stop: StopRequest) -> ExitStatus {
        if let status = stop.status, !report.notReached.isEmpty || !report.failures.isEmpty { return status }
        if report.hasFailed { return .failed }
        return report.hasOnlyUnproven ? .unproven : .done
    }

    /// The last line, in the words that tools look for.
    private func sentence(_ report: RunReport) -> String {
        let style = console.outputStyle
        let counts = report.applied
        let isComplete = report.failures.isEmpty && report.notReached.isEmpty
        let numbers =
            switch operation {
            case .apply: "Resources: \(counts.add) added, \(counts.change) changed, \(counts.destroy) destroyed."
            case .destroy: "Resources: \(counts.destroy) destroyed."
            }
        let name = operation == .apply ? "Apply" : "Destroy"
        return isComplete
            ? "\n\(style.bold(style.green("\(name) complete!"))) \(numbers)\n"
            : "\n\(style.bold(style.red("\(name) incomplete."))) \(numbers) What succeeded stays.\n"
    }

    private func summary(_ report: RunReport, _ status: ExitStatus) -> JSON {
        .object([
            .init("type", "summary"),
            .init("add", .integer(report.applied.add)), .init("change", .integer(report.applied.change)),
            .init("destroy", .integer(report.applied.destroy)), .init("failed", .integer(report.failures.count)),
            .init(
                "skipped",
                .array(
                    report.skipped.map {
                        .object([
                            .init("address", .string($0.address.description)),
                            .init("because", .string($0.because.description)),
                        ])
                    })),
            .init("notReached", .array(report.notReached.map { .string($0.description) })),
            .init("findings", .array(report.findings.map(JSON.string))),
            .init("exitCode", .integer(Int(status.rawValue))),
        ])
    }
}
