import ArgumentParser
import KeelBase
import KeelDiagnostics
import KeelEngine
import KeelModel
import KeelPlan
import KeelState

extension CommandContext {
    /// Reads the manifests and shows what there is to say about them; ends the command if there is a mistake.
    func loadProject() throws -> Project {
        let project = readProjects([selected]).first ?? .empty
        try conclude(project.report, project.sources)
        return project
    }

    /// Reads the manifests as each of these environments sees them; nil stands for a project that has none.
    func readProjects(_ environments: [DeclaredEnvironment?]) -> [Project] {
        Project.loadAll(
            head ?? ProjectHead(paths.directory, files: files), choices, in: environments, files: files, now: time.now,
            keepers: keepers)
    }

    /// Shows what there is to say about manifests; ends the command if there is a mistake. Notes are shown where it was asked
    /// for a judgement; else only skipped files are mentioned.
    func conclude(_ report: DiagnosticReport, _ sources: SourceMap, showsNotes: Bool = false) throws {
        let remarks = report.sorted(in: sources)
        guard report.hasErrors else {
            guard !console.isJSON else { return }
            try console.show(remarks.filter { $0.severity == .warning || showsNotes }, sources: sources)
            if !showsNotes { mentionSkipped(remarks.filter { $0.code == "project.skipped-file" }) }
            return
        }
        try console.show(remarks, sources: sources)
        if !console.isJSON, let summary = report.summary { console.remark(summary) }
        throw ExitStatus.failed.exit
    }

    /// Says which files were taken for another tool's: a misspelt apiVersion must not pass in silence.
    private func mentionSkipped(_ notes: [Diagnostic]) {
        for note in notes.prefix(3) { console.remark("Note: \(note.message).") }
        if notes.count > 3 { console.remark("Note: and \(counted(notes.count - 3, "more file")) like that.") }
    }

    /// Reads the state without writing anything.
    func readState() throws -> StateSnapshot {
        do {
            return try StateStore(paths.state, files: files).read()
        } catch {
            try show(error)
            throw ExitStatus.failed.exit
        }
    }

    /// The state, which must be there.
    func requireState() throws -> StateDocument {
        if let document = try readState().document { return document }
        try fail(
            Diagnostic.error(
                "state.none", "there is no state at \(paths.state.state)",
                help: "run mailkeel apply first, or name the project's directory with --chdir"))
    }

    /// Plans; ends the command if something cannot be planned.
    func plan(
        _ project: Project, destroying: Bool = false, replacing: Set<ResourceAddress> = [], revoking: Bool = false
    ) async throws -> Proposal {
        let snapshot = try readState()
        let vault = await VaultObserver.observe(paths.vault, files: files)
        let now = time.now
        let desired = destroying ? .init() : project.set
        let keepers = keepers
        let paths = paths
        let replan: @Sendable (StateDocument?, VaultObservation) -> Planner = { document, vault in
            Planner(
                PlanInput(
                    desired: desired, committed: document, vault: vault, now: now, replacing: replacing,
                    revokes: revoking, destroys: destroying, keepers: keepers, vaultPath: paths.vault,
                    place: paths.place))
        }
        let planner = replan(snapshot.document, vault)
        let report = DiagnosticReport(planner.diagnostics.map(mended))
        if !report.isEmpty { try console.show(report.sorted(in: project.sources), sources: project.sources) }
        if report.hasErrors { throw ExitStatus.of(planner.diagnostics).exit }
        if let journal = snapshot.leftover { try mention(journal) }
        return Proposal(
            plan: planner.plan, document: snapshot.document, vault: vault, destroys: destroying,
            replacing: replacing, revokes: revoking, replan: replan)
    }

    /// The part of what was proposed that a selector selects.
    func select(_ selector: LabelSelector, _ proposal: Proposal, of desired: EffectiveSet) throws -> Proposal {
        do throws(StateFailure) {
            return proposal.restricted(to: try Selection(selector, desired: desired, committed: proposal.document))
        } catch {
            try show(error)
            throw ExitStatus.failed.exit
        }
    }

    /// A diagnostic about a damaged record, with the command that restores the newest backup.
    private func mended(_ diagnostic: Diagnostic) -> Diagnostic {
        guard diagnostic.code == StateFailure.Code.corrupt.rawValue else { return diagnostic }
        var diagnostic = diagnostic
        let failure = StateFailure(.corrupt, path: paths.state.state, diagnostic.message)
        diagnostic.help = StateStore(paths.state, files: files).mended(failure).remedy
        return diagnostic
    }

    /// Says that another run is under way, or was killed, and what that means.
    private func mention(_ journal: Journal) throws {
        let results = counted(journal.entries.count, "result")
        // The kernel knows whether the run lives; the number of its process may be another's by now.
        let words =
            if case .held(let holder?) = try? StateStore(paths.state, files: files).holder(),
                holder.id == journal.header.run
            {
                "Another run is under way: \(holder.summary). What it has committed so far, \(results), counts as committed here; plan again when it has ended."
            } else {
                "An earlier run (\(journal.header.run)) did not finish; what its journal holds, \(results), counts as committed, and the next apply folds it in."
            }
        if console.isJSON {
            try console.output(.object([.init("type", "finding"), .init("message", .string(words))]))
        } else {
            console.remark(words)
        }
    }

    /// Says whose lock it waits for.
    func sayWaiting(for holder: LockRecord?) throws {
        if console.isJSON {
            try console.output(.present(("type", "lock_wait"), ("holder", holder?.json)))
        } else {
            let whose = holder.map { " \($0.summary) holds it." } ?? ""
            console.remark("Acquiring state lock. This may take a few moments...\(whose)")
        }
    }

    /// Reads an address, with the kind or as the bare name of an account.
    func address(_ text: String) throws -> ResourceAddress {
        if let address = ResourceAddress(parsing: text) { return address }
        guard !text.contains("/") else {
            throw ValidationError("\(text) is no address; addresses look like EmailAccount/support")
        }
        return ResourceAddress(.emailAccount, text)
    }

    /// Shows why a command could not do its work, and ends it with the code that fits.
    func fail(_ diagnostics: Diagnostic..., status: ExitStatus = .failed, sources: SourceMap = SourceMap()) throws
        -> Never
    {
        try console.show(diagnostics, sources: sources)
        throw status.exit
    }

    /// Runs `body`, turning a failure of the engine into words and an exit code.
    func reporting<Result>(
        _ sources: SourceMap = SourceMap(), _ body: () async throws -> Result
    ) async throws -> Result {
        do {
            return try await body()
        } catch let failure as EngineFailure {
            try show(failure, sources: sources)
            throw ExitStatus.of(failure).exit
        } catch let failure as StepFailure {
            try console.show([failure.diagnostic], sources: sources)
            throw failure.status.exit
        }
    }

    func show(_ failure: StateFailure) throws {
        let failure = StateStore(paths.state, files: files).mended(failure)
        let diagnostic = Diagnostic(
            .error, failure.code.rawValue, failure.description, help: failure.remedy, responsible: .operatorHere)
        try console.show([diagnostic], sources: SourceMap())
    }
}
