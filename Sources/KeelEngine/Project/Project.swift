import KeelBase
import KeelDiagnostics
import KeelModel
import KeelPlan

/// The manifests of a project, read and resolved.
package struct Project: Sendable {
    package let sources: SourceMap
    package let set: EffectiveSet
    /// Every mistake in every file, and notes on files that were skipped.
    package let report: DiagnosticReport

    /// No manifests at all, which is what destroying wants.
    package static let empty = Project(sources: SourceMap(), set: EffectiveSet(), report: DiagnosticReport())

    /// Reads the manifests that the project file names, else every `*.yaml` and `*.yml` below the directory except hidden
    /// paths, as one environment sees them.
    ///
    /// Writes nothing, contacts nobody, reads no secret. What the manifests want is judged by the rules of lint, as of `now` and
    /// with those of the keepers.
    package static func load(
        _ head: ProjectHead, _ choices: ProjectChoices = ProjectChoices(), in environment: DeclaredEnvironment?,
        files: any FileStore, now: Timestamp, keepers: [any Keeper] = [LocalKeeper()]
    ) -> Project {
        let all = loadAll(head, choices, in: [environment], files: files, now: now, keepers: keepers)
        return all.first ?? .empty
    }

    /// The project at `paths`, with its project file read for this.
    package static func load(
        _ paths: ProjectPaths, files: any FileStore, now: Timestamp = SystemTimeSource().now,
        keepers: [any Keeper] = [LocalKeeper()]
    ) -> Project {
        let head = ProjectHead(paths.directory, files: files)
        let environment = paths.selected.flatMap { head.file?.environments[$0] }
        return load(head, in: environment, files: files, now: now, keepers: keepers)
    }

    /// The project as each of some environments sees it. Each file is read once.
    package static func loadAll(
        _ head: ProjectHead, _ choices: ProjectChoices, in environments: [DeclaredEnvironment?],
        files: any FileStore, now: Timestamp, keepers: [any Keeper]
    ) -> [Project] {
        var sources = head.sources
        let named = head.variableFiles(choices, files: files, &sources)
        let variables = environments.map { head.variables(choices, named.streams, in: $0) }
        let shared = head.diagnostics + named.diagnostics
        let mistakes = shared + variables.flatMap(\.diagnostics)
        // Whatever is wrong with a reference may follow from one of these; all else is said at once.
        let isDecided = !mistakes.contains { $0.severity == .error }
        let scopes = variables.map { isDecided ? $0.scope : .undecided }
        var loader = ProjectLoader(head, scopes: scopes, sources: sources, files: files)
        loader.load()
        let linter = Linter(
            policy: head.file?.policy ?? ProjectPolicy(),
            keepers: Dictionary(
                keepers.map { ($0.name, $0.capabilities.rules) }, uniquingKeysWith: { first, _ in first }),
            now: now)
        return environments.indices.map { index in
            let resolver = Resolver(loader.decoders[index].declarations, in: environments[index])
            var report = DiagnosticReport(shared + variables[index].diagnostics + loader.diagnostics)
            report.append(contentsOf: loader.diagnosticsOfEnvironment[index])
            report.append(contentsOf: loader.decoders[index].diagnostics)
            report.append(contentsOf: resolver.diagnostics)
            report.append(contentsOf: linter.lint(resolver.set))
            if let environment = environments[index] {
                report.append(contentsOf: leftBehind(environment, head, files))
            }
            report.mergeRepeats()
            return Project(sources: loader.sources, set: resolver.set, report: report)
        }
    }

    /// A state from before there were environments, which the environment does not see: the plan would create everything again.
    private static func leftBehind(
        _ environment: DeclaredEnvironment, _ head: ProjectHead, _ files: any FileStore
    ) -> [Diagnostic] {
        let old = "\(ProjectPaths.hiddenDirectory)/state.json"
        func isThere(_ path: String) -> Bool {
            ((try? files.mode(ProjectPaths.join(head.directory, path))) ?? nil) != nil
        }
        let owners = (head.file?.environments ?? [:]).values.filter { $0.statePath == old }
        guard owners.isEmpty, isThere(old), !isThere(environment.statePath) else { return [] }
        let name = environment.name.value
        return [
            .warning(
                "project.state-left-behind",
                "environment \(name) begins without a state, and there is one from before there were environments: \(old)",
                at: environment.name.range.firstLine,
                help:
                    "if it is that of \(name), write state: \(old) and vault: \(ProjectPaths.hiddenDirectory)/vault.db under environments.\(name); else move it away"
            )
        ]
    }

    /// Where the first of these fields that the resource's manifest gives stands, else the resource itself.
    package func place(_ address: ResourceAddress, _ fields: [String]) -> SourceRange? {
        let spec =
            Self.spec(at: address, among: set.accounts, \.spec) ?? Self.spec(at: address, among: set.profiles, \.spec)
        guard let spec else { return nil }
        return fields.first(where: spec.isDeclared).map(spec.place(of:)) ?? spec.place
    }

    /// Resources stand in order of their addresses, and a thousand of them may fail at once.
    private static func spec<Resource>(
        at address: ResourceAddress, among resources: [Resource], _ spec: KeyPath<Resource, EffectiveSpec>
    ) -> EffectiveSpec? {
        var range = resources.indices
        while let first = range.first, !range.isEmpty {
            let middle = first + range.count / 2
            let found = resources[middle][keyPath: spec]
            if found.address == address { return found }
            range = found.address < address ? (middle + 1)..<range.upperBound : first..<middle
        }
        return nil
    }
}
