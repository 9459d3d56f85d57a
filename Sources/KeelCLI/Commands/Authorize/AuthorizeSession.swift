import ArgumentParser
import KeelBase
import KeelDiagnostics
import KeelEngine
import KeelModel
import KeelPlan
import KeelState
import KeelSystem
import KeelVault

/// One `authorize`, from the plan to the last consent.
struct AuthorizeSession {
    let context: CommandContext
    let request: AuthorizeRequest

    private var console: Console { context.console }

    func run() async throws {
        var (outcome, status) = (Outcome(), ExitStatus.done)
        do {
            try await ask(&outcome)
            if outcome.failed > 0 { status = .failed }
        } catch let code as ExitCode {
            status = ExitStatus(rawValue: code.rawValue) ?? .failed
        }
        if console.isJSON { try console.output(outcome.summary(status)) }
        guard status == .done else { throw status.exit }
        if request.applies, outcome.given > 0 { try await applyRemainder() }
    }

    private func ask(_ outcome: inout Outcome) async throws {
        let project = try context.loadProject()
        let waiting = try await waiting(in: project)
        guard !waiting.isEmpty else { return try sayNothingWaits() }
        guard request.way != .here || context.hasSomebody else { return try sayCommands(waiting) }
        // Before anything else, so that the prompt is not in its way.
        let adopted = request.way == .adopt ? try await context.readSecret(asking: "Refresh token") : nil
        try await context.preparePassphrase()
        let stop = StopRequest()
        stop.mayBeCutOffAtOnce(true)
        stop.announce { _ in }
        let explanation = FailureExplanation { project.place($0, $1) }
        outcome = try await stop.whileWatching {
            try await context.withPorts { ports in
                try await authorize(waiting, adopting: adopted, ports, explanation, project.sources, stop)
            }
        }
        if let status = stop.status {
            console.remark("Interrupted. What was given is stored; what was not is still asked for.")
            throw status.exit
        }
    }

    // MARK: What waits

    /// What is to be asked for, in order; ends the command when an address cannot be.
    private func waiting(in project: Project) async throws -> [ConsentRequest] {
        try await context.reporting {
            let choice = try ConsentChoice(naming: request.addresses, in: project.set, context.paths.place)
            let plan = try await context.plan(project, replacing: request.again ? Set(choice.slots) : []).plan
            return try choice.requests(
                in: plan, allowsSeveral: request.all || (request.way == .here && !context.hasSomebody))
        }
    }

    private func sayNothingWaits() throws {
        if !console.isJSON { try console.output("Nothing waits for anybody.\n") }
    }

    /// Never a link or a code where nobody sits: whoever reads a log could answer in another's name.
    private func sayCommands(_ waiting: [ConsentRequest]) throws {
        for consent in waiting {
            let command = context.commandLine("authorize", consent.slot.description)
            if console.isJSON {
                try console.output(
                    .object([
                        .init("type", "authorization_pending"), .init("address", .string(consent.slot.description)),
                        .init("subject", .string(consent.work.subject)), .init("command", .string(command)),
                    ]))
            } else {
                try console.output(
                    "\(consent.slot) waits for \(ForeignText(consent.work.subject)). In a terminal:\n\n    \(command)\n\n"
                )
            }
        }
        console.remark(
            "Nobody can be asked here: this is no terminal. --start prints a link or code to be sent to whoever consents."
        )
        throw ExitStatus.pending.exit
    }

    // MARK: Consents

    private struct Outcome: Sendable {
        var given = 0
        /// Begun here, for somebody who finishes it.
        var begun = 0
        var failed = 0

        /// The last object.
        func summary(_ status: ExitStatus) -> JSON {
            .object(
                [
                    .init("type", "summary"), .init("operation", "authorize"), .init("given", .integer(given)),
                    .init("begun", .integer(begun)), .init("failed", .integer(failed)),
                ] + ExitStatus.members([status]))
        }
    }

    /// One after the other: a person does one thing at a time.
    private func authorize(
        _ waiting: [ConsentRequest], adopting adopted: Secret?, _ ports: EnginePorts, _ explanation: FailureExplanation,
        _ sources: SourceMap, _ stop: StopRequest
    ) async throws -> Outcome {
        var findings: [String] = []
        let vault = try await context.reporting {
            try await VaultAccessor(paths: context.paths, files: context.files, time: context.time)
                .openOrCreate(&findings)
        }
        for finding in findings { console.remark(finding) }
        var authorizer = Authorizer(
            vault: vault, paths: context.paths, ports: ports, secrets: context.secrets, explanation: explanation,
            run: RunIdentity.make(), actor: context.who)
        authorizer.acceptsIdentity = request.acceptsIdentity
        var outcome = Outcome()
        do {
            for words in try await authorizer.lostRedemptions(of: waiting) { console.remark(words) }
            let dialogue = ConsentDialogue(
                context: context, request: request, authorizer: authorizer, adopted: adopted, stop: stop,
                total: waiting.count)
            for (index, consent) in waiting.enumerated() where !Task.isCancelled && !stop.isRequested {
                do throws(StepFailure) {
                    if try await dialogue.run(consent, index + 1) { outcome.given += 1 } else { outcome.begun += 1 }
                } catch {
                    if Task.isCancelled { break }
                    outcome.failed += 1
                    try console.show([error.diagnostic], sources: sources)
                }
            }
        } catch let failure as StepFailure {
            outcome.failed += 1
            try console.show([failure.diagnostic], sources: sources)
        }
        await vault.close()
        return outcome
    }

    /// What was approved and waited for this; a consent that was asked for again is a change that nobody has approved.
    private func applyRemainder() async throws {
        try await ApplySession(
            context: context,
            request: ApplyRequest(
                operation: .apply, approval: request.again ? .question : .pending, parallelism: request.parallelism,
                lockTimeout: request.lockTimeout, allowsPending: false)
        ).run()
    }
}

extension CommandContext {
    /// Whether somebody sits here who can be asked, and answers in words.
    var hasSomebody: Bool {
        !console.isJSON && Self.hasPerson(environment)
    }
}
