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
        let named = try request.addresses.map { try slot(of: $0, in: project.set) }
        let replacing = request.again ? Set(named) : []
        let plan = try await context.plan(project, replacing: replacing).plan
        let all = ConsentRequest.all(in: plan, project.set)
        guard !named.isEmpty else {
            if request.all || all.count < 2 || (request.way == .here && !context.hasSomebody) { return all }
            try context.fail(
                Diagnostic(
                    .error, "authorize.which",
                    "\(all.count) authorizations wait for somebody: \(all.map(\.slot.description).joined(separator: ", "))",
                    help: "name the one that is meant, or --all", responsible: .operatorHere))
        }
        return try named.map { slot in
            guard let found = all.first(where: { $0.slot == slot }) else { try refuse(slot, plan) }
            return found
        }
    }

    private func slot(of address: ResourceAddress, in set: EffectiveSet) throws -> ResourceAddress {
        if address.kind == .authorization {
            guard !set.authorizations.contains(where: { $0.address == address }) else { return address }
            let near = Suggestion.nearest(
                to: address.description, among: set.authorizations.map(\.address.description))
            try context.fail(
                Diagnostic(
                    .error, "authorize.unknown", "no account needs \(address)",
                    help: near.map { "did you mean \"\($0)\"?" } ?? "mailkeel plan shows what accounts need",
                    responsible: .operatorHere))
        }
        guard let account = set.accounts.first(where: { $0.address == address }) else {
            let near = Suggestion.nearest(to: address.description, among: set.accounts.map(\.address.description))
            try context.fail(
                Diagnostic(
                    .error, "authorize.unknown", "there is no \(address)",
                    help: near.map { "did you mean \"\($0)\"?" } ?? "mailkeel plan shows what there is",
                    responsible: .operatorHere))
        }
        guard let slot = account.authorization else {
            try context.fail(
                Diagnostic(
                    .error, "authorize.no-oauth", "\(address) logs in without OAuth",
                    help: "nothing has to be authorized; mailkeel apply proves it", responsible: .operatorHere))
        }
        return slot
    }

    private func refuse(_ slot: ResourceAddress, _ plan: Plan) throws -> Never {
        let planned = plan.authorized.first { $0.id.address == slot }
        let isUnattended = planned != nil
        let again = "\(context.commandLine("authorize", slot.description, "--again")) asks for one all the same"
        let isConsented = if case .authorize(let work)? = planned?.work, case .adopt = work.way { true } else { false }
        try context.fail(
            Diagnostic(
                .error, isUnattended ? "authorize.no-person" : "authorize.in-service",
                isUnattended
                    ? isConsented
                        ? "the consent to \(slot) is in the vault already, and waits for its proof"
                        : "\(slot) needs no person: mailkeel apply obtains it"
                    : "\(slot) is authorized, and nothing asks for a new consent",
                help: isUnattended ? context.commandLine("apply") + (isConsented ? "; \(again)" : "") : again,
                responsible: .operatorHere))
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
